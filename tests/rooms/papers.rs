//! Documents as PDF: what stands on the paper is what was signed, for whom it is, and nothing else; read with another's tools.

mod statements;

use super::funds::{Cast, drafted};
use super::gifts::receipt;
use super::grant::Grant;
use crate::support::tools::{left_out, program};
use crate::support::{World, both, nine};
use entities::kinds::{Anonymity, FundId, FundraisingMode, GiftId, PersonId};
use rocket::http::{Cookie, Status};
use rocket::local::asynchronous::Client;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use tributary::app;
use tributary::edges::Edges;
use tributary::edges::clock::Clock;
use tributary::edges::dice::{Dice, fingerprint};
use tributary::edges::press::{Form, Press, Unset};
use tributary::grants::awards::service as awards;
use tributary::grants::funds::service::{self as funds, Drafted, agreement};
use tributary::grants::gifts::service::receipts::{self, Receipt};

/// Every mark that typst would read as markup, were it ever given it as such.
const MARKUP: &str = r##"#panic("x") *粗*_斜_$金$ <a> @b \ `c` // d /* e */ = f [g] #{1+1} ~ -- ... "h""##;

/// What a browser was handed.
struct Handed {
    status: Status,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Handed {
    fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str()).unwrap_or_default()
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// A page, or a paper, as somebody gets it; nobody for a visitor.
async fn get(edges: &Arc<Edges>, token: Option<&str>, path: &str) -> Handed {
    let client = Client::untracked(app::server(edges.clone())).await.unwrap();
    let mut request = client.get(path.to_owned());
    if let Some(token) = token {
        request = request.cookie(Cookie::new("tributary_session", token.to_owned()));
    }
    let answer = request.dispatch().await;
    let headers =
        answer.headers().iter().map(|header| (header.name().to_string().to_lowercase(), header.value().to_owned()));
    let (status, headers) = (answer.status(), headers.collect());
    Handed { status, headers, body: answer.into_bytes().await.unwrap_or_default() }
}

async fn read(world: &World, person: PersonId, path: &str) -> Handed {
    get(&world.edges, Some(&world.session(person).await), path).await
}

/// Whether papers can be read here: the font and poppler's tools are the machine's.
async fn can_read(press: &Press) -> bool {
    let lacks = match (press.ready().await, program("pdftotext"), program("pdfdetach"), program("pdffonts")) {
        (false, ..) => "no font with Chinese characters",
        (_, Some(_), Some(_), Some(_)) => return true,
        _ => "no poppler-utils",
    };
    left_out("documents as PDF", lacks);
    false
}

fn with_tool(tool: &str, pdf: &[u8], args: impl FnOnce(&Path) -> Vec<String>) -> (tempfile::TempDir, Vec<u8>) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("paper.pdf");
    std::fs::write(&file, pdf).unwrap();
    let done = Command::new(tool).args(args(&file)).current_dir(folder.path()).output().unwrap();
    assert!(done.status.success(), "{tool}: {}", String::from_utf8_lossy(&done.stderr));
    (folder, done.stdout)
}

/// What stands on the paper, its spaces left out: where a line breaks is the press's affair.
fn words(pdf: &[u8]) -> String {
    assert!(pdf.starts_with(b"%PDF-1."), "{}", String::from_utf8_lossy(&pdf[..pdf.len().min(200)]));
    let (_folder, text) = with_tool("pdftotext", pdf, |file| vec![file.display().to_string(), "-".into()]);
    squeezed(&String::from_utf8(text).unwrap())
}

fn squeezed(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

fn says(text: &str, wanted: &[&str]) {
    for part in wanted {
        assert!(text.contains(&squeezed(part)), "`{part}` is missing in {text}");
    }
}

/// The text that lies in the file beside its pages.
fn attached(pdf: &[u8], name: &str) -> String {
    let (folder, _) = with_tool("pdfdetach", pdf, |file| vec!["-saveall".into(), file.display().to_string()]);
    std::fs::read_to_string(folder.path().join(name)).unwrap()
}

/// Every font of the file is inside it, and every glyph says which character it is.
fn fonts_are_inside(pdf: &[u8]) {
    let (_folder, table) = with_tool("pdffonts", pdf, |file| vec![file.display().to_string()]);
    let table = String::from_utf8(table).unwrap();
    let rows: Vec<&str> = table.lines().skip(2).collect();
    assert!(!rows.is_empty(), "no font at all: a blank paper");
    for row in rows {
        // …, embedded, subset, with a map to Unicode, object and generation.
        let cells: Vec<&str> = row.split_whitespace().rev().collect();
        assert_eq!(&cells[2..5], ["yes", "yes", "yes"], "{table}");
    }
}

async fn signed_fund(cast: &Cast, told: Drafted) -> FundId {
    let by = cast.signatory().await;
    let id = funds::draft(&by, told).await.unwrap();
    funds::submit(&by, id).await.unwrap();
    funds::decide(&cast.admin(0).await, id, true, "2026-7", "").await.unwrap();
    agreement::sign_as_initiator(&by, id, "signatory").await.unwrap();
    agreement::sign_for_foundation(&cast.admin(0).await, id).await.unwrap();
    id
}

/// A gift recorded by one and confirmed by another.
async fn given(cast: &Cast, told: Receipt) -> GiftId {
    let id = receipts::record_receipt(&cast.finance().await, told).await.unwrap();
    receipts::confirm_receipt(&cast.approver().await, id).await.unwrap();
    id
}

both! {
async fn the_fund_agreement_says_what_both_signed_in_either_language(world: World) {
    if !can_read(&world.edges.press).await {
        return;
    }
    let cast = Cast::on(world).await;
    let told = Drafted {
        name_zh: format!("锦官新城{MARKUP}基金"),
        residue_rule: format!("用于本社区。\n1. 先还\n- 后留 {MARKUP}"),
        ..drafted(FundraisingMode::Targeted, 5_000_000)
    };
    let id = signed_fund(&cast, told).await;
    let row = cast.fund(id).await;
    let path = format!("/funds/{id}/agreement.pdf");
    for (locale, wanted) in [
        ("zh-CN", ["第1页，共", "电子签署于", "成都市武侯社区发展基金会", "2026年1月5日"]),
        ("en", ["Page 1 of", "Signed electronically", "Wuhou Community Development Foundation", "5 January 2026"]),
    ] {
        let paper = read(&cast.world, cast.signatory, &format!("{path}?locale={locale}")).await;
        assert_eq!(paper.status, Status::Ok);
        assert_eq!(paper.header("content-type"), "application/pdf");
        assert_eq!(paper.header("cache-control"), "private, no-store");
        assert_eq!(paper.header("x-content-type-options"), "nosniff");
        let name = format!("attachment; filename*=UTF-8''fund-agreement-F{:06}.{locale}.pdf", id.0);
        assert_eq!(paper.header("content-disposition"), name);
        let text = words(&paper.body);
        says(&text, &wanted);
        // Both languages bind, whichever the labels are in; figures and capitals; who, and when.
        says(&text, &["基金设立协议", "Fund agreement", "¥50,000.00", "人民币伍万元整", "专项核算科目", "sub-ledger of the foundation"]);
        says(&text, &["signatory", "administrator-a", &row.agreement_hash, MARKUP, "2026-7", "1. 先还"]);
        fonts_are_inside(&paper.body);
        let lies_inside = attached(&paper.body, "agreement.txt");
        assert_eq!(fingerprint(&lies_inside), row.agreement_hash, "not the text that was signed");
        // The same row, the same bytes: whoever got it yesterday holds the same file.
        assert_eq!(read(&cast.world, cast.signatory, &format!("{path}?locale={locale}")).await.body, paper.body);
    }
    // The fund is public and so is its agreement, but who held the pen is not.
    let public = get(&cast.world.edges, None, &path).await;
    let text = words(&public.body);
    says(&text, &["电子签署于", &row.agreement_hash]);
    assert!(!text.contains("administrator-a"), "{text}");
    // A language that nobody speaks is the reader's own.
    assert_eq!(get(&cast.world.edges, None, &format!("{path}?locale=tlh")).await.body, public.body);
    let page = get(&cast.world.edges, None, &format!("/funds/{id}/agreement")).await.text();
    assert!(page.contains(&format!("/funds/{id}/agreement.pdf?locale=zh-CN")), "{page}");
    cast.world.settle().await;
}

async fn a_draft_is_its_own_peoples_and_says_that_nobody_signed(world: World) {
    if !can_read(&world.edges.press).await {
        return;
    }
    let cast = Cast::on(world).await;
    let id = funds::draft(&cast.signatory().await, drafted(FundraisingMode::Targeted, 0)).await.unwrap();
    let path = format!("/funds/{id}/agreement.pdf");
    let stranger = cast.world.person("stranger", &[]).await;
    assert_eq!(get(&cast.world.edges, None, &path).await.status, Status::NotFound);
    assert_eq!(read(&cast.world, stranger, &path).await.status, Status::NotFound);
    let text = words(&read(&cast.world, cast.signatory, &format!("{path}?locale=zh-CN")).await.body);
    says(&text, &["尚未经双方签署", "待双方签署", "尚未签署", "零元整"]);
    assert!(!text.contains("电子签署于"));
    cast.world.settle().await;
}

async fn the_grant_agreement_is_made_of_the_signed_text(world: World) {
    if !can_read(&world.edges.press).await {
        return;
    }
    let grant = Grant::active_in(world).await;
    let row = awards::load(grant.world.edges.db.read(), grant.award).await.unwrap();
    let path = format!("/awards/{}/agreement.pdf", grant.award);
    let paper = read(&grant.world, grant.signatory, &path).await;
    assert_eq!(paper.header("cache-control"), "private, no-store");
    let text = words(&paper.body);
    says(&text, &["资助协议", "Grant agreement", "¥83,000.00", "人民币捌万叁仟元整", "signatory-so-1", "administrator"]);
    says(&text, &[&row.agreement_hash, "1.¥41,500.00", "实付金额以资助金额与核定支出中较低者为准"]);
    assert_eq!(fingerprint(attached(&paper.body, "agreement.txt")), row.agreement_hash);
    fonts_are_inside(&paper.body);
    for stranger in [grant.donor_signatory, grant.world.person("stranger", &[]).await] {
        assert_eq!(read(&grant.world, stranger, &path).await.status, Status::NotFound);
    }
    let visitor = get(&grant.world.edges, None, &path).await;
    assert!(visitor.status == Status::SeeOther && visitor.header("location").starts_with("/sign-in"));
}

async fn an_acknowledgement_thanks_and_keeps_a_withheld_name(world: World) {
    if !can_read(&world.edges.press).await {
        return;
    }
    let cast = Cast::on(world).await;
    let fund = cast.signed(FundraisingMode::Targeted, 0).await;
    let donor = format!("九号业主{MARKUP}");
    let told = Receipt {
        donor_name: donor.clone(),
        anonymity: Anonymity::Withheld,
        ..receipt(fund, Some(cast.initiator), 1_234_050, "line-9")
    };
    let waits = receipts::record_receipt(&cast.finance().await, receipt(fund, Some(cast.initiator), 100, "line-8")).await.unwrap();
    let id = given(&cast, told).await;
    let path = format!("/gifts/{id}/acknowledgement.pdf");
    let own = words(&read(&cast.world, cast.signatory, &format!("{path}?locale=zh-CN")).await.body);
    says(&own, &[&donor, "¥12,340.50", "人民币壹万贰仟叁佰肆拾元伍角", "不是公益事业捐赠统一票据", "2026年1月5日"]);
    let english = words(&read(&cast.world, cast.signatory, &format!("{path}?locale=en")).await.body);
    says(&english, &[&donor, "¥12,340.50", "is not the fiscal bill", "5 January 2026"]);
    // The supervisor reads the gift, not the name; the figures' hash is the same for both, and stands on the page.
    let supervised = read(&cast.world, cast.supervisor, &format!("{path}?locale=zh-CN")).await;
    let text = words(&supervised.body);
    says(&text, &["¥12,340.50"]);
    assert!(!text.contains("九号业主"), "{text}");
    let figures = attached(&supervised.body, "acknowledgement.txt");
    assert!(figures.contains("12,340.50") && !figures.contains("九号业主"), "{figures}");
    let hash = fingerprint(&figures);
    says(&own, &[&hash]);
    let page = read(&cast.world, cast.signatory, &format!("/gifts/{id}/acknowledgement")).await.text();
    assert!(page.contains(&hash) && page.contains(&format!("{path}?locale=en")), "{page}");
    for (reader, path) in [
        (cast.world.person("stranger", &[]).await, path.clone()),
        (cast.signatory, format!("/gifts/{waits}/acknowledgement.pdf")),
        (cast.signatory, "/gifts/99999/acknowledgement.pdf".into()),
    ] {
        assert_eq!(read(&cast.world, reader, &path).await.status, Status::NotFound, "{path}");
    }
    cast.world.settle().await;
}
}

#[tokio::test(flavor = "multi_thread")]
async fn a_house_without_a_font_offers_the_page_that_prints() {
    let cast = Cast::new().await;
    let fund = cast.signed(FundraisingMode::Targeted, 0).await;
    let mut config = cast.world.edges.config.clone();
    config.pdf_font = Some("/nowhere/font.ttc".into());
    let bare = app::open(config, Clock::frozen_at(nine(2026, 1, 5)), Dice::seeded(9)).await.unwrap();
    assert!(!bare.press.ready().await);
    let page = get(&bare, None, &format!("/funds/{fund}/agreement")).await;
    assert_eq!(page.status, Status::Ok);
    let text = page.text();
    assert!(
        !text.contains("agreement.pdf") && text.contains("未安装中文字体") && text.contains("基金设立协议"),
        "{text}"
    );
    let paper = get(&bare, None, &format!("/funds/{fund}/agreement.pdf")).await;
    assert_eq!(
        (paper.status, paper.header("location")),
        (Status::SeeOther, format!("/funds/{fund}/agreement").as_str())
    );
    assert!(paper.header("set-cookie").contains("notice-paper-no-font"), "{}", paper.header("set-cookie"));
    // What is not the reader's is not there, font or none.
    let draft = funds::draft(&cast.signatory().await, drafted(FundraisingMode::Targeted, 0)).await.unwrap();
    assert_eq!(get(&bare, None, &format!("/funds/{draft}/agreement.pdf")).await.status, Status::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_character_that_the_font_lacks_is_never_a_blank() {
    let cast = Cast::new().await;
    if !can_read(&cast.world.edges.press).await {
        return;
    }
    // An Egyptian hieroglyph: no font for Chinese has it.
    let told = Drafted { name_zh: "基金\u{13000}".into(), ..drafted(FundraisingMode::Targeted, 0) };
    let fund = signed_fund(&cast, told).await;
    let paper = get(&cast.world.edges, None, &format!("/funds/{fund}/agreement.pdf")).await;
    assert_eq!(
        (paper.status, paper.header("location")),
        (Status::SeeOther, format!("/funds/{fund}/agreement").as_str())
    );
    assert!(paper.header("set-cookie").contains("notice-paper-blank"), "{}", paper.header("set-cookie"));
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_at_once_are_set_in_their_turn_and_alike() {
    let cast = Cast::new().await;
    if !can_read(&cast.world.edges.press).await {
        return;
    }
    let fund = cast.signed(FundraisingMode::Targeted, 0).await;
    let client = Arc::new(Client::untracked(app::server(cast.world.edges.clone())).await.unwrap());
    let asked = (0..20).map(|_| {
        let client = client.clone();
        tokio::spawn(async move {
            let answer = client.get(format!("/funds/{fund}/agreement.pdf")).dispatch().await;
            let told = answer.headers().get("set-cookie").any(|cookie| cookie.contains("notice-paper-busy"));
            (answer.status(), told, answer.into_bytes().await.unwrap_or_default())
        })
    });
    let mut papers = Vec::new();
    for one in asked.collect::<Vec<_>>() {
        papers.push(one.await.unwrap());
    }
    // On a machine with no time to spare some lose patience; they are told so, and nobody meets an error or another paper.
    let (set, led): (Vec<_>, Vec<_>) = papers.into_iter().partition(|(status, ..)| *status == Status::Ok);
    assert!(led.iter().all(|(status, told, _)| *status == Status::SeeOther && *told));
    assert!(!set.is_empty() && set.iter().all(|(.., body)| body.starts_with(b"%PDF") && *body == set[0].2));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_much_is_refused_before_it_is_set() {
    let press = Press::new(None);
    if !can_read(&press).await {
        return;
    }
    let much = serde_json::json!({ "text": "长".repeat(200_000) });
    assert_eq!(press.set(Form::FundAgreement, "x", &much).await, Err(Unset::Spoilt));
    // Data that does not fit its template is our own fault, and no half a paper.
    assert_eq!(press.set(Form::FundAgreement, "x", &serde_json::json!({})).await, Err(Unset::Spoilt));
    // More than can wait are told so at once.
    let press = Arc::new(press);
    let asked: Vec<_> = (0..200)
        .map(|_| {
            let press = press.clone();
            tokio::spawn(async move { press.set(Form::FundAgreement, "x", &serde_json::json!({})).await })
        })
        .collect();
    let mut busy = 0;
    for one in asked {
        busy += usize::from(one.await.unwrap() == Err(Unset::Busy));
    }
    assert!(busy > 0, "nobody was turned away");
    assert_eq!(
        press.set(Form::FundAgreement, "x", &serde_json::json!({})).await,
        Err(Unset::Spoilt),
        "the press is stuck"
    );
}
