//! Money that is set aside: what comes back to a closed pool, and capital that was recorded by mistake.

use super::funds::Cast;
use super::gifts::{give, receipt};
use crate::support::{both, day};
use entities::kinds::{Currency, FundraisingMode, MatchPoolStage};
use tributary::grants::funds::service::pools::{self, Pool};
use tributary::grants::gifts::service::{receipts, refunds};
use tributary::ledger::{Account, balances};

both! {
async fn a_refund_after_its_pool_closed_brings_the_match_back_to_the_reserve(world: World) {
    let cast = Cast::on(world).await;
    let (finance, approver) = (cast.finance().await, cast.approver().await);
    let fund = cast.signed(FundraisingMode::Targeted, 0).await;
    cast.capital().await;
    let pool = Pool {
        name_zh: "配捐".into(),
        name_en: String::new(),
        fund,
        ratio_bps: 10_000,
        cap_per_gift_minor: None,
        cap_total_minor: 3_000_000,
        opens_on: day(2026, 1, 5),
        closes_on: day(2026, 3, 31),
    };
    let pool = pools::propose_pool(&finance, pool).await.unwrap();
    pools::confirm_pool(&approver, pool).await.unwrap();
    let gift = give(&cast, fund, 1_000_000, "line-1").await;
    pools::close_pool(&finance, pool).await.unwrap();
    refunds::propose_refund(&finance, gift, "asked for it").await.unwrap();
    refunds::confirm_refund(&approver, gift).await.unwrap();
    refunds::settle_refund(&finance, gift, "out-1").await.unwrap();
    let db = cast.world.edges.db.read();
    assert_eq!(pools::load_pool(db, pool).await.unwrap().stage, MatchPoolStage::Closed);
    let holds = async |account| balances::posted(db, account, Currency::CNY).await.unwrap();
    assert_eq!(holds(Account::MatchPool(pool)).await, 0, "left in a closed pool");
    assert_eq!(holds(Account::OperatingReserve).await, 200_000_000);
    assert_eq!(holds(Account::FundAvailable(fund)).await, 0);
    cast.world.settle().await;
}

async fn a_line_of_the_bank_proves_one_thing(world: World) {
    let cast = Cast::on(world).await;
    let (finance, approver) = (cast.finance().await, cast.approver().await);
    let fund = cast.signed(FundraisingMode::Targeted, 0).await;
    let gifts = [give(&cast, fund, 1_000, "line-1").await, give(&cast, fund, 2_000, "line-2").await];
    for gift in gifts {
        refunds::propose_refund(&finance, gift, "asked for it").await.unwrap();
        refunds::confirm_refund(&approver, gift).await.unwrap();
    }
    let used = "refused-bank-line-used";
    assert_eq!(refunds::settle_refund(&finance, gifts[0], "line-2").await.unwrap_err().code(), used);
    refunds::settle_refund(&finance, gifts[0], "out-1").await.unwrap();
    assert_eq!(refunds::settle_refund(&finance, gifts[1], "out-1").await.unwrap_err().code(), used);
    let again = receipts::record_receipt(&finance, receipt(fund, Some(cast.initiator), 5_000, "out-1")).await;
    assert_eq!(again.unwrap_err().code(), used);
    let capital = pools::record_capital(&finance, 1_000, Currency::CNY, day(2026, 1, 5), "out-1").await;
    assert_eq!(capital.unwrap_err().code(), used);
    refunds::settle_refund(&finance, gifts[1], "out-2").await.unwrap();
    cast.world.settle().await;
}

async fn capital_recorded_by_mistake_is_declined_and_recorded_anew(world: World) {
    let cast = Cast::on(world).await;
    let (finance, approver) = (cast.finance().await, cast.approver().await);
    let record = async |minor| pools::record_capital(&finance, minor, Currency::CNY, day(2026, 1, 5), "capital").await;
    record(20_000_000_000).await.unwrap();
    assert_eq!(record(200_000_000).await.unwrap_err().code(), "refused-already-proposed");
    pools::decline_capital(&approver, "two noughts too many").await.unwrap();
    record(200_000_000).await.unwrap();
    pools::confirm_capital(&approver).await.unwrap();
    let posted = balances::posted(cast.world.edges.db.read(), Account::Bank, Currency::CNY).await.unwrap();
    assert_eq!(posted, 200_000_000);
    cast.world.settle().await;
}
}
