-- table event: What happened: one row with each change, in the same transaction; only ever added to.
create table event (
  id $PK, --: EventId | Key.
  at $TIME not null, -- When, by the injected clock.
  actor_id $ID null references person, --: Option<PersonId> | Who; nobody for the system and visitors.
  actor_part text not null, -- The part played: officer, signatory, system…
  subject text not null, --: Subject | What kind of thing changed.
  subject_id $ID not null, --: i64 | Which one.
  act text not null, -- The act of its lifecycle, or a plain verb.
  from_stage text null, -- Stage before.
  to_stage text null, -- Stage after.
  reason text not null, -- Reason code or words, '' when none was needed.
  data $JSON not null --: Json | What else a reader of the history needs; no personal data.
);
create index event_subject on event (subject, subject_id, id);
create index event_actor on event (actor_id, id);

-- table proposal: The first half of a two-person act; the second half is its confirmation.
create table proposal (
  id $PK, --: ProposalId | Key.
  kind text not null, --: ProposalKind | What is proposed.
  subject text not null, --: Subject | To what.
  subject_id $ID not null, --: i64 | Which one.
  payload $JSON not null, --: Json | Everything the confirmation needs, fixed when proposed.
  proposed_by $ID not null references person, --: PersonId | Who.
  proposed_at $TIME not null, -- When.
  stage text not null check (stage in ('open','confirmed','declined','withdrawn')), --: ProposalStage | Where it stands.
  decided_by $ID null references person, --: Option<PersonId> | Who confirmed, declined or withdrew.
  decided_at $TIME null, -- When.
  reason text not null, -- Why declined or withdrawn.
  check (stage <> 'confirmed' or (decided_by is not null and decided_by <> proposed_by))
);
create unique index proposal_one_open on proposal (kind, subject, subject_id) where stage = 'open';
create index proposal_subject on proposal (subject, subject_id);

-- table hold: A flag that stops money and clocks; the stage under it is never lost.
create table hold (
  id $PK, --: HoldId | Key.
  subject text not null, --: Subject | What is held.
  subject_id $ID not null, --: i64 | Which one.
  kind text not null check (kind in ('officer','supervisor','objection','payee_change','dispute','frozen')), --: HoldKind | Why it was put.
  reason text not null, -- In words, shown to the parties.
  entered_by $ID null references person, --: Option<PersonId> | Nobody for the system's own holds.
  entered_at $TIME not null, -- When.
  answer_due_on $DATE null, -- A supervisor's hold is answered by this day.
  answer text not null, -- The foundation's answer, '' before.
  answered_by $ID null references person, --: Option<PersonId> | Who answered.
  lift_proposed_by $ID null references person, --: Option<PersonId> | First of the two who lift a person's hold.
  lifted_by $ID null references person, --: Option<PersonId> | Second.
  lifted_at $TIME null, -- When it ended.
  check (lifted_by is null or lifted_by <> lift_proposed_by),
  check (lifted_at is null or entered_by is null or lifted_by is not null)
);
create index hold_subject on hold (subject, subject_id, lifted_at);

-- table job: The outbox: work promised in the transaction of the change.
create table job (
  id $PK, --: JobId | Key.
  kind text not null, -- Which worker takes it.
  payload $JSON not null, --: Json | Its input.
  run_at $TIME not null, -- Not before.
  attempts integer not null default 0, --: i32 | Tries so far.
  leased_until $TIME null, -- A worker has it until then.
  lease text null, -- That worker's mark.
  done_at $TIME null, -- Finished.
  failed_at $TIME null, -- Given up; a person must look.
  last_error text not null default '', -- Of the last try.
  created_at $TIME not null, -- When promised.
  dedupe text null unique -- Promised once however often asked.
);
create index job_ready on job (run_at, id) where done_at is null and failed_at is null;

-- table policy_version: One figure of the rules, from a day on, with its source; only ever added to.
create table policy_version (
  id $PK, --: PolicyVersionId | Key.
  key text not null, -- Name in `core::policy`.
  value $JSON not null, --: Json | The figure.
  source text not null, -- Law, regulation or board decision.
  effective_on $DATE not null, -- First day it counts.
  stage text not null check (stage in ('proposed','confirmed','declined')), --: PolicyStage | Where it stands.
  proposed_by $ID null references person, --: Option<PersonId> | Nobody for the seeded profile.
  proposed_at $TIME not null, -- When.
  confirmed_by $ID null references person, --: Option<PersonId> | A second administrator.
  confirmed_at $TIME null, -- When.
  check (confirmed_by is null or confirmed_by <> proposed_by)
);
create index policy_version_key on policy_version (key, effective_on, id);

-- table calendar_year: A year whose working days are known.
create table calendar_year (
  year integer primary key, --: i32 | The year.
  source text not null, -- Who published it.
  imported_by $ID null references person, --: Option<PersonId> | Who imported it.
  imported_at $TIME not null -- When.
);

-- table calendar_day: A day that differs from Monday-to-Friday.
create table calendar_day (
  day $DATE primary key, -- The day.
  year integer not null references calendar_year, --: i32 | Its year.
  working $BOOL not null, -- A make-up day, or a day off.
  note text not null -- Name of the holiday.
);

-- table document: A file, kept by its hash; a redacted one points to its original.
create table document (
  id $PK, --: DocumentId | Key.
  sha256 text not null, -- Of the bytes, hex.
  name text not null, -- File name shown.
  media_type text not null, -- Sniffed, not believed.
  bytes $ID not null, --: i64 | Size.
  purpose text not null, --: DocumentPurpose | What it proves.
  organisation_id $ID null references organisation, --: Option<OrganisationId> | Whose members may read it.
  public $BOOL not null, -- Published (redacted) or private.
  redacts_id $ID null references document, --: Option<DocumentId> | The private original.
  uploaded_by $ID null references person, --: Option<PersonId> | Who.
  uploaded_at $TIME not null -- When.
);

-- table posted_form: A form's key with its answer: the same key answers the same, another body is refused.
create table posted_form (
  form_key text primary key, -- Random, made with the page.
  person_id $ID null references person, --: Option<PersonId> | Whose.
  fingerprint text not null, -- SHA-256 of path and body.
  answer $JSON not null, --: Json | What the first posting answered.
  at $TIME not null -- When.
);
