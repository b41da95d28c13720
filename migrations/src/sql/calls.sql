-- Forms under the hand of an officer, and what calls have beside their rules: rounds, stages, seals, questions, invitations, formulas.

alter table form add column purpose text not null default 'application' check (purpose in ('application','concept','report','evaluation'));

-- table form_draft: The questions as an officer is writing them; publishing makes a version of them.
create table form_draft (
  id $PK, --: FormDraftId | Key.
  form_id $ID not null unique references form, --: FormId | Which form.
  definition $JSON not null, --: Json | A `core::answers::FormDefinition`, perhaps without questions yet.
  version integer not null, --: i32 | Counts every save.
  changed_by $ID not null references person, --: PersonId | Who saved last.
  changed_at $TIME not null -- When.
);

alter table call add column round text not null default '';
alter table call add column copied_from_id $ID null references call;
alter table call add column concept_call_id $ID null references call;
alter table call add column sealed $BOOL not null default $FALSE;
alter table call add column opening_by $ID null references person;
alter table call add column opened_by $ID null references person check (opened_by is null or opened_by <> opening_by);
alter table call add column opened_at $TIME null check (opened_at is null or (opened_by is not null and opening_by is not null));
create index call_programme on call (programme_id, id);
create index call_concept on call (concept_call_id);

-- table call_question: A question about a call, answered in public; who asked is told to nobody.
create table call_question (
  id $PK, --: CallQuestionId | Key.
  call_id $ID not null references call, --: CallId | Which call.
  text text not null check (text <> ''), -- As it was asked.
  asked_by $ID not null references person, --: PersonId | Who; on no page.
  asked_at $TIME not null, -- When.
  stage text not null check (stage in ('asked','answered','declined')), --: CallQuestionStage | Where it stands.
  answer_zh text not null default '', -- Answer in Chinese, or ''.
  answer_en text not null default '', -- Answer in English, or ''.
  answered_by $ID null references person, --: Option<PersonId> | Officer.
  answered_at $TIME null, -- When.
  check (stage = 'asked' or (answered_by is not null and answered_at is not null)),
  check (stage <> 'answered' or answer_zh <> '' or answer_en <> '')
);
create index call_question_call on call_question (call_id, stage, id);
create index call_question_person on call_question (asked_by, call_id, id);

-- table call_invitation: A concept note whose author may write a proposal.
create table call_invitation (
  id $PK, --: CallInvitationId | Key.
  call_id $ID not null references call, --: CallId | The call for proposals.
  application_id $ID not null references application, --: ApplicationId | The concept note.
  organisation_id $ID not null references organisation, --: OrganisationId | Whose.
  invited_by $ID not null references person, --: PersonId | Officer.
  invited_at $TIME not null, -- When.
  unique (call_id, organisation_id)
);

-- table allocation: What a formula gives one community.
create table allocation (
  id $PK, --: AllocationId | Key.
  call_id $ID not null references call, --: CallId | Which call.
  community text not null check (community <> ''), -- Its name.
  setting text not null check (setting in ('urban','rural')), --: Setting | Which rate.
  population $ID not null check (population > 0), --: i64 | People.
  counted_on $DATE not null, -- Day of the count.
  amount_minor $ID not null check (amount_minor > 0), --: i64 | What the formula gave on that day.
  recorded_by $ID not null references person, --: PersonId | Officer.
  recorded_at $TIME not null, -- When.
  unique (call_id, community)
);
