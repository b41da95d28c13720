-- table privacy_request: What a person asks about the data kept about them.
create table privacy_request (
  id $PK, --: PrivacyRequestId | Key.
  person_id $ID not null references person, --: PersonId | Who asks, about themselves.
  kind text not null check (kind in ('correction','erasure')), --: PrivacyKind | What is asked.
  told text not null, -- In their words; taken out when the account is erased.
  stage text not null check (stage in ('asked','granted','refused','withdrawn')), --: PrivacyStage | Where it stands.
  asked_at $TIME not null, -- When.
  answered_by $ID null references person check (answered_by <> person_id), --: Option<PersonId> | Administrator, somebody else.
  answered_at $TIME null, -- When.
  answer text not null default '', -- With its reasons.
  check (stage not in ('granted','refused') or (answered_by is not null and answer <> ''))
);
create index privacy_request_person on privacy_request (person_id, id);
create index privacy_request_stage on privacy_request (stage, id);
create unique index privacy_request_open on privacy_request (person_id, kind) where stage = 'asked';
create index application_scratch_at on application_scratch (at);
