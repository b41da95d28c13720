//! The sealed books to take away: the ledger as lines, the heads, the proof of one entry, and the page that says how to check them.

use crate::error::{Error, Result};
use crate::ledger::books::{from_number, number};
use crate::ledger::seal::export::{self, Export};
use crate::ledger::seal::proof::{self, Proof};
use crate::ledger::seal::sealer::{self, Known};
use crate::people::permission::Context;
use crate::web::page::{Answer, Reply};
use crate::web::parts::Fact;
use crate::web::pieces::Pieces;
use crate::web::sheet::{Block, Cell, Sheet};
use entities::kinds::PostingId;
use rocket::futures::stream::{StreamExt, unfold};
use serde_json::json;

/// Heads on a page.
const PAGE: u64 = 30;
/// Digits of a hash that a table shows; the whole stands in the file.
const SHORT: usize = 16;

/// Every sealed transfer, a line each.
///
/// # Errors
/// When the database cannot be read.
pub async fn ledger(context: &Context, batch: Option<i64>) -> Result<Pieces> {
    let export = export::ledger(&context.edges, batch).await?;
    Ok(pieces(export, context.request.clone(), "application/jsonl", "ledger.jsonl"))
}

/// Every head.
///
/// # Errors
/// When the database cannot be read.
pub async fn heads(context: &Context, batch: Option<i64>) -> Result<Pieces> {
    let export = export::all_heads(&context.edges, batch).await?;
    Ok(pieces(export, context.request.clone(), "application/json", "heads.json"))
}

fn pieces(export: Export, request: String, media_type: &'static str, name: &'static str) -> Pieces {
    let pieces = unfold(Some(export), move |export| {
        let request = request.clone();
        async move {
            let mut export = export?;
            match export.next().await {
                Ok(piece) => piece.map(|piece| (piece, Some(export))),
                Err(error) => {
                    // The answer has begun: it ends here, and `verify` says that its tail is cut.
                    tracing::error!(request, %error, file = name, "export ended early");
                    None
                }
            }
        }
    });
    Pieces { pieces: pieces.boxed(), media_type, name }
}

/// The proof of an entry as a file.
///
/// # Errors
/// [`Error::NotFound`] for an entry there is none of, or that is not sealed yet.
pub async fn proof_file(context: &Context, text: &str) -> Answer {
    let id = from_number(text).filter(|id| number(*id) == text).ok_or(Error::NotFound)?;
    let proofs = proof::of_entry(&context.edges, id).await?;
    if proofs.is_empty() {
        return Err(Error::NotFound);
    }
    let file = json!({ "format": "tributary-proof-1", "entry": text, "proofs": proofs });
    let bytes = serde_json::to_vec_pretty(&file)?;
    let (media_type, name) = ("application/json".to_owned(), format!("{text}-proof.json"));
    Ok(Reply::File { bytes, media_type, name, public: true })
}

/// What the page of an entry says of its seal.
#[derive(Debug, Clone, Default, serde::Serialize)]
pub struct Seal {
    facts: Vec<Fact>,
    proofs: Vec<ProofLines>,
    href: String,
}

/// The proof of one transfer to read.
#[derive(Debug, Clone, serde::Serialize)]
struct ProofLines {
    title: String,
    lines: Vec<String>,
}

impl Seal {
    /// Of an entry; empty while it waits to be sealed.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn of(context: &Context, id: PostingId) -> Result<Self> {
        let proofs = proof::of_entry(&context.edges, id).await?;
        let Some(first) = proofs.first() else { return Ok(Self::default()) };
        let at = first.at.parse().map(|at| context.moment(at)).unwrap_or_default();
        let facts = vec![
            Fact::linked(context.t("seal-batch"), first.batch.to_string(), "/ledger/seals"),
            Fact::new(context.t("seal-at"), at),
            Fact::new(context.t("seal-root"), first.root.clone()),
        ];
        let proofs = proofs.iter().map(|proof| ProofLines::of(context, proof)).collect();
        Ok(Self { facts, proofs, href: format!("/ledger/{}/proof.json", number(id)) })
    }

    /// A sample for the test that renders every view.
    pub fn sample() -> Self {
        let lines = ProofLines { title: "t".into(), lines: vec!["h".into()] };
        Self { facts: vec![Fact::new("a", "b")], proofs: vec![lines], href: "/ledger/V-000001/proof.json".into() }
    }
}

impl ProofLines {
    fn of(context: &Context, proof: &Proof) -> Self {
        let told = [
            ("transfer", proof.transfer.to_string()),
            ("place", (proof.place + 1).to_string()),
            ("transfers", proof.transfers.to_string()),
        ];
        let told: Vec<(&str, &str)> = told.iter().map(|(name, text)| (*name, text.as_str())).collect();
        Self { title: context.t_with("seal-place", &told), lines: proof.path.clone() }
    }
}

/// The heads with the way to check them.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(context: &Context, before: Option<i64>) -> Answer {
    let db = context.edges.db.read();
    let newest = sealer::newest(db).await?;
    let mut rows = sealer::heads(db, before, PAGE + 1).await?;
    let more = rows.len() as u64 > PAGE;
    rows.truncate(PAGE as usize);
    let older = rows.last().filter(|_| more).map(|row| format!("/ledger/seals?before={}", row.id));
    let cells = |row: &Known| {
        vec![
            Cell::lead(row.id.to_string(), ""),
            Cell::text(context.moment(row.at)),
            Cell::number(row.transfers.to_string()),
            Cell::number(format!("{}–{}", row.first_transfer_id, row.last_transfer_id)),
            Cell::text(row.root.chars().take(SHORT).collect::<String>()),
        ]
    };
    let table = Block::Table {
        title: context.t("seals-heads"),
        heads: ["head-batch", "head-sealed-at", "head-transfers", "head-numbers", "head-root"]
            .map(|key| context.t(key))
            .into(),
        rows: rows.iter().map(cells).collect(),
        empty: context.t("seals-empty"),
    };
    let mut sheet = Sheet::new(context.t("seals-title"))
        .under(&[(context.t("ledger-title"), "/ledger")])
        .sentence(context.t("seals-sentence"));
    if let Some(head) = newest {
        // Both files of one batch: taken a minute apart they still belong together.
        let (ledger, heads) =
            (format!("/data/ledger.jsonl?batch={}", head.id), format!("/data/heads.json?batch={}", head.id));
        let command = format!("tributary verify ledger.jsonl --heads heads.json --key {}", head.public_key);
        sheet = sheet
            .beside(Block::Facts {
                title: context.t("seals-files"),
                items: vec![
                    Fact::linked(context.t("seals-ledger"), "ledger.jsonl", ledger),
                    Fact::linked(context.t("seals-heads"), "heads.json", heads),
                    Fact::new(context.t("seals-key"), head.public_key.clone()),
                ],
            })
            .with(Block::Prose {
                title: context.t("seals-check"),
                text: context.t_with("seals-check-text", &[("command", &command)]),
            });
    }
    sheet
        .with(table)
        .with(Block::Pager {
            older_href: older.unwrap_or_default(),
            newer_href: if before.is_some() { "/ledger/seals".into() } else { String::new() },
        })
        .answer(context, "ledger")
}
