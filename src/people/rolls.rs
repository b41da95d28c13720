//! What a roll of organisations or experts says, row by row: read whole, or refused with every place that is wrong. Nothing here
//! writes; `imports` does.

use super::organisations::Registered;
use super::rules;
use crate::core::rolls::{self, Column, Fault, MAX_FAULTS, Row};
use crate::core::uscc::Uscc;
use crate::error::Error;
use chrono::NaiveDate;
use entities::kinds::{LegalForm, RecordKind};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Columns of a roll of organisations. Each of grade, credit and stage has its own days; one evidence proves the row.
pub const ORGANISATIONS: &[Column] = &[
    ("legal_form", &["类型", "单位类型", "组织类型"]),
    ("name_zh", &["名称", "单位名称", "中文名称"]),
    ("name_en", &["英文名称"]),
    ("uscc", &["统一社会信用代码", "信用代码"]),
    ("area", &["区域", "所在区域"]),
    ("community", &["社区"]),
    ("registered_on", &["登记日期", "成立日期"]),
    ("grade", &["评估等级"]),
    ("grade_from", &["评估日期", "等级起始"]),
    ("grade_until", &["等级有效期至"]),
    ("credit", &["信用状态"]),
    ("credit_from", &["列入日期", "信用起始"]),
    ("credit_until", &["移出日期", "信用截至"]),
    ("stage", &["社会企业阶段"]),
    ("stage_from", &["阶段起始", "认定日期"]),
    ("stage_until", &["阶段有效期至"]),
    ("certificate", &["证书编号"]),
    ("evidence", &["依据", "证明材料"]),
];

/// Columns of a roll of experts.
pub const EXPERTS: &[Column] = &[
    ("email", &["邮箱", "电子邮箱"]),
    ("name", &["姓名"]),
    ("employer", &["工作单位信用代码", "单位信用代码"]),
    ("fields", &["专业领域", "领域"]),
    ("areas", &["区域", "可评区域"]),
    ("languages", &["语言"]),
    ("load_limit", &["评审上限", "最多评审数"]),
];

/// Reviews at a time where a roll says nothing.
const LOAD: i32 = 20;
/// Most that a roll may say.
const MAX_LOAD: i32 = 200;

/// An entry of the dated history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dated {
    /// What is recorded.
    pub kind: RecordKind,
    /// One of the kind's values.
    pub value: String,
    /// Number of a certificate, or `""`.
    pub certificate: String,
    /// First day.
    pub from: NaiveDate,
    /// Last day; open when none.
    pub until: Option<NaiveDate>,
    /// Where it was seen.
    pub evidence: String,
}

/// An organisation of a roll.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Organisation {
    /// Line in the file.
    pub line: u64,
    /// Legal form.
    pub legal_form: LegalForm,
    /// Name in Chinese, or `""`.
    pub name_zh: String,
    /// Name in English, or `""`.
    pub name_en: String,
    /// Checked code, or `""` for a resident group.
    pub uscc: String,
    /// Area code.
    pub area: String,
    /// Community, or `""`.
    pub community: String,
    /// Day of registration.
    pub registered_on: Option<NaiveDate>,
    /// Its history as far as the row tells it.
    pub history: Vec<Dated>,
}

impl Organisation {
    /// By what it is the same as another: its code, or the name and area of what is in no register.
    pub fn key(&self) -> String {
        if self.uscc.is_empty() {
            format!("{}|{}|{}", self.name_zh, self.name_en, self.area)
        } else {
            self.uscc.clone()
        }
    }
}

/// An expert of a roll.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expert {
    /// Line in the file.
    pub line: u64,
    /// Lower case.
    pub email: String,
    /// Name.
    pub name: String,
    /// Code of the employer, or `""`.
    pub employer: String,
    /// Fields of work.
    pub fields: String,
    /// Area codes.
    pub areas: String,
    /// Languages.
    pub languages: String,
    /// Most reviews at a time.
    pub load_limit: i32,
}

/// Reads a roll of organisations.
///
/// # Errors
/// Every place that is wrong, at most fifty.
pub fn organisations(bytes: &[u8], today: NaiveDate) -> Result<Vec<Organisation>, Vec<Fault>> {
    let roll = rolls::read(bytes, ORGANISATIONS, "uscc")?;
    let mut seen = BTreeSet::new();
    gathered(roll.rows(), |row, wrong| {
        let told = organisation(row, today, wrong)?;
        if !seen.insert(told.key()) {
            wrong.push(row.fault("uscc", "refused-roll-twice"));
        }
        Some(told)
    })
}

/// Reads a roll of experts.
///
/// # Errors
/// As [`organisations`].
pub fn experts(bytes: &[u8]) -> Result<Vec<Expert>, Vec<Fault>> {
    let roll = rolls::read(bytes, EXPERTS, "email")?;
    let mut seen = BTreeSet::new();
    gathered(roll.rows(), |row, wrong| {
        let told = expert(row, wrong)?;
        if !seen.insert(told.email.clone()) {
            wrong.push(row.fault("email", "refused-roll-twice"));
        }
        Some(told)
    })
}

fn gathered<'a, T>(
    rows: impl Iterator<Item = Row<'a>>,
    mut read: impl FnMut(&Row<'a>, &mut Vec<Fault>) -> Option<T>,
) -> Result<Vec<T>, Vec<Fault>> {
    let (mut told, mut faults) = (Vec::new(), Vec::new());
    for row in rows {
        told.extend(read(&row, &mut faults));
        if faults.len() >= MAX_FAULTS {
            break;
        }
    }
    if faults.is_empty() { Ok(told) } else { Err(faults) }
}

fn organisation(row: &Row<'_>, today: NaiveDate, wrong: &mut Vec<Fault>) -> Option<Organisation> {
    let before = wrong.len();
    let Some(legal_form) = legal_form(row.cell("legal_form")) else {
        wrong.push(row.fault("legal_form", "refused-roll-word"));
        return None;
    };
    let told = Registered {
        legal_form,
        name_zh: row.cell("name_zh").to_owned(),
        name_en: row.cell("name_en").to_owned(),
        uscc: row.cell("uscc").to_owned(),
        register_code: String::new(),
        register_number: String::new(),
        registered_on: day(row, "registered_on", wrong),
        area: row.cell("area").to_owned(),
        community: row.cell("community").to_owned(),
    };
    let mut history = Vec::new();
    for (kind, name) in
        [(RecordKind::Grade, "grade"), (RecordKind::Credit, "credit"), (RecordKind::EnterpriseStage, "stage")]
    {
        history.extend(dated(row, kind, name, wrong));
    }
    let told = match told.checked(today) {
        Ok(told) => told,
        Err(Error::Refused(violations)) => {
            // The register's number is no column of a roll: what lacks a code lacks it here.
            let column = |field: &str| if field == "register_number" { "uscc".to_owned() } else { field.to_owned() };
            wrong.extend(violations.iter().map(|found| row.fault(&column(&found.field), found.code)));
            return None;
        }
        Err(_) => return None,
    };
    (wrong.len() == before).then_some(Organisation {
        line: row.line,
        legal_form,
        name_zh: told.name_zh,
        name_en: told.name_en,
        uscc: told.uscc,
        area: told.area,
        community: told.community,
        registered_on: told.registered_on,
        history,
    })
}

fn expert(row: &Row<'_>, wrong: &mut Vec<Fault>) -> Option<Expert> {
    let before = wrong.len();
    let email = rules::email(row.cell("email"));
    if email.is_none() {
        wrong.push(row.fault("email", "refused-email"));
    }
    if row.cell("name").is_empty() {
        wrong.push(row.fault("name", "refused-empty"));
    }
    let employer = match row.cell("employer") {
        "" => String::new(),
        text => Uscc::parse(text).map_or_else(
            |error| {
                wrong.push(row.fault("employer", error.code()));
                String::new()
            },
            |code| code.to_string(),
        ),
    };
    let load_limit = match row.cell("load_limit") {
        "" => Some(LOAD),
        text => text.parse::<i32>().ok().filter(|limit| (1..=MAX_LOAD).contains(limit)),
    };
    if load_limit.is_none() {
        wrong.push(row.fault("load_limit", "refused-roll-number"));
    }
    let (email, load_limit) = (email?, load_limit?);
    (wrong.len() == before).then(|| Expert {
        line: row.line,
        email,
        name: row.cell("name").to_owned(),
        employer,
        fields: row.cell("fields").to_owned(),
        areas: row.cell("areas").to_owned(),
        languages: row.cell("languages").to_owned(),
        load_limit,
    })
}

/// An entry of the history, where the row has one.
fn dated(row: &Row<'_>, kind: RecordKind, name: &str, wrong: &mut Vec<Fault>) -> Option<Dated> {
    let text = row.cell(name);
    if text.is_empty() {
        return None;
    }
    let Some(value) = value(kind, text) else {
        wrong.push(row.fault(name, "refused-roll-word"));
        return None;
    };
    let from = day(row, &format!("{name}_from"), wrong);
    let until = day(row, &format!("{name}_until"), wrong);
    if from.is_none() && row.cell(&format!("{name}_from")).is_empty() {
        wrong.push(row.fault(&format!("{name}_from"), "refused-roll-since"));
    }
    if row.cell("evidence").is_empty() {
        wrong.push(row.fault("evidence", "refused-roll-evidence"));
    }
    let from = from?;
    if until.is_some_and(|until| until < from) {
        wrong.push(row.fault(&format!("{name}_until"), "refused-record-ends-before"));
    }
    let certificate = if kind == RecordKind::EnterpriseStage { row.cell("certificate") } else { "" };
    Some(Dated {
        kind,
        value: value.to_owned(),
        certificate: certificate.to_owned(),
        from,
        until,
        evidence: row.cell("evidence").chars().take(crate::commons::texts::TITLE).collect(),
    })
}

fn day(row: &Row<'_>, name: &str, wrong: &mut Vec<Fault>) -> Option<NaiveDate> {
    let text = row.cell(name);
    if text.is_empty() {
        return None;
    }
    let plain = text.replace(['/', '.', '年', '月'], "-").replace('日', "");
    let day = NaiveDate::parse_from_str(&plain, "%Y-%m-%d").ok();
    if day.is_none() {
        wrong.push(row.fault(name, "refused-not-a-date"));
    }
    day
}

fn legal_form(text: &str) -> Option<LegalForm> {
    let said = match text {
        "社会团体" | "社团" => "association",
        "基金会" => "foundation",
        "社会服务机构" | "民办非企业单位" | "民非" => "social_service_body",
        "社会企业" => "social_enterprise",
        "企业" | "公司" => "company",
        "居民小组" | "居民自组织" | "社区社会组织" => "resident_group",
        other => other,
    };
    LegalForm::parse(&said.to_lowercase())
}

fn value(kind: RecordKind, text: &str) -> Option<&'static str> {
    let said = match text {
        "正常" | "无" => "none",
        "活动异常名录" | "异常" => "abnormal",
        "严重违法失信名单" | "严重违法" => "serious",
        "其他" => "other",
        "观察" => "observed",
        "初创" => "start_up",
        "种子" => "seed",
        "认证" => "certified",
        "退出" => "exited",
        other => other,
    };
    rules::record_values(kind).iter().copied().find(|value| value.eq_ignore_ascii_case(said))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn today() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 1, 5).unwrap()
    }

    const GOOD: &str = "类型,名称,统一社会信用代码,区域,评估等级,评估日期,等级有效期至,依据\n\
        社会服务机构,社区服务中心,52999999TE00000459,wuhou,5A,2024/3/1,2029-03-01,民政局公告\n";

    #[test]
    fn a_good_row_brings_its_history() {
        let rows = organisations(GOOD.as_bytes(), today()).unwrap();
        assert_eq!((rows[0].line, rows[0].uscc.as_str()), (2, "52999999TE00000459"));
        assert_eq!((rows[0].history[0].value.as_str(), rows[0].history.len()), ("5A", 1));
        assert_eq!(rows[0].history[0].until, NaiveDate::from_ymd_opt(2029, 3, 1));
    }

    #[test]
    fn every_wrong_place_is_named_by_line_and_column() {
        let text = GOOD.to_owned()
            + "社会服务机构,甲,52999999TE00000458,wuhou,,,,\n社会团体,乙,52999999TE00000534,wuhou,,,,\n\
               社会服务机构,丙,52999999TE00000459,wuhou,6A,,,\n怪,丁,,wuhou,,,,\n社会服务机构,戊,,wuhou,,,,\n";
        let faults = organisations(text.as_bytes(), today()).unwrap_err();
        let places: Vec<(u64, &str)> = faults.iter().map(|fault| (fault.line, fault.column.as_str())).collect();
        let code = "统一社会信用代码";
        assert_eq!(places, [(3, code), (4, code), (5, "评估等级"), (6, "类型"), (7, code)]);
    }

    #[test]
    fn experts_come_once() {
        let text = "email,name,load_limit\nA@b.org,甲,5\na@B.org,乙,5\nx,丙,0\n";
        let faults = experts(text.as_bytes()).unwrap_err();
        assert_eq!(faults.iter().map(|fault| fault.line).collect::<Vec<_>>(), [3, 4, 4]);
    }
}
