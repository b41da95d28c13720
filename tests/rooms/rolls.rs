//! Rolls of organisations and experts: read whole or refused by the place, taken over once, whatever the encoding.

use crate::support::tools::Throws;
use crate::support::{World, both};
use entities::kinds::{ImportStage, LegalForm, RecordKind, Role, RollKind};
use entities::{expert, organisation, organisation_record};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use tributary::edges::workbook::{self, Cell, Sheet};
use tributary::error::Error;
use tributary::people::imports;
use tributary::people::permission::{Administrator, As};
use tributary::people::rolls;
use tributary::web::page::Reply;

const CODES: [&str; 3] = ["52999999TE00000459", "52999999TE00000534", "52999999TE0000061Y"];

fn roll() -> String {
    format!(
        "类型,名称,统一社会信用代码,区域,登记日期,评估等级,评估日期,等级有效期至,信用状态,列入日期,依据\n\
         社会服务机构,社区服务中心,{},wuhou,2015-03-01,5A,2024-03-01,2029-03-01,,,民政局公告\n\
         民办非企业单位,邻里中心,{},wuhou,2018/5/6,,,,异常,2025-06-01,名录\n\
         社会服务机构,花园社,{},jinjiang,2019年7月8日,,,,,,\n\
         居民小组,航中街自治小组,,wuhou,,,,,,,\n",
        CODES[0], CODES[1], CODES[2]
    )
}

async fn administrator(world: &World) -> As<Administrator> {
    let one = world.person("administrator", &[Role::Administrator]).await;
    world.role::<Administrator>(one).await
}

async fn counted(world: &World) -> (u64, u64) {
    let db = world.edges.db.read();
    (
        organisation::Entity::find().count(db).await.unwrap(),
        organisation_record::Entity::find().count(db).await.unwrap(),
    )
}

fn workbook_of(text: &str) -> Vec<u8> {
    let rows = text.lines().map(|line| line.split(',').map(Cell::text).collect()).collect();
    let sheet = Sheet { name: "名录".into(), widths: vec![20; 11], rows };
    workbook::write("roll", "2026-01-05T00:00:00Z".parse().unwrap(), &[sheet]).unwrap()
}

both! {
async fn a_roll_is_looked_at_taken_over_whole_and_never_twice(world: World) {
    let by = administrator(&world).await;
    let (organisations, records) = counted(&world).await;
    let gb = encoding_of(&roll());
    let id = imports::propose(&by, RollKind::Organisations, "名录.csv", &gb).await.unwrap();
    assert_eq!(counted(&world).await, (organisations, records), "a dry run writes nothing of it");
    let Ok(Reply::Page(page)) = tributary::people::view::rolls::show(&by, id).await else { panic!("no page") };
    assert!(page.render("/", String::new()).unwrap().contains("航中街自治小组"));
    imports::apply(&by, id).await.unwrap();
    assert_eq!(counted(&world).await, (organisations + 4, records + 2));
    assert_eq!(imports::apply(&by, id).await.unwrap_err().code(), "refused-stage");
    let same = imports::propose(&by, RollKind::Organisations, "again.csv", &gb).await.unwrap_err();
    assert_eq!(same.code(), "refused-roll-used");
    // The same rows in another encoding, and as a workbook: other files, and nothing new.
    for (bytes, more) in [(roll().into_bytes(), 0), (workbook_of(&roll()), 0), (roll().replace("2025-06-01", "2025-09-01").into_bytes(), 1)] {
        let before = counted(&world).await;
        let id = imports::propose(&by, RollKind::Organisations, "again", &bytes).await.unwrap();
        let outlook = imports::outlook(world.edges.db.read(), &imports::load(world.edges.db.read(), id).await.unwrap()).await.unwrap();
        assert_eq!((outlook.known.len(), outlook.entries), (4, more));
        imports::apply(&by, id).await.unwrap();
        assert_eq!(counted(&world).await, (before.0, before.1 + more as u64));
    }
    let row = organisation::Entity::find().filter(organisation::Column::Uscc.eq(CODES[0])).one(world.edges.db.read());
    let row = row.await.unwrap().unwrap();
    assert_eq!((row.legal_form, row.name_zh.as_str()), (LegalForm::SocialServiceBody, "社区服务中心"));
    let grade = organisation_record::Entity::find()
        .filter(organisation_record::Column::OrganisationId.eq(row.id))
        .one(world.edges.db.read())
        .await
        .unwrap()
        .unwrap();
    assert_eq!((grade.kind, grade.value.as_str(), grade.evidence.as_str()), (RecordKind::Grade, "5A", "民政局公告"));
    world.settle().await;
}

async fn one_wrong_row_keeps_the_whole_file_out_and_is_named(world: World) {
    let by = administrator(&world).await;
    let before = counted(&world).await;
    let wrong = roll().replace(CODES[1], "52999999TE00000535");
    let refused = imports::propose(&by, RollKind::Organisations, "x.csv", wrong.as_bytes()).await.unwrap_err();
    let Error::Refused(violations) = refused else { panic!("{refused:?}") };
    let args: Vec<(&str, &str)> = violations[0].args.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(args[..2], [("line", "3"), ("column", "统一社会信用代码")]);
    assert_eq!(counted(&world).await, before);
    let in_sheet = imports::propose(&by, RollKind::Organisations, "x.xlsx", &workbook_of(&wrong)).await.unwrap_err();
    let Error::Refused(violations) = in_sheet else { panic!("{in_sheet:?}") };
    assert_eq!(violations[0].args[1].1, "C3", "a workbook is named by its cell");
}

async fn experts_come_with_employers_who_are_known(world: World) {
    let by = administrator(&world).await;
    let text = format!("姓名,邮箱,单位信用代码,专业领域,区域,语言,评审上限\n甲,One@example.org,{},社区营造,wuhou,zh,12\n乙,two@example.org,,建筑,,zh en,\n", CODES[0]);
    let id = imports::propose(&by, RollKind::Experts, "experts.csv", text.as_bytes()).await.unwrap();
    assert_eq!(imports::apply(&by, id).await.unwrap_err().code(), "refused-roll-employer");
    assert_eq!(expert::Entity::find().count(world.edges.db.read()).await.unwrap(), 0, "nothing half imported");
    let firm = world.organisation("Employer", LegalForm::SocialServiceBody, Some(CODES[0])).await;
    imports::apply(&by, id).await.unwrap();
    let rows = expert::Entity::find().all(world.edges.db.read()).await.unwrap();
    assert_eq!(rows.len(), 2);
    let one = rows.iter().find(|row| row.email == "one@example.org").unwrap();
    assert_eq!((one.employer_id, one.load_limit), (Some(firm), 12));
    let Ok(Reply::Page(page)) = tributary::people::view::rolls::experts(&by, None).await else { panic!("no page") };
    assert!(page.render("/", String::new()).unwrap().contains("社区营造"));
    // A declined file may come again.
    let id = imports::propose(&by, RollKind::Experts, "more.csv", b"email,name\nc@example.org,C\n").await.unwrap();
    imports::decline(&by, id).await.unwrap();
    let id = imports::propose(&by, RollKind::Experts, "more.csv", b"email,name\nc@example.org,C\n").await.unwrap();
    assert_eq!(imports::load(world.edges.db.read(), id).await.unwrap().stage, ImportStage::Proposed);
}
}

fn encoding_of(text: &str) -> Vec<u8> {
    // The only place that writes GB 18030: what a registry's programme would.
    encoding_rs::GB18030.encode(text).0.into_owned()
}

#[test]
fn a_thousand_spoilt_files_never_panic() {
    let today = chrono::NaiveDate::from_ymd_opt(2026, 1, 5).unwrap();
    let whole = [roll().into_bytes(), encoding_of(&roll()), workbook_of(&roll())];
    let mut throws = Throws::seeded(11);
    let (mut read, mut refused) = (0, 0);
    for n in 0..1_000_usize {
        let mut bytes = whole[n % 3].clone();
        for _ in 0..throws.between(1, 12) {
            let place = usize::try_from(throws.between(0, bytes.len() as i64 - 1)).unwrap();
            match throws.next() % 4 {
                0 => bytes[place] = (throws.next() & 0xff) as u8,
                1 => bytes.truncate(place + 1),
                2 => bytes.insert(place, b','),
                _ => {
                    bytes.remove(place);
                    if bytes.is_empty() {
                        bytes.push(b'\n');
                    }
                }
            }
        }
        match rolls::organisations(&bytes, today) {
            Ok(rows) => {
                assert!(rows.iter().all(|row| row.uscc.is_empty() || row.uscc.len() == 18));
                read += 1;
            }
            Err(faults) => {
                assert!(!faults.is_empty() && faults.len() <= 100);
                refused += 1;
            }
        }
        let _ = rolls::experts(&bytes);
    }
    assert_eq!(read + refused, 1_000);
    assert!(refused > 300, "{refused}");
}
