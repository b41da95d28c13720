//! Funds: drafted by an initiator, decided by the board, signed by both, held, merged and closed.

use crate::support::{World, day};
use entities::fund;
use entities::kinds::{
    Currency, FundId, FundKind, FundStage, FundraisingMode, LegalForm, MemberRole, OrganisationId, PersonId, Role,
    SpendingType,
};
use sea_orm::EntityTrait;
use tributary::commons::documents;
use tributary::grants::funds::rules::Terms;
use tributary::grants::funds::service::closing::{self, Residue};
use tributary::grants::funds::service::papers::Papers;
use tributary::grants::funds::service::pools::{self, Pool};
use tributary::grants::funds::service::{self, Drafted, agreement, holding};
use tributary::ledger::{Account, balances};
use tributary::people::permission::{Administrator, Approver, As, Finance, Signatory, Supervisor};

/// Everybody a fund needs.
pub struct Cast {
    pub world: World,
    pub admins: [PersonId; 2],
    pub finance: PersonId,
    pub approver: PersonId,
    pub supervisor: PersonId,
    pub signatory: PersonId,
    pub initiator: OrganisationId,
}

impl Cast {
    pub async fn new() -> Self {
        Self::on(World::bare().await).await
    }

    /// The same in a world that is there already.
    pub async fn on(world: World) -> Self {
        let admins = [
            world.person("administrator-a", &[Role::Administrator]).await,
            world.person("administrator-b", &[Role::Administrator]).await,
        ];
        let finance = world.person("finance", &[Role::FinanceOfficer]).await;
        let approver = world.person("approver", &[Role::Approver]).await;
        let supervisor = world.person("supervisor", &[Role::Supervisor]).await;
        let signatory = world.person("signatory", &[]).await;
        let initiator = world.organisation("initiator", LegalForm::Company, None).await;
        world.member(signatory, initiator, MemberRole::Signatory).await;
        Self { world, admins, finance, approver, supervisor, signatory, initiator }
    }

    pub async fn admin(&self, which: usize) -> As<Administrator> {
        self.world.role(self.admins[which]).await
    }

    pub async fn finance(&self) -> As<Finance> {
        self.world.role(self.finance).await
    }

    pub async fn approver(&self) -> As<Approver> {
        self.world.role(self.approver).await
    }

    /// The four documents of a merger or another name, as they are uploaded.
    pub async fn papers(&self) -> Papers {
        let by = self.admin(0).await;
        let kept = async |text: &str| Some(documents::keep(&by, "paper", "paper.txt", text.as_bytes()).await.unwrap());
        Papers {
            termination: kept("termination").await,
            work_report: kept("work").await,
            finance_report: kept("finance").await,
            payment_request: kept("payment").await,
        }
    }

    pub async fn signatory(&self) -> As<Signatory> {
        self.world.acting(self.signatory).await.signatory_of(self.initiator).unwrap()
    }

    /// Approved and signed by both; active at once when the minimum is nothing.
    pub async fn signed(&self, mode: FundraisingMode, minimum_minor: i64) -> FundId {
        self.agreed(drafted(mode, minimum_minor)).await
    }

    /// The same, of this draft.
    pub async fn agreed(&self, drafted: Drafted) -> FundId {
        let by = self.signatory().await;
        let id = service::draft(&by, drafted).await.unwrap();
        service::submit(&by, id).await.unwrap();
        service::decide(&self.admin(0).await, id, true, "2026-1", "").await.unwrap();
        agreement::sign_as_initiator(&by, id, "signatory").await.unwrap();
        agreement::sign_for_foundation(&self.admin(0).await, id).await.unwrap();
        id
    }

    /// Two million of capital in the reserve.
    pub async fn capital(&self) {
        let finance = self.finance().await;
        pools::record_capital(&finance, 200_000_000, Currency::CNY, day(2026, 1, 5), "capital").await.unwrap();
        pools::confirm_capital(&self.approver().await).await.unwrap();
    }

    pub async fn fund(&self, id: FundId) -> fund::Model {
        fund::Entity::find_by_id(id).one(self.world.edges.db.read()).await.unwrap().unwrap()
    }
}

pub fn drafted(mode: FundraisingMode, minimum_minor: i64) -> Drafted {
    Drafted {
        name_zh: "锦官新城社区微基金".into(),
        name_en: String::new(),
        purpose_zh: "背街小巷微更新".into(),
        purpose_en: String::new(),
        kind: FundKind::Micro,
        community: "锦官新城社区".into(),
        area: "wuhou".into(),
        currency: Currency::CNY,
        opening_minimum_minor: minimum_minor,
        fee_bps: 100,
        bears_processor_fee: false,
        mode,
        qualification_number: String::new(),
        filing_number: String::new(),
        spending: SpendingType::Expendable,
        residue_rule: "用于本社区".into(),
        committee_size: 5,
        terms: Terms::default(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fund_goes_from_draft_to_active_through_four_hands() {
    let cast = Cast::new().await;
    let by = cast.signatory().await;
    let even = Drafted { committee_size: 4, ..drafted(FundraisingMode::Targeted, 0) };
    assert_eq!(service::draft(&by, even).await.unwrap_err().code(), "refused-fund-committee");
    let id = service::draft(&by, drafted(FundraisingMode::Public, 0)).await.unwrap();
    assert_eq!(service::submit(&by, id).await.unwrap_err().code(), "refused-fund-no-filing");
    service::revise(&by, id, 1, drafted(FundraisingMode::Targeted, 0)).await.unwrap();
    let stale = service::revise(&by, id, 1, drafted(FundraisingMode::None, 0)).await;
    assert_eq!(stale.unwrap_err().code(), "refused-stale");
    service::submit(&by, id).await.unwrap();
    assert_eq!(service::submit(&by, id).await.unwrap_err().code(), "refused-stage");
    let admin = cast.admin(0).await;
    assert_eq!(service::decide(&admin, id, true, "", "").await.unwrap_err().code(), "refused-empty");
    assert_eq!(agreement::sign_for_foundation(&admin, id).await.unwrap_err().code(), "refused-stage");
    service::decide(&admin, id, true, "2026-1", "").await.unwrap();
    let other = agreement::sign_as_initiator(&by, id, "somebody").await;
    assert_eq!(other.unwrap_err().code(), "refused-fund-typed-name");
    agreement::sign_as_initiator(&by, id, "signatory").await.unwrap();
    assert_eq!(cast.fund(id).await.stage, FundStage::Approved);
    agreement::sign_for_foundation(&admin, id).await.unwrap();
    let again = agreement::sign_for_foundation(&admin, id).await;
    assert_eq!(again.unwrap_err().code(), "refused-stage");
    assert_eq!(cast.fund(id).await.stage, FundStage::Active);
    cast.world.settle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_drafted_neither_decides_nor_signs_for_the_foundation() {
    let cast = Cast::new().await;
    let both = cast.world.person("both", &[Role::Administrator]).await;
    cast.world.member(both, cast.initiator, MemberRole::Signatory).await;
    let by = cast.signatory().await;
    let id = service::draft(&by, drafted(FundraisingMode::Targeted, 0)).await.unwrap();
    service::submit(&by, id).await.unwrap();
    let partial = cast.world.role::<Administrator>(both).await;
    let refused = service::decide(&partial, id, true, "2026-1", "").await;
    assert_eq!(refused.unwrap_err().code(), "forbidden-fund-initiator");
    service::decide(&cast.admin(0).await, id, true, "2026-1", "").await.unwrap();
    let refused = agreement::sign_for_foundation(&partial, id).await;
    assert_eq!(refused.unwrap_err().code(), "forbidden-fund-initiator");
    let stranger = cast.world.organisation("stranger", LegalForm::Company, None).await;
    let outsider = cast.world.person("outsider", &[]).await;
    cast.world.member(outsider, stranger, MemberRole::Signatory).await;
    let outsider = cast.world.acting(outsider).await.signatory_of(stranger).unwrap();
    assert_eq!(service::submit(&outsider, id).await.unwrap_err().code(), "not-found");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merger_is_refused_until_the_other_fund_is_active_and_the_papers_are_there() {
    let cast = Cast::new().await;
    let from = cast.signed(FundraisingMode::Targeted, 0).await;
    let by = cast.signatory().await;
    let into = service::draft(&by, drafted(FundraisingMode::Targeted, 0)).await.unwrap();
    let papers = cast.papers().await;
    let admin = cast.admin(0).await;
    let refused = closing::propose_merge(&admin, from, into, papers.clone()).await;
    assert_eq!(refused.unwrap_err().code(), "refused-fund-not-active");
    let into = cast.signed(FundraisingMode::Targeted, 0).await;
    let refused = closing::propose_merge(&admin, from, into, Papers::default()).await;
    assert_eq!(refused.unwrap_err().code(), "refused-fund-paper");
    let twice = Papers { work_report: papers.finance_report.clone(), ..papers.clone() };
    let refused = closing::propose_merge(&admin, from, into, twice).await;
    assert_eq!(refused.unwrap_err().code(), "refused-fund-paper-twice");
    crate::rooms::gifts::give(&cast, from, 300_000, "line-1").await;
    closing::propose_merge(&admin, from, into, papers.clone()).await.unwrap();
    let same = closing::confirm_merge(&admin, from).await;
    assert_eq!(same.unwrap_err().code(), "forbidden-second-person");
    closing::confirm_merge(&cast.admin(1).await, from).await.unwrap();
    let db = cast.world.edges.db.read();
    assert_eq!(cast.fund(from).await.merged_into_id, Some(into));
    assert_eq!(balances::flow(db, from).await.unwrap().available_minor, 0);
    assert_eq!(balances::flow(db, into).await.unwrap().available_minor, 300_000);
    cast.world.settle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fund_is_closed_by_two_once_its_rest_has_a_place() {
    let cast = Cast::new().await;
    let id = cast.signed(FundraisingMode::Targeted, 0).await;
    let heir = cast.signed(FundraisingMode::Targeted, 0).await;
    crate::rooms::gifts::give(&cast, id, 12_345, "line-1").await;
    closing::start_closing(&cast.admin(0).await, id, "done").await.unwrap();
    let finance = cast.finance().await;
    let nowhere = Residue { decision: "to nobody".into(), into: None };
    assert_eq!(closing::propose_close(&finance, id, nowhere).await.unwrap_err().code(), "refused-fund-residue");
    let residue = Residue { decision: "to the other".into(), into: Some(heir) };
    closing::propose_close(&finance, id, residue).await.unwrap();
    closing::confirm_close(&cast.approver().await, id).await.unwrap();
    assert_eq!(cast.fund(id).await.stage, FundStage::Closed);
    let db = cast.world.edges.db.read();
    assert_eq!(balances::posted(db, Account::FundAvailable(heir), Currency::CNY).await.unwrap(), 12_345);
    cast.world.settle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_supervisors_hold_is_answered_and_lifted_only_with_the_supervisor() {
    let cast = Cast::new().await;
    let id = cast.signed(FundraisingMode::Targeted, 0).await;
    let supervisor = cast.world.role::<Supervisor>(cast.supervisor).await;
    let hold = holding::supervise(&supervisor, id, "a question").await.unwrap();
    holding::answer(&cast.admin(0).await, id, hold, "an answer").await.unwrap();
    assert!(!holding::unfreeze(&cast.admin(0).await, id, hold).await.unwrap());
    let without = holding::unfreeze(&cast.admin(1).await, id, hold).await;
    assert_eq!(without.unwrap_err().code(), "forbidden-supervisor-lifts");
    assert!(holding::unfreeze(&supervisor, id, hold).await.unwrap());
    let frozen = holding::freeze(&cast.admin(0).await, id, "frozen").await.unwrap();
    assert!(!holding::unfreeze(&cast.admin(0).await, id, frozen).await.unwrap());
    let same = holding::unfreeze(&cast.admin(0).await, id, frozen).await;
    assert_eq!(same.unwrap_err().code(), "forbidden-second-person");
    assert!(holding::unfreeze(&cast.admin(1).await, id, frozen).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pool_is_set_aside_by_two_and_what_is_left_goes_back() {
    let cast = Cast::new().await;
    let id = cast.signed(FundraisingMode::Targeted, 0).await;
    let pool = Pool {
        name_zh: "配捐".into(),
        name_en: String::new(),
        fund: id,
        ratio_bps: 10_000,
        cap_per_gift_minor: None,
        cap_total_minor: 3_000_000,
        opens_on: day(2026, 1, 1),
        closes_on: day(2026, 12, 31),
    };
    let pool = pools::propose_pool(&cast.finance().await, pool).await.unwrap();
    let short = pools::confirm_pool(&cast.approver().await, pool).await;
    assert_eq!(short.unwrap_err().code(), "refused-insufficient");
    cast.capital().await;
    pools::confirm_pool(&cast.approver().await, pool).await.unwrap();
    let twice = pools::confirm_pool(&cast.approver().await, pool).await;
    assert_eq!(twice.unwrap_err().code(), "refused-stage");
    pools::close_pool(&cast.finance().await, pool).await.unwrap();
    let db = cast.world.edges.db.read();
    assert_eq!(balances::available(db, Account::OperatingReserve, Currency::CNY).await.unwrap(), 200_000_000);
    assert_eq!(balances::available(db, Account::MatchPool(pool), Currency::CNY).await.unwrap(), 0);
}
