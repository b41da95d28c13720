//! Two stages: who was not invited after a concept note cannot send a proposal, and a concept note is never awarded.

use super::Desk;
use crate::rooms::applications::{side, written};
use crate::rooms::calls::questions;
use crate::support::{both, nine};
use entities::kinds::{FormPurpose, LegalForm};
use entities::{form, form_version};
use sea_orm::{ActiveValue::Set, EntityTrait};
use tributary::core::answers::Answers;
use tributary::grants::applications::service::{self as applications, Saved};
use tributary::grants::calls::service::{self, Drafted};
use tributary::grants::calls::stages;
use tributary::grants::decisions::service as decisions;
use tributary::grants::forms::service as forms;

both! {
async fn a_concept_note_that_was_not_invited_sends_no_proposal(world: World) {
    let desk = Desk::new(&world).await;
    let note_form = forms::begin(&desk.a, "note", FormPurpose::Concept).await.unwrap();
    forms::replace(&desk.a, note_form, 1, &questions()).await.unwrap();
    let note_form = forms::publish(&desk.a, note_form, 2).await.unwrap();
    let notes = desk.announced(Drafted { form_version: note_form, ..desk.plain.clone() }).await;
    let wrong = Drafted { concept: Some(notes), ..desk.plain.clone() };
    let proposals = desk.announced(Drafted { opens_at: nine(2026, 1, 21), closes_at: nine(2026, 2, 20), ..wrong.clone() }).await;
    let neither = Drafted { concept: Some(proposals), ..wrong };
    assert_eq!(service::draft(&desk.a, neither).await.unwrap_err().code(), "refused-call-concept");
    world.at(nine(2026, 1, 7)).await;

    let one = side(&world, "SO-1", LegalForm::SocialServiceBody, "52999999TE00000459").await;
    let two = side(&world, "SO-2", LegalForm::SocialServiceBody, "52999999TE00000534").await;
    let mut sent = Vec::new();
    for side in [&one, &two] {
        // A note has no budget.
        let id = applications::start(&side.editor, notes, "An idea").await.unwrap();
        let told = Saved {
            title: "An idea".into(),
            summary: "83 metres".into(),
            site: "Hangzhong Street".into(),
            team: "three masons".into(),
            answers: Answers([("upkeep".to_owned(), serde_json::json!("yearly"))].into()),
            ..Saved::default()
        };
        applications::save(&side.editor, id, 1, told).await.unwrap();
        applications::hand_over(&side.editor, id).await.unwrap();
        applications::submit(&side.signatory, id).await.unwrap();
        sent.push(id);
    }
    assert_eq!(stages::invite(&desk.a, proposals, sent[0]).await.unwrap_err().code(), "refused-call-note-not-screened");
    world.at(nine(2026, 1, 21)).await;
    for id in &sent {
        applications::screen(&desk.a, *id, true, Vec::new(), "").await.unwrap();
    }
    assert_eq!(decisions::draft(&desk.a, notes, "").await.unwrap_err().code(), "refused-call-concept-award");
    assert_eq!(stages::invite(&desk.a, notes, sent[0]).await.unwrap_err().code(), "refused-call-one-stage");
    stages::invite(&desk.a, proposals, sent[0]).await.unwrap();
    stages::invite(&desk.a, proposals, sent[0]).await.unwrap();
    world.settle().await;

    let refused = applications::start(&two.editor, proposals, "The wall").await.unwrap_err();
    assert_eq!(refused.code(), "refused-call-not-invited");
    let proposal = written(&one, proposals).await;
    applications::submit(&one.signatory, proposal).await.unwrap();
    // A proposal from outside the call's own notes is nobody's to invite.
    assert_eq!(stages::invite(&desk.a, proposals, proposal).await.unwrap_err().code(), "not-found");
    world.settle().await;
}

async fn what_a_form_is_for_is_kept_with_it(world: World) {
    let desk = Desk::new(&world).await;
    let id = forms::begin(&desk.a, "note", FormPurpose::Concept).await.unwrap();
    let row = form::Entity::find_by_id(id).one(world.edges.db.read()).await.unwrap().unwrap();
    assert_eq!(row.purpose, FormPurpose::Concept);
    // A published version is never rewritten, whoever tries.
    let version = form_version::ActiveModel { id: Set(desk.plain.form_version), version: Set(9), ..Default::default() };
    let version = &version;
    let done = world.edges.db.write(|tx| async move { Ok(form_version::Entity::update(version.clone()).exec(&tx).await?) });
    assert_eq!(done.await.unwrap_err().code(), "refused-append-only");
}
}
