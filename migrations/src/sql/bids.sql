-- table application_side: Another organisation in a bid: the host that answers for a residents' group, or a partner with a child project.
create table application_side (
  id $PK, --: ApplicationSideId | Key.
  application_id $ID not null references application, --: ApplicationId | Whose bid.
  organisation_id $ID not null references organisation, --: OrganisationId | Who is asked.
  role text not null check (role in ('host','partner')), --: SideRole | As what.
  title text not null, -- Of the child project, '' for a host.
  summary text not null, -- What the partner does.
  amount_minor $ID not null check (amount_minor >= 0), --: i64 | Its part of the grant.
  stage text not null check (stage in ('asked','accepted','refused','dropped')), --: SideStage | Where it stands.
  reason text not null, -- Why it was refused, or ''.
  asked_by $ID not null references person, --: PersonId | Editor.
  asked_at $TIME not null, -- When.
  answered_by $ID null references person, --: Option<PersonId> | Signatory of the side.
  answered_at $TIME null -- When.
);
create unique index application_side_once on application_side (application_id, organisation_id) where stage <> 'dropped';
create index application_side_asked on application_side (organisation_id, stage, id);

-- table co_funding: Money beside the grant: who promised it, what came, each with its evidence.
create table co_funding (
  id $PK, --: CoFundingId | Key.
  application_id $ID not null references application, --: ApplicationId | Whose bid.
  source text not null check (source in ('grant','self_raised','partner','fiscal')), --: BudgetSource | From where.
  giver text not null, -- Who gives it.
  currency text not null check (length(currency) = 3), --: Currency | Same as the application's.
  promised_minor $ID not null check (promised_minor > 0), --: i64 | How much was promised.
  promise_document_id $ID null references document, --: Option<DocumentId> | The promise in writing.
  received_minor $ID not null check (received_minor >= 0), --: i64 | How much came.
  received_document_id $ID null references document, --: Option<DocumentId> | What proves it.
  recorded_by $ID not null references person, --: PersonId | Editor.
  recorded_at $TIME not null, -- When.
  check (received_minor = 0 or received_document_id is not null)
);
create index co_funding_of on co_funding (application_id, id);

-- table application_document: A file of a bid.
create table application_document (
  id $PK, --: ApplicationDocumentId | Key.
  application_id $ID not null references application, --: ApplicationId | Whose bid.
  document_id $ID not null references document, --: DocumentId | The file.
  label text not null, -- What it is.
  attached_by $ID not null references person, --: PersonId | Editor.
  attached_at $TIME not null -- When.
);
create index application_document_of on application_document (application_id, id);

-- table application_need: A need that a bid answers.
create table application_need (
  id $PK, --: ApplicationNeedId | Key.
  application_id $ID not null references application, --: ApplicationId | Whose bid.
  need_id $ID not null references need, --: NeedId | Which need.
  unique (application_id, need_id)
);
create index application_need_of on application_need (need_id, application_id);

-- table application_scratch: What one editor has typed and not saved yet, kept as it was typed.
create table application_scratch (
  id $PK, --: ApplicationScratchId | Key.
  application_id $ID not null references application, --: ApplicationId | Whose bid.
  person_id $ID not null references person, --: PersonId | Who typed it.
  version integer not null, --: i32 | The version of the draft that the form showed.
  fields $JSON not null, -- Name and text of every field.
  at $TIME not null, -- When it was kept last.
  unique (application_id, person_id)
);

-- table expert: Somebody of the expert pool (专家库), who may have an account or none yet.
create table expert (
  id $PK, --: ExpertId | Key.
  email text not null unique, -- Lower case.
  name text not null, -- As the person is called.
  employer_id $ID null references organisation, --: Option<OrganisationId> | Employer, where it is in the registry.
  fields text not null, -- Fields of work, split by commas.
  areas text not null, -- Area codes, split by commas.
  languages text not null, -- Languages, split by commas.
  load_limit integer not null check (load_limit between 1 and 200), --: i32 | Most reviews at a time.
  recorded_by $ID not null references person, --: PersonId | Officer.
  recorded_at $TIME not null -- When.
);
create index expert_name on expert (name, id);

-- table roll_import: A file of organisations or experts: read whole, looked at, then taken over whole.
create table roll_import (
  id $PK, --: RollImportId | Key.
  kind text not null check (kind in ('organisations','experts')), --: RollKind | What it lists.
  sha256 text not null unique, -- Of the file.
  file_name text not null, -- As it was called.
  rows $JSON not null, -- What was read.
  row_count integer not null check (row_count > 0), --: i32 | How many.
  stage text not null check (stage in ('proposed','applied','declined')), --: ImportStage | Where it stands.
  recorded_by $ID not null references person, --: PersonId | Who uploaded it.
  recorded_at $TIME not null, -- When.
  applied_by $ID null references person, --: Option<PersonId> | Who took it over.
  applied_at $TIME null -- When.
);
create index roll_import_newest on roll_import (kind, id);
