//! A definition changed one step at a time, as an officer changes it on the pages: added, rewritten, moved, removed.
//!
//! Every step answers a whole new definition or the first fault with its place; what was there stays as it was.

use super::*;

/// One step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edit {
    /// A section at the end; its questions come with it.
    AddSection(Section),
    /// Title and help of a section; its questions stay.
    SetSection(Section),
    /// A section one place up or down.
    MoveSection {
        /// Which.
        id: String,
        /// Towards the beginning.
        up: bool,
    },
    /// A section with all its questions.
    RemoveSection(String),
    /// A question at the end of a section.
    AddQuestion {
        /// Where.
        section: String,
        /// What.
        question: Question,
    },
    /// A question rewritten under its id.
    SetQuestion(Question),
    /// A question one place up or down; from the edge of its section into the next one.
    MoveQuestion {
        /// Which.
        id: String,
        /// Towards the beginning.
        up: bool,
    },
    /// A question.
    RemoveQuestion(String),
}

/// The definition after one step.
///
/// # Errors
/// `form-gone` when what is to change is not there; the first fault that the step would bring. A form may be without
/// questions while it is written.
pub fn edited(definition: &FormDefinition, edit: &Edit) -> Result<FormDefinition, DefinitionError> {
    let mut next = definition.clone();
    let done = match edit {
        Edit::AddSection(section) => {
            next.sections.push(section.clone());
            true
        }
        Edit::SetSection(section) => set_section(&mut next, section),
        Edit::MoveSection { id, up } => move_section(&mut next, id, *up),
        Edit::RemoveSection(id) => remove(&mut next.sections, |section| section.id == *id),
        Edit::AddQuestion { section, question } => add_question(&mut next, section, question),
        Edit::SetQuestion(question) => set_question(&mut next, question),
        Edit::MoveQuestion { id, up } => move_question(&mut next, id, *up),
        Edit::RemoveQuestion(id) => {
            next.sections.iter_mut().any(|section| remove(&mut section.questions, |question| question.id == *id))
        }
    };
    if !done {
        return Err(DefinitionError { path: String::new(), code: "form-gone" });
    }
    match draft_faults(&next).into_iter().next() {
        Some(fault) => Err(fault),
        None => Ok(next),
    }
}

/// What is wrong with a definition that is still written: it may be empty, and nothing else.
#[must_use]
pub fn draft_faults(definition: &FormDefinition) -> Vec<DefinitionError> {
    let questions: usize = definition.sections.iter().map(|section| section.questions.len()).sum();
    let mut faults = validate_definition(definition);
    if definition.sections.is_empty() || questions == 0 {
        faults.retain(|fault| fault.path != "/sections" || fault.code != "form-count");
    }
    faults
}

/// An id that is not taken: from the words if they are plain letters, else from the kind of thing and a number.
#[must_use]
pub fn fresh_id(words: &str, otherwise: &str, taken: &BTreeSet<&str>) -> String {
    let mut slug = String::new();
    for sign in words.to_lowercase().chars() {
        match sign {
            'a'..='z' | '0'..='9' => slug.push(sign),
            _ if !slug.is_empty() && !slug.ends_with('-') => slug.push('-'),
            _ => {}
        }
    }
    // Room for the number that tells it from another one of the same words.
    slug.truncate(MAX_ID - 6);
    let slug = slug.trim_end_matches('-');
    let slug = if slug.is_empty() { otherwise } else { slug };
    if !taken.contains(slug) {
        return slug.to_owned();
    }
    (2_u32..).map(|n| format!("{slug}-{n}")).find(|id| !taken.contains(id.as_str())).unwrap_or_default()
}

fn remove<T>(items: &mut Vec<T>, is: impl Fn(&T) -> bool) -> bool {
    let place = items.iter().position(is);
    if let Some(place) = place {
        items.remove(place);
    }
    place.is_some()
}

fn set_section(next: &mut FormDefinition, told: &Section) -> bool {
    let Some(section) = next.sections.iter_mut().find(|section| section.id == told.id) else { return false };
    section.title = told.title.clone();
    section.help.clone_from(&told.help);
    true
}

fn move_section(next: &mut FormDefinition, id: &str, up: bool) -> bool {
    let Some(place) = next.sections.iter().position(|section| section.id == id) else { return false };
    let other = if up { place.checked_sub(1) } else { Some(place + 1) };
    // At the edge nothing moves, which is no fault.
    if let Some(other) = other.filter(|other| *other < next.sections.len()) {
        next.sections.swap(place, other);
    }
    true
}

fn add_question(next: &mut FormDefinition, section: &str, question: &Question) -> bool {
    let Some(section) = next.sections.iter_mut().find(|own| own.id == section) else { return false };
    section.questions.push(question.clone());
    true
}

fn set_question(next: &mut FormDefinition, told: &Question) -> bool {
    let mut all = next.sections.iter_mut().flat_map(|section| &mut section.questions);
    let Some(question) = all.find(|question| question.id == told.id) else { return false };
    *question = told.clone();
    true
}

fn move_question(next: &mut FormDefinition, id: &str, up: bool) -> bool {
    let found = next.sections.iter().enumerate().find_map(|(section, own)| {
        own.questions.iter().position(|question| question.id == id).map(|place| (section, place))
    });
    let Some((section, place)) = found else { return false };
    let last = next.sections[section].questions.len() - 1;
    match (up, place) {
        (true, 0) if section > 0 => {
            let question = next.sections[section].questions.remove(0);
            next.sections[section - 1].questions.push(question);
        }
        (false, place) if place == last && section + 1 < next.sections.len() => {
            let question = next.sections[section].questions.remove(place);
            next.sections[section + 1].questions.insert(0, question);
        }
        (true, place) if place > 0 => next.sections[section].questions.swap(place, place - 1),
        (false, place) if place < last => next.sections[section].questions.swap(place, place + 1),
        _ => {}
    }
    true
}
