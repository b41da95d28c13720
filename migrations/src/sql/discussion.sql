-- table review_scratch: What a reviewer has typed and not saved yet, kept as it was typed.
create table review_scratch (
  id $PK, --: ReviewScratchId | Key.
  review_id $ID not null unique references review, --: ReviewId | Whose form.
  person_id $ID not null references person, --: PersonId | Who typed it.
  version integer not null, --: i32 | The version of the review that the form showed.
  fields $JSON not null, -- Name and text of every field.
  at $TIME not null -- When it was kept last.
);
create index review_scratch_at on review_scratch (at);

-- table panel_note: What was said when a panel talked about a bid or about the round. It only grows.
create table panel_note (
  id $PK, --: PanelNoteId | Key.
  call_id $ID not null references call, --: CallId | Whose panel.
  application_id $ID null references application, --: Option<ApplicationId> | About which bid, or about the round.
  text text not null check (text <> ''), -- What was said.
  written_by $ID not null references person, --: PersonId | Officer or chair.
  written_at $TIME not null -- When.
);
create index panel_note_of on panel_note (call_id, id);
