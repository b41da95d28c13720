//! Named places in a text that somebody edits: `{grantee}` stands for what the day brings. A name that is not known, or a brace that
//! stands alone, is refused before the text is kept, so that nobody signs one.

/// The first thing in a text that stands for nothing: a name that is not known, or a lonely brace.
#[must_use]
pub fn stands_for_nothing(text: &str, names: &[&str]) -> Option<String> {
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        let from = &rest[at..];
        let Some(end) = from.find('}').filter(|end| *end > 0) else { return Some(from.chars().take(12).collect()) };
        let name = &from[1..end];
        if !names.contains(&name) {
            return Some(name.chars().take(40).collect());
        }
        rest = &from[end + 1..];
    }
    None
}

/// The text with every known place filled in; what fills it is not looked at again.
#[must_use]
pub fn filled(text: &str, values: &[(&str, String)]) -> String {
    let (mut whole, mut rest) = (String::new(), text);
    while let Some(at) = rest.find('{') {
        whole.push_str(&rest[..at]);
        let from = &rest[at..];
        let known = from.find('}').and_then(|end| {
            let (_, value) = values.iter().find(|(name, _)| *name == &from[1..end])?;
            Some((end, value))
        });
        let Some((end, value)) = known else {
            whole.push('{');
            rest = &from[1..];
            continue;
        };
        whole.push_str(value);
        rest = &from[end + 1..];
    }
    whole.push_str(rest);
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_place_is_filled_and_an_unknown_one_is_named() {
        let names = ["grantee", "amount"];
        assert_eq!(stands_for_nothing("{grantee} receives {amount}.", &names), None);
        assert_eq!(stands_for_nothing("{grantee} owes {sum}", &names).as_deref(), Some("sum"));
        assert_eq!(stands_for_nothing("{grantee", &names).as_deref(), Some("{grantee"));
        assert_eq!(stands_for_nothing("a } b", &names).as_deref(), Some("} b"));
        assert_eq!(stands_for_nothing("受资助方{grantee}", &names), None);
        let values = [("grantee", "a {amount}".to_owned()), ("amount", "¥1".to_owned())];
        assert_eq!(filled("{grantee}: {amount}。{x", &values), "a {amount}: ¥1。{x");
    }
}
