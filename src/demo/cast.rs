//! The cast: two administrators by invitation, everybody else invited by them and given roles by both; organisations with
//! codes of the impossible division 999999, so that they cannot be real.

use super::pages::{Member, PASSWORD};
use super::stage::Stage;
use crate::edges::Edges;
use crate::error::{Error, Result};
use crate::people::organisations::Registered;
use crate::people::permission::{Administrator, Context, Officer};
use crate::people::records::{self, Record};
use crate::people::setup::{self, Founding};
use crate::people::{factors, invitations, organisations, payees, roles};
use chrono::NaiveDate;
use entities::kinds::{LegalForm, Locale, MemberRole, RecordKind, Role, Scope};
use std::sync::Arc;

/// Staff and experts: part, name, roles at the foundation.
const STAFF: [(&str, &str, &[Role]); 14] = [
    ("officer-a", "项目官员甲 · Programme officer A", &[Role::ProgrammeOfficer]),
    ("officer-b", "项目官员乙 · Programme officer B", &[Role::ProgrammeOfficer]),
    ("finance", "财务经办 · Finance officer", &[Role::FinanceOfficer]),
    ("approver-a", "复核人甲 · Approver A", &[Role::Approver]),
    ("approver-b", "复核人乙 · Approver B", &[Role::Approver]),
    ("chair", "评审组长 · Panel chair", &[Role::PanelChair]),
    ("reviewer-1", "评审专家一 · Reviewer 1", &[Role::Reviewer]),
    ("reviewer-2", "评审专家二 · Reviewer 2", &[Role::Reviewer]),
    ("reviewer-3", "评审专家三 · Reviewer 3", &[Role::Reviewer]),
    ("reviewer-4", "评审专家四 · Reviewer 4", &[Role::Reviewer]),
    ("reviewer-5", "评审专家五 · Reviewer 5", &[Role::Reviewer]),
    ("evaluator", "第三方评估人 · Evaluator", &[Role::Evaluator]),
    ("supervisor", "监察人 · Supervisor", &[Role::Supervisor]),
    ("council-member", "居民议事会成员 · Council member", &[Role::CouncilMember]),
];

/// People without a role at the foundation.
const RESIDENTS: [(&str, &str); 6] = [
    ("committee-1", "管委会成员一 · Committee member 1"),
    ("committee-2", "管委会成员二 · Committee member 2"),
    ("committee-3", "管委会成员三 · Committee member 3"),
    ("committee-4", "管委会成员四 · Committee member 4"),
    ("committee-5", "管委会成员五 · Committee member 5"),
    ("resident", "居民 · Resident"),
];

/// Organisations: part, Chinese and English name, form, code.
const ORGANISATIONS: [(&str, &str, &str, LegalForm, &str); 14] = [
    (
        "founder",
        "成都武侯产业发展投资管理集团有限公司",
        "Chengdu Wuhou Industrial Development Investment Group",
        LegalForm::Company,
        "91999999TE0000037D",
    ),
    ("so1", "社会组织一（SO-1）", "Social organisation SO-1", LegalForm::SocialServiceBody, "52999999TE00000459"),
    ("so2", "社会组织二（SO-2）", "Social organisation SO-2", LegalForm::SocialServiceBody, "52999999TE00000534"),
    ("so3", "社会组织三（SO-3）", "Social organisation SO-3", LegalForm::SocialServiceBody, "52999999TE0000061Y"),
    (
        "social-enterprise",
        "社会企业一（SE-1）",
        "Social enterprise SE-1",
        LegalForm::SocialEnterprise,
        "91999999TE0000088M",
    ),
    ("owner1", "业主单位一", "Owner unit 1", LegalForm::Company, "91999999TE0000096G"),
    ("owner2", "业主单位二", "Owner unit 2", LegalForm::Company, "91999999TE00001096"),
    ("owner3", "业主单位三", "Owner unit 3", LegalForm::Company, "91999999TE00001171"),
    ("owner4", "业主单位四", "Owner unit 4", LegalForm::Company, "91999999TE0000125U"),
    ("owner5", "业主单位五", "Owner unit 5", LegalForm::Company, "91999999TE0000133N"),
    ("owner6", "业主单位六", "Owner unit 6", LegalForm::Company, "91999999TE0000141H"),
    ("owner7", "业主单位七", "Owner unit 7", LegalForm::Company, "91999999TE000015X9"),
    ("owner8", "业主单位八", "Owner unit 8", LegalForm::Company, "91999999TE00001689"),
    ("owner9", "业主单位九", "Owner unit 9", LegalForm::Company, "91999999TE00001764"),
];

/// Who signs and writes for which organisation: part, name, organisation, part there.
const MEMBERS: [(&str, &str, &str, MemberRole); 11] = [
    ("so1-signatory", "SO-1 授权代表 · Signatory of SO-1", "so1", MemberRole::Signatory),
    ("so1-editor", "SO-1 经办 · Editor of SO-1", "so1", MemberRole::Editor),
    ("so2-signatory", "SO-2 授权代表 · Signatory of SO-2", "so2", MemberRole::Signatory),
    ("so2-editor", "SO-2 经办 · Editor of SO-2", "so2", MemberRole::Editor),
    ("so3-signatory", "SO-3 授权代表 · Signatory of SO-3", "so3", MemberRole::Signatory),
    ("enterprise-signatory", "SE-1 授权代表 · Signatory of SE-1", "social-enterprise", MemberRole::Signatory),
    ("donor-signatory", "捐赠企业授权代表 · Signatory of a donor", "owner1", MemberRole::Signatory),
    ("owner8-signatory", "业主单位八授权代表 · Signatory of owner 8", "owner8", MemberRole::Signatory),
    ("owner5-signatory", "业主单位五授权代表 · Signatory of owner 5", "owner5", MemberRole::Signatory),
    ("owner9-signatory", "业主单位九授权代表 · Signatory of owner 9", "owner9", MemberRole::Signatory),
    ("founder-signatory", "发起企业授权代表 · Signatory of the founder", "founder", MemberRole::Signatory),
];

/// Founds the house and lets both administrators in.
///
/// # Errors
/// When the installation is founded already.
pub async fn found(edges: Arc<Edges>, locale: Locale) -> Result<Stage> {
    let founding = Founding {
        name_zh: "成都市武侯社区发展基金会".into(),
        name_en: "Wuhou Community Development Foundation".into(),
        uscc: "53999999TE0000010K".into(),
        founded_on: NaiveDate::from_ymd_opt(2018, 8, 11),
        locale: locale.to_string(),
        policy: "cn".into(),
        contact: "supervisor@tributary.example".into(),
        currency: "CNY".into(),
        time_zone: String::new(),
        admin1_email: address("administrator-a"),
        admin1_name: "管理员甲 · Administrator A".into(),
        admin2_email: address("administrator-b"),
        admin2_name: "管理员乙 · Administrator B".into(),
    };
    let tokens = setup::found(&edges, &founding).await?;
    crate::commons::foundation::remember_foundation(&edges).await?;
    let mut stage = Stage::empty(edges, locale);
    for (part, name, token) in [
        ("administrator-a", "管理员甲 · Administrator A", &tokens[0]),
        ("administrator-b", "管理员乙 · Administrator B", &tokens[1]),
    ] {
        let person = invitations::accept(&stage.edges, token, name, PASSWORD, None).await?;
        stage.enter(part, name, person).await?;
    }
    Ok(stage)
}

impl Stage {
    /// Everybody sets up an authenticator at once, as real people with power must.
    async fn enter(&mut self, part: &'static str, name: &str, person: entities::kinds::PersonId) -> Result<()> {
        let context = Context::of_person(&self.edges, person).await?;
        let by = context.signed_in()?;
        factors::begin(&by).await?;
        let code = factors::first_code(&self.edges, person).await?;
        factors::confirm(&by, &code, None).await?;
        self.people.insert(part, person);
        self.members.push(Member { role: part.to_owned(), name: name.to_owned(), person, code: String::new() });
        Ok(())
    }

    /// Everybody comes by the link in their letter; roles with money or decision power are given by both administrators and
    /// count from the next day.
    ///
    /// # Errors
    /// When a service refuses.
    pub(super) async fn enter_cast(&mut self) -> Result<()> {
        let administrator = self.role::<Administrator>("administrator-a").await?;
        let people = STAFF.iter().map(|(part, name, _)| (*part, *name)).chain(RESIDENTS);
        for (part, name) in people {
            invitations::invite_person(&administrator, &address(part), name, self.locale).await?;
            self.accept(part, name).await?;
        }
        for (part, _, granted) in &STAFF {
            for role in *granted {
                self.grant(part, *role, Scope::Foundation, None).await?;
            }
        }
        self.at(1, 6, 9).await?;
        self.enter_organisations().await?;
        self.enter_members().await?;
        self.open_payee_accounts().await
    }

    /// Gives a role: one administrator proposes, where two are needed the other confirms.
    ///
    /// # Errors
    /// When a service refuses.
    pub(super) async fn grant(&self, part: &str, role: Role, scope: Scope, id: Option<i64>) -> Result<()> {
        let grant =
            roles::propose(&self.role("administrator-a").await?, self.person(part)?, role, scope, id, None).await?;
        if crate::people::rules::takes_two(role) {
            roles::confirm(&self.role("administrator-b").await?, grant).await?;
        }
        Ok(())
    }

    async fn accept(&mut self, part: &'static str, name: &str) -> Result<()> {
        self.settle().await?;
        let token = self.token_for(part).await?;
        let person = invitations::accept(&self.edges, &token, name, PASSWORD, None).await?;
        self.enter(part, name, person).await
    }

    /// The token in the newest letter to somebody.
    async fn token_for(&self, part: &str) -> Result<String> {
        let letters = self.edges.mail.newest(20).await?;
        let (_, letter) = letters
            .into_iter()
            .find(|(_, letter)| letter.to == address(part))
            .ok_or_else(|| Error::Internal(format!("no letter to {part}")))?;
        let token = letter
            .text
            .lines()
            .find_map(|line| line.split_once("/invitations/"))
            .map(|(_, token)| token.trim().to_owned());
        token.ok_or_else(|| Error::Internal(format!("no link in the letter to {part}")))
    }

    async fn enter_organisations(&mut self) -> Result<()> {
        let officer = self.role::<Officer>("officer-a").await?;
        for (part, name_zh, name_en, legal_form, uscc) in ORGANISATIONS {
            let told = Registered {
                legal_form,
                name_zh: name_zh.into(),
                name_en: name_en.into(),
                uscc: uscc.into(),
                register_code: String::new(),
                register_number: String::new(),
                registered_on: NaiveDate::from_ymd_opt(2016, 3, 1),
                area: "武侯区 Wuhou".into(),
                community: if part.starts_with("owner") { "锦官新城社区".into() } else { String::new() },
            };
            let id = organisations::register(&officer, told).await?;
            self.organisations.insert(part, id);
        }
        self.record_history(&officer).await
    }

    /// SO-3 is on the abnormal-activity list within the year; the social enterprise stands at the seed stage.
    async fn record_history(&self, officer: &crate::people::permission::As<Officer>) -> Result<()> {
        let from = |year, month, day| NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default();
        let history = [
            ("so1", RecordKind::Grade, "4A", from(2024, 6, 1), NaiveDate::from_ymd_opt(2029, 5, 31)),
            ("so2", RecordKind::Grade, "3A", from(2023, 6, 1), NaiveDate::from_ymd_opt(2028, 5, 31)),
            ("so3", RecordKind::Credit, "abnormal", from(2025, 8, 1), None),
            (
                "social-enterprise",
                RecordKind::EnterpriseStage,
                "seed",
                from(2025, 3, 1),
                NaiveDate::from_ymd_opt(2028, 2, 29),
            ),
        ];
        for (part, kind, value, valid_from, valid_until) in history {
            let record = Record {
                kind,
                value: value.into(),
                certificate_number: String::new(),
                valid_from,
                valid_until,
                evidence: "登记管理机关公告 · notice of the registration authority".into(),
            };
            records::record(officer, self.organisation(part)?, record).await?;
        }
        Ok(())
    }

    async fn enter_members(&mut self) -> Result<()> {
        let officer = self.role::<Officer>("officer-a").await?;
        for (part, name, of, role) in MEMBERS {
            let organisation = self.organisation(of)?;
            match role {
                MemberRole::Signatory => {
                    invitations::invite_first_signatory(&officer, organisation, &address(part), name, self.locale)
                        .await?;
                }
                MemberRole::Editor => {
                    let signatory = self.signatory(&format!("{of}-signatory"), of).await?;
                    invitations::invite_member(&signatory, organisation, &address(part), name, self.locale, role)
                        .await?;
                }
            }
            self.accept(part, name).await?;
        }
        Ok(())
    }

    async fn open_payee_accounts(&self) -> Result<()> {
        for (of, number) in [("so1", "6200 0000 0000 0451"), ("so2", "6200 0000 0000 0531")] {
            self.open_payee_account(of, number).await?;
        }
        Ok(())
    }

    /// Entered by the signatory, verified by finance, approved by somebody else; usable after the cooling period.
    ///
    /// # Errors
    /// When a service refuses.
    pub(super) async fn open_payee_account(&self, of: &str, number: &str) -> Result<()> {
        let signatory = self.signatory(&format!("{of}-signatory"), of).await?;
        let account = payees::enter(&signatory, payee(of, number)).await?;
        let organisation = self.organisation(of)?;
        let compared = "开户许可证与对公账户信息一致 · licence compared";
        payees::verify(&self.role("finance").await?, organisation, account, compared, 1).await?;
        payees::approve(&self.role("approver-a").await?, organisation, account, 2).await
    }
}

fn payee(of: &str, number: &str) -> payees::Entered {
    payees::Entered {
        holder: of.to_uppercase(),
        bank_name: "示例银行武侯支行 · Example Bank, Wuhou branch".into(),
        account_number: number.replace(' ', ""),
        currency: entities::kinds::Currency::CNY,
    }
}

/// Address of one of the cast; the domain is reserved for examples.
fn address(part: &str) -> String {
    format!("{part}@tributary.example")
}
