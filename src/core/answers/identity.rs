//! Which answers tell who applies.

use super::*;

/// The questions whose answers tell who applies: those that are marked, every file (its letterhead and its name are nobody's to check),
/// and what is only asked because one of these was answered in some way, for that it is there at all tells how.
#[must_use]
pub fn identifying(definition: &FormDefinition) -> BTreeSet<&str> {
    let mut known = BTreeSet::new();
    // Conditions are on earlier questions only, so one pass finds what follows from what.
    for question in definition.sections.iter().flat_map(|section| &section.questions) {
        let follows = question.show_if.as_ref().is_some_and(|condition| known.contains(condition.question.as_str()));
        if question.identifying || follows || matches!(question.kind, Kind::File {}) {
            known.insert(question.id.as_str());
        }
    }
    known
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(id: &str, kind: Kind, identifying: bool, show_if: Option<&str>) -> Question {
        let words = Bilingual { en: id.into(), zh: id.into() };
        let show_if = show_if.map(|of| Condition { question: of.into(), equals: "yes".into() });
        Question { id: id.into(), label: words, hint: None, kind, required: false, show_if, identifying }
    }

    #[test]
    fn what_follows_from_an_identifying_answer_identifies_too() {
        let yes = ChoiceOption { id: "yes".into(), label: Bilingual { en: "y".into(), zh: "是".into() } };
        let choice = || Kind::Choice { options: vec![yes.clone()], many: false };
        let text = || Kind::Text { max: 9 };
        let questions = vec![
            question("plain", choice(), false, None),
            question("brand", choice(), true, None),
            question("which", choice(), false, Some("brand")),
            question("since", text(), false, Some("which")),
            question("open", text(), false, Some("plain")),
            question("scan", Kind::File {}, false, None),
        ];
        let title = Bilingual { en: "s".into(), zh: "s".into() };
        let sections = vec![Section { id: "s".into(), title, help: None, questions }];
        let form = FormDefinition { version: 1, sections };
        assert!(validate_definition(&form).is_empty());
        assert_eq!(identifying(&form).into_iter().collect::<Vec<_>>(), ["brand", "scan", "since", "which"]);
        let back = import(&export(&form)).unwrap();
        assert_eq!(back, form, "the mark is in the file, and read back");
        assert!(!export(&form).contains("\"identifying\": false"));
    }
}
