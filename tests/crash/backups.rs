//! Rule 14: a backup taken under load restores to the same sealed head.

use super::{Act, CLIENTS, browser, post};
use crate::books::{ground::number, sums};
use crate::rooms::funds::Cast;
use crate::support::World;
use crate::support::served::Served;
use crate::support::tools;
use entities::kinds::{FundId, FundraisingMode};
use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

/// The program with a command, on a data folder.
fn tributary(data: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tributary"))
        .arg("--config")
        .arg(data.join("tributary.toml"))
        .args(arguments)
        .env("TRIBUTARY_DATA", data)
        .env("RUST_LOG", "error")
        .output()
        .unwrap()
}

/// The same, which must do well; answers what it printed.
fn well(data: &Path, arguments: &[&str]) -> String {
    let out = tributary(data, arguments);
    let said = String::from_utf8_lossy(&out.stdout).into_owned();
    assert!(out.status.success(), "{arguments:?}: {said}{}", String::from_utf8_lossy(&out.stderr));
    said
}

/// The head that a command printed, line by line.
fn head(said: &str) -> Vec<String> {
    let lines = said.lines().skip_while(|line| *line != "tributary head 1");
    lines.take_while(|line| !line.is_empty()).map(str::to_owned).collect()
}

/// Both files of a batch as somebody saved them, and the key they were signed by.
struct Saved {
    ledger: String,
    heads: String,
    key: String,
    batch: i64,
}

impl Saved {
    /// Saves the files of a batch, the newest where none is named.
    async fn from(url: &str, into: &Path, batch: Option<i64>) -> Self {
        let get = async |path: String| reqwest::get(format!("{url}{path}")).await.unwrap().text().await.unwrap();
        let of = batch.map(|batch| format!("?batch={batch}")).unwrap_or_default();
        let heads = get(format!("/data/heads.json{of}")).await;
        let told: serde_json::Value = serde_json::from_str(&heads).unwrap();
        let batch = told["heads"].as_array().unwrap().last().unwrap()["batch"].as_i64().unwrap();
        let ledger = get(format!("/data/ledger.jsonl?batch={batch}")).await;
        std::fs::create_dir_all(into).unwrap();
        let kept = |name: &str, text: &str| {
            std::fs::write(into.join(name), text).unwrap();
            into.join(name).to_str().unwrap().to_owned()
        };
        let (ledger, heads) = (kept("ledger.jsonl", &ledger), kept("heads.json", &heads));
        Self { ledger, heads, key: told["public_key"].as_str().unwrap().to_owned(), batch }
    }

    /// What examines them, away from every database.
    fn verify(&self) -> [&str; 6] {
        ["verify", &self.ledger, "--heads", &self.heads, "--key", &self.key]
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_14_a_backup_taken_under_load_restores_to_the_same_sealed_head() {
    let folder = tempfile::tempdir().unwrap();
    let (data, backup, restored) =
        (folder.path().join("data"), folder.path().join("taken.tar"), folder.path().join("restored"));
    std::fs::create_dir(&data).unwrap();
    let (finance, approver, donor, today) = {
        let world = World::open_in(&data).await;
        world.found().await;
        let cast = Cast::on(world).await;
        assert_eq!(cast.signed(FundraisingMode::Targeted, 0).await, FundId(1));
        let world = &cast.world;
        (world.session(cast.finance).await, world.session(cast.approver).await, cast.initiator, world.edges.today())
    };
    let served = Served::start(&data).await;
    let (stop, done) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let givers: Vec<_> = (0..CLIENTS)
        .map(|n| {
            let (url, client, finance, approver) = (served.url.clone(), browser(), finance.clone(), approver.clone());
            let (stop, done) = (stop.clone(), done.clone());
            tokio::spawn(async move {
                for k in 0.. {
                    if stop.load(Ordering::SeqCst) {
                        return;
                    }
                    let gift = post(&client, &url, &Act::receipt(&finance, donor, today, n, k)).await.unwrap();
                    post(&client, &url, &Act::confirmation(&approver, &gift)).await.unwrap();
                    done.fetch_add(1, Ordering::SeqCst);
                }
            })
        })
        .collect();
    let gifts = async |least: u64| {
        while done.load(Ordering::SeqCst) < least {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    gifts(20).await;
    well(&data, &["seal"]);
    let old = Saved::from(&served.url, &folder.path().join("old"), None).await;
    well(folder.path(), &old.verify());
    gifts(40).await;
    let before = done.load(Ordering::SeqCst);
    let taken = well(&data, &["backup", backup.to_str().unwrap()]);
    let after = done.load(Ordering::SeqCst);
    assert!(!head(&taken).is_empty(), "{taken}");
    gifts(after + 10).await;
    stop.store(true, Ordering::SeqCst);
    for giver in givers {
        giver.await.unwrap();
    }
    // The books go on and are sealed further; what was taken is what it was.
    well(&data, &["seal"]);
    let live = Saved::from(&served.url, &folder.path().join("live"), None).await;
    well(folder.path(), &live.verify());
    let back = well(&restored, &["restore", backup.to_str().unwrap()]);
    assert_eq!(head(&back), head(&taken));
    let again = tributary(&restored, &["restore", backup.to_str().unwrap()]);
    assert!(!again.status.success(), "restored over what is there");
    let world = World::open_in(&restored).await;
    sums::hold(&world).await;
    let received = number(&world, "select count(*) from gift where stage = 'received'").await;
    let received = u64::try_from(received).unwrap();
    assert!(received >= before, "{received} of {before} gifts that were acknowledged before");
    assert_eq!(number(&world, "select count(*) from lot").await, i64::try_from(received).unwrap());
    drop(world);
    well(&restored, &["check"]);
    // The restored house seals on with the key it got back, and everybody's files from before the backup still fit.
    well(&restored, &["seal"]);
    let copy = Served::start(&restored).await;
    let own = Saved::from(&copy.url, &folder.path().join("own"), None).await;
    let told = well(folder.path(), &[&own.verify()[..], &["--kept", &old.heads]].concat());
    assert!(told.contains("ok   "), "{told}");
    let then = Saved::from(&copy.url, &folder.path().join("then"), Some(old.batch)).await;
    well(folder.path(), &["verify", &old.ledger, "--heads", &then.heads, "--key", &own.key]);
    well(folder.path(), &["verify", &then.ledger, "--heads", &old.heads, "--key", &own.key]);
    well(&restored, &["check", "--kept", &old.heads]);
    // What was published after it is not in it: another head has its number now, and whoever kept the first is told.
    let taken_at: i64 = head(&taken)[1].strip_prefix("batch ").unwrap().parse().unwrap();
    let (next, lost) = (taken_at + 1, "is not the one that was kept");
    assert!(live.batch > taken_at && own.batch > taken_at, "nothing was sealed after the backup");
    for arguments in [[&own.verify()[..], &["--kept", &live.heads]].concat(), vec!["check", "--kept", &live.heads]] {
        let out = tributary(&restored, &arguments);
        let told = String::from_utf8_lossy(&out.stdout).into_owned();
        assert!(!out.status.success() && told.contains("WRONG"), "{told}");
        assert!(told.contains(&format!("head {next}: {lost}")), "{told}");
    }
    let twice = folder.path().join("twice");
    let out = tributary(&twice, &["restore", backup.to_str().unwrap(), "--kept", &live.heads]);
    let told = String::from_utf8_lossy(&out.stdout).into_owned();
    assert!(!out.status.success() && told.contains(&format!("WRONG head {next}: was kept, and is not here")), "{told}");
    tools::say(&format!("a backup among {received} gifts: {}", head(&taken)[1]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_needs_something_to_back_up_and_verify_answers_by_its_status() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let target = folder.path().join("b");
    let out = tributary(&data, &["backup", target.to_str().unwrap()]);
    assert!(!out.status.success() && !target.exists(), "a backup of nothing");
    {
        let world = World::open_in(&data).await;
        let by = &crate::books::ground::system(&world);
        for n in 0..3 {
            let key = n.to_string();
            let key = &key;
            by.write(|tx| async move {
                tributary::ledger::recipes::capital(&tx, by, crate::books::ground::sum(100), key).await
            })
            .await
            .unwrap();
        }
    }
    assert!(well(&data, &["seal"]).contains("1 heads"));
    let world = World::open_in(&data).await;
    let ledger = tributary::ledger::seal::export::ledger(&world.edges, None).await.unwrap().whole().await.unwrap();
    let heads = tributary::ledger::seal::export::all_heads(&world.edges, None).await.unwrap().whole().await.unwrap();
    let (ledger_file, heads_file) = (folder.path().join("ledger.jsonl"), folder.path().join("heads.json"));
    let ask = |ledger: &str, more: &[&str]| {
        std::fs::write(&ledger_file, ledger).unwrap();
        std::fs::write(&heads_file, &heads).unwrap();
        let mut arguments = vec!["verify", ledger_file.to_str().unwrap(), "--heads", heads_file.to_str().unwrap()];
        arguments.extend(more);
        // No data folder, no settings, no database: only the two files.
        let out = tributary(&folder.path().join("nowhere"), &arguments);
        assert!(!folder.path().join("nowhere").exists());
        (out.status.success(), String::from_utf8(out.stdout).unwrap())
    };
    let (fits, told) = ask(&ledger, &[]);
    assert!(fits && told.contains("3 transfers, 1 heads, up to head 1"), "{told}");
    assert!(told.contains("bank:CNY 300 minor units CNY"), "{told}");
    let (fits, told) = ask(&ledger.replacen("\"amount_minor\":100", "\"amount_minor\":900", 1), &[]);
    assert!(!fits && told.contains("WRONG transfer 1 (line 1): was edited"), "{told}");
    let (fits, told) = ask(&ledger, &["--key", &"ab".repeat(32)]);
    assert!(!fits && told.contains("signed by another key"), "{told}");
}
