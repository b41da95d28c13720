//! How role grants, memberships and payee accounts live, and the pure decisions of this room.

use crate::core::lifecycle::{Lifecycle, Part, mv};
use crate::core::uscc::{Uscc, UsccKind};
use crate::error::Violation;
use crate::living;
use entities::kinds::MembershipStage;
use entities::kinds::PayeeStage::{self, Cooling, Entered, Replaced, Usable, Verified};
use entities::kinds::RoleGrantStage::{self, Declined, Effective, Proposed};
use entities::kinds::{LegalForm, RecordKind, Role, Scope};

/// A role given to a person.
pub const ROLE_GRANT: Lifecycle<RoleGrantStage> = Lifecycle {
    name: "role-grant",
    starts: &[Proposed, Effective],
    moves: &[
        mv(Proposed, "confirm", Effective, &[Part::Administrator])
            .when("by a second administrator, neither proposer nor the person; counts from the next day"),
        mv(Proposed, "decline", Declined, &[Part::Administrator]),
        mv(Effective, "revoke", RoleGrantStage::Revoked, &[Part::Administrator]).when("two administrators remain"),
        mv(Proposed, "withdraw", Declined, &[Part::Person]).when("by the principal who asked for a deputy"),
        mv(Effective, "end-deputyship", RoleGrantStage::Revoked, &[Part::Person])
            .when("by the principal or the deputy; two administrators remain"),
    ],
};

/// A place in an organisation; it begins when an invitation is accepted.
pub const MEMBERSHIP: Lifecycle<MembershipStage> = Lifecycle {
    name: "membership",
    starts: &[MembershipStage::Active],
    moves: &[
        mv(MembershipStage::Active, "end-member", MembershipStage::Ended, &[Part::Signatory])
            .when("somebody keeps signing for the organisation"),
        mv(MembershipStage::Active, "end-account", MembershipStage::Ended, &[Part::Administrator])
            .when("with the person's account"),
    ],
};

/// An account money may be paid to.
pub const PAYEE: Lifecycle<PayeeStage> = Lifecycle {
    name: "payee",
    starts: &[Entered],
    moves: &[
        mv(Entered, "verify", Verified, &[Part::Finance]).when("with evidence, by nobody of the organisation"),
        mv(Verified, "approve", Cooling, &[Part::Approver]).when("by a third person, by nobody of the organisation"),
        mv(Cooling, "mature", Usable, &[Part::System]).when("the cooling period is over"),
        mv(Usable, "doubt", Entered, &[Part::System]).when("a payment came back: it is verified and approved anew"),
        mv(Usable, "replace", Replaced, &[Part::System]).when("a newer account became usable"),
        mv(Entered, "revoke", PayeeStage::Revoked, &[Part::Signatory, Part::Finance]),
        mv(Verified, "revoke", PayeeStage::Revoked, &[Part::Signatory, Part::Finance]),
        mv(Cooling, "revoke", PayeeStage::Revoked, &[Part::Signatory, Part::Finance]),
        mv(Usable, "revoke", PayeeStage::Revoked, &[Part::Signatory, Part::Finance]),
        mv(Entered, "stop", PayeeStage::Revoked, &[Part::System]).when("by the link in the letter about it"),
        mv(Verified, "stop", PayeeStage::Revoked, &[Part::System]).when("by the link in the letter about it"),
        mv(Cooling, "stop", PayeeStage::Revoked, &[Part::System]).when("by the link in the letter about it"),
        mv(Usable, "stop", PayeeStage::Revoked, &[Part::System]).when("by the link in the letter about it"),
    ],
};

living!(role_grant, RoleGrantStage, RoleGrant, ROLE_GRANT);
living!(payee_account, PayeeStage, PayeeAccount, PAYEE);

/// Longest deputyship: a holiday, an illness, a season. Who is away for longer gives the role back.
pub const DEPUTYSHIP_DAYS: i64 = 92;

/// Whether a role can be held for somebody else. Who scores, evaluates or votes does so as themselves.
pub const fn may_be_deputised(role: Role) -> bool {
    matches!(
        role,
        Role::Administrator
            | Role::ProgrammeOfficer
            | Role::FinanceOfficer
            | Role::Approver
            | Role::Supervisor
            | Role::PanelChair
    )
}

/// Shortest password: long enough that guessing it is hopeless, short enough for a sentence one remembers.
pub const PASSWORD_LEAST: usize = 12;
/// Longest password: hashing must not become work for an attacker to order.
pub const PASSWORD_MOST: usize = 200;

/// What is wrong with a password, if anything.
pub fn password(email: &str, password: &str) -> Option<Violation> {
    let length = password.chars().count();
    if length < PASSWORD_LEAST {
        return Some(Violation::at("password", "refused-password-short").with("least", PASSWORD_LEAST));
    }
    if length > PASSWORD_MOST {
        return Some(Violation::at("password", "refused-too-long").with("limit", PASSWORD_MOST));
    }
    (password.trim().to_lowercase() == email).then(|| Violation::at("password", "refused-password-email"))
}

/// An e-mail address as it is kept: trimmed, lower case. `None` when it is none.
pub fn email(text: &str) -> Option<String> {
    let text = text.trim().to_lowercase();
    let (name, host) = text.split_once('@')?;
    let odd = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '@' | '<' | '>' | ',' | ';' | '"');
    let well = !name.is_empty() && !host.is_empty() && text.len() <= 254 && !name.contains(odd) && !host.contains(odd);
    well.then_some(text)
}

/// Whether a role touches money or decisions, so that it takes two administrators.
pub const fn takes_two(role: Role) -> bool {
    !matches!(role, Role::Reviewer | Role::Evaluator | Role::CouncilMember)
}

/// Whether something happened so recently that it still counts. What seems to lie ahead does: clocks of two machines differ.
pub fn within(ago: chrono::Duration, window: chrono::Duration) -> bool {
    ago < window
}

/// Whether a role can be held there: staff serve the whole house, a committee one fund; a supervisor watches the house or one fund,
/// a panel is the house's or one call's.
pub fn role_fits(role: Role, scope: Scope, scope_id: Option<i64>) -> bool {
    let placed = (scope == Scope::Foundation) == scope_id.is_none();
    placed
        && match role {
            Role::CommitteeMember => scope == Scope::Fund,
            Role::PanelChair | Role::Reviewer => scope != Scope::Fund,
            Role::Supervisor => scope != Scope::Call,
            _ => scope == Scope::Foundation,
        }
}

/// Whether a checked code can belong to a legal form; a resident group is in no register.
pub fn code_fits(form: LegalForm, code: &Uscc) -> bool {
    match form {
        LegalForm::Association => code.kind() == UsccKind::Association,
        LegalForm::Foundation => code.kind() == UsccKind::Foundation,
        LegalForm::SocialServiceBody => code.kind() == UsccKind::SocialServiceBody,
        LegalForm::SocialEnterprise => matches!(code.kind(), UsccKind::Company | UsccKind::SocialServiceBody),
        LegalForm::Company => code.kind() == UsccKind::Company,
        LegalForm::ResidentGroup => false,
    }
}

/// What can be recorded of a kind.
pub const fn record_values(kind: RecordKind) -> &'static [&'static str] {
    match kind {
        RecordKind::Grade => &["1A", "2A", "3A", "4A", "5A"],
        RecordKind::Credit => &["none", "abnormal", "serious", "other"],
        RecordKind::EnterpriseStage => &["observed", "start_up", "seed", "certified", "exited"],
        RecordKind::AnnualCheck => &["passed", "failed"],
    }
}

/// A bank account number without blanks and dashes; `None` when it is none.
pub fn account_number(text: &str) -> Option<String> {
    let number: String = text.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    ((6..=34).contains(&number.len()) && number.chars().all(|c| c.is_ascii_alphanumeric())).then_some(number)
}

/// The last four digits, the rest as dots.
pub fn masked(number: &str) -> String {
    let from = number.char_indices().rev().nth(3).map_or(0, |(place, _)| place);
    format!("•••• {}", number.get(from..).unwrap_or_default())
}

/// A path of ours to go back to; the front page for everything else.
pub fn local_path(text: &str) -> String {
    let second = text.chars().nth(1);
    let local = text.starts_with('/')
        && !matches!(second, Some('/' | '\\'))
        && text.len() <= 500
        && text.chars().all(|c| c.is_ascii_graphic() && c != '\\');
    if local { text.to_owned() } else { "/".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_have_limits_and_are_not_the_address() {
        assert_eq!(password("a@b.org", "short").map(|v| v.code), Some("refused-password-short"));
        assert_eq!(password("someone@b.org", "Someone@b.org").map(|v| v.code), Some("refused-password-email"));
        assert_eq!(password("a@b.org", &"x".repeat(201)).map(|v| v.code), Some("refused-too-long"));
        assert_eq!(password("a@b.org", "一二三四五六七八九十一二"), None);
    }

    #[test]
    fn addresses_are_lowered_and_odd_ones_refused() {
        assert_eq!(email(" A@B.org ").as_deref(), Some("a@b.org"));
        for odd in ["", "a", "@b", "a@", "a@b@c", "a b@c", "a@b\nc"] {
            assert_eq!(email(odd), None, "{odd}");
        }
    }

    #[test]
    fn only_local_paths_lead_back() {
        assert_eq!(local_path("/desk?x=1"), "/desk?x=1");
        for odd in ["", "//evil.example", "/\\evil.example", "https://evil.example", "/a\r\nb"] {
            assert_eq!(local_path(odd), "/", "{odd}");
        }
    }

    #[test]
    fn a_number_is_masked_to_its_last_four() {
        assert_eq!(masked("6222000011112222"), "•••• 2222");
        assert_eq!(masked("12"), "•••• 12");
        assert_eq!(account_number("6222 0000-1111").as_deref(), Some("622200001111"));
        assert_eq!(account_number("62/22"), None);
    }

    #[test]
    fn codes_fit_their_legal_forms() {
        let body = Uscc::parse("52999999TE00000459").unwrap();
        assert!(code_fits(LegalForm::SocialServiceBody, &body) && code_fits(LegalForm::SocialEnterprise, &body));
        assert!(!code_fits(LegalForm::Company, &body) && !code_fits(LegalForm::ResidentGroup, &body));
    }

    #[test]
    fn power_takes_two() {
        assert!(takes_two(Role::Supervisor) && takes_two(Role::CommitteeMember) && !takes_two(Role::Reviewer));
        assert!(!role_fits(Role::Administrator, Scope::Fund, Some(1)));
        assert!(!role_fits(Role::Approver, Scope::Foundation, Some(1)));
        assert!(
            role_fits(Role::Supervisor, Scope::Fund, Some(1)) && !role_fits(Role::Supervisor, Scope::Call, Some(1))
        );
        assert!(!role_fits(Role::Approver, Scope::Call, Some(1)));
        assert!(
            role_fits(Role::Reviewer, Scope::Call, Some(1)) && role_fits(Role::CommitteeMember, Scope::Fund, Some(1))
        );
    }
}
