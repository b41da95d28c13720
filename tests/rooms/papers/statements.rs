//! The yearly statement on paper: the figures of its page, for the donor's own people and for finance.

use super::{can_read, fonts_are_inside, given, read, says, words};
use crate::rooms::funds::Cast;
use crate::rooms::gifts::receipt;
use crate::support::both;
use entities::kinds::FundraisingMode;
use rocket::http::Status;
use tributary::grants::gifts::service::pledges::reference;

both! {
async fn a_statement_on_paper_says_what_its_page_says(world: World) {
    if !can_read(&world.edges.press).await {
        return;
    }
    let cast = Cast::on(world).await;
    let fund = cast.signed(FundraisingMode::Targeted, 0).await;
    let mut gifts = Vec::new();
    for n in 0..60 {
        gifts.push(given(&cast, receipt(fund, Some(cast.initiator), 100_000 + n, &format!("line-{n}"))).await);
    }
    let path = format!("/statements/organisations/{}/2026", cast.initiator);
    let page = read(&cast.world, cast.signatory, &path).await.text();
    assert!(page.contains(&format!("{path}/pdf?locale=zh-CN")), "{page}");
    let paper = read(&cast.world, cast.signatory, &format!("{path}/pdf?locale=zh-CN")).await;
    assert_eq!((paper.header("content-type"), paper.header("cache-control")), ("application/pdf", "private, no-store"));
    let text = words(&paper.body);
    // 60 gifts of 1,000.00 and one fen more each time; the head of the table stands on every page of it.
    says(&text, &["initiator", "锦官新城社区微基金", "¥60,017.70", "2026年1月5日", &reference(gifts[0]), &reference(gifts[59]), "¥1,000.59"]);
    assert!(text.matches("确认函编号").count() >= 2, "{text}");
    fonts_are_inside(&paper.body);
    let english = words(&read(&cast.world, cast.finance, &format!("{path}/pdf?locale=en")).await.body);
    says(&english, &["¥60,017.70", "5 January 2026"]);
    let stranger = cast.world.person("stranger", &[]).await;
    for path in [format!("{path}/pdf"), format!("/statements/people/{}/2026/pdf", cast.finance)] {
        assert_eq!(read(&cast.world, stranger, &path).await.status, Status::NotFound, "{path}");
    }
    // A year without a gift says so, and is no error.
    let empty = words(&read(&cast.world, cast.signatory, &path.replace("2026", "2025/pdf?locale=en")).await.body);
    assert!(!empty.contains("¥"), "{empty}");
}
}
