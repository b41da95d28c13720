//! The concept notes that stand, and whose authors are asked for a proposal.

use super::visible;
use crate::error::Error;
use crate::grants::calls::stages;
use crate::people::organisations;
use crate::people::permission::{As, Officer};
use crate::web::page::Answer;
use crate::web::parts::Choice;
use crate::web::sheet::Act;
use entities::kinds::CallId;

/// The page that invites, with who was invited already.
///
/// # Errors
/// [`Error::NotFound`] for a call of one stage.
pub async fn page(by: &As<Officer>, id: CallId) -> Answer {
    let row = visible(by, id).await?;
    if row.concept_call_id.is_none() {
        return Err(Error::NotFound);
    }
    let notes = stages::notes(by.edges.db.read(), &row).await?;
    let names = organisations::names(by, notes.iter().map(|(note, _)| note.organisation_id)).await?;
    let base = format!("/calls/{id}");
    let told = |note: &entities::application::Model| {
        let name = names.get(&note.organisation_id).map_or("", String::as_str);
        format!("{} · {name}", note.title)
    };
    let waiting = notes.iter().filter(|(_, invited)| !invited);
    let mut choices = vec![Choice::new("", by.t("call-none"))];
    choices.extend(waiting.map(|(note, _)| Choice::new(note.id, told(note))));
    let mut act = Act::new(by, "call-invite", format!("{base}/notes"), base.clone())
        .under(&[(by.t("calls-title"), "/calls"), (by.pick(&row.title_zh, &row.title_en), &base)]);
    for (note, _) in notes.iter().filter(|(_, invited)| *invited) {
        act = act.fact(by.t("call-invited"), told(note));
    }
    act.ask_choice(by, "note", choices).labelled(by.t("call-note")).answer(by, "calls")
}
