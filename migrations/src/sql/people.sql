-- table foundation: The one foundation this installation serves.
create table foundation (
  id $ID primary key check (id = 1), --: i64 | Always 1.
  name_zh text not null, -- Registered name.
  name_en text not null, -- Name in English.
  uscc text not null, -- Unified Social Credit Code, or '' where the register is another.
  time_zone text not null, -- IANA zone in which days, deadlines and working hours are reckoned.
  default_locale text not null check (default_locale in ('en','zh-CN')), --: Locale | Language of a visitor who has chosen none.
  policy_profile text not null, -- Seed of the policy: `cn` or `generic`.
  currency text not null check (length(currency) = 3), --: Currency | Currency of the operating account.
  contact text not null, -- Public contact of the foundation and its supervisor.
  founded_on $DATE null, -- Day of inauguration.
  created_at $TIME not null -- When this installation was set up.
);

-- table organisation: An enterprise, social organisation, foundation or resident group known to the foundation.
create table organisation (
  id $PK, --: OrganisationId | Key.
  legal_form text not null check (legal_form in ('association','foundation','social_service_body','social_enterprise','company','resident_group')), --: LegalForm | Legal form.
  name_zh text not null, -- Name in Chinese, may be '' when there is an English one.
  name_en text not null, -- Name in English, may be '' when there is a Chinese one.
  uscc text null unique, -- Checked Unified Social Credit Code.
  register_code text null, -- org-id.guide list code of another register.
  register_number text null, -- Number in that register.
  registered_on $DATE null, -- Day of registration.
  area text not null, -- Area code in which it works, e.g. `wuhou`.
  community text not null default '', -- Community, where it belongs to one.
  profile $JSON not null, --: Json | What it once told us and is never asked again.
  fiscal_host_id $ID null references organisation, --: Option<OrganisationId> | Host of a resident group.
  host_accepted_by $ID null, --: Option<PersonId> | Signatory of the host who accepted.
  created_by $ID null, --: Option<PersonId> | Who entered it.
  created_at $TIME not null, -- When.
  check (name_zh <> '' or name_en <> ''),
  check (fiscal_host_id is null or fiscal_host_id <> id)
);
create index organisation_area on organisation (area, id);

-- table person: Somebody who can sign in.
create table person (
  id $PK, --: PersonId | Key.
  email text not null unique, -- Lower case; also the name at sign-in.
  name text not null, -- As the person wants to be called.
  locale text not null check (locale in ('en','zh-CN')), --: Locale | Language of pages and mail.
  password_hash text not null, -- Argon2id in PHC form.
  employer_id $ID null references organisation, --: Option<OrganisationId> | Declared employer, from which conflicts follow.
  created_at $TIME not null, -- When the account was made.
  ended_at $TIME null -- When it was ended; ended people cannot sign in.
);
create index person_employer on person (employer_id);

-- table session: One browser signed in.
create table session (
  id $PK, --: SessionId | Key.
  person_id $ID not null references person, --: PersonId | Whose.
  token_hash text not null unique, -- SHA-256 of the cookie's token, never the token.
  device text not null, -- User agent, shortened.
  created_at $TIME not null, -- Sign-in.
  seen_at $TIME not null, -- Last use, to the minute.
  expires_at $TIME not null, -- End at the latest.
  ended_at $TIME null, -- Signed out or ended from the list.
  halfway $BOOL not null default $FALSE, -- The password was right and the second factor is still asked for: signed in nowhere yet.
  proved_at $TIME null -- When this browser last proved the second factor.
);
create index session_person on session (person_id, id);

-- table second_factor: What a person has besides the password: an authenticator, and codes on paper for the day it is lost.
create table second_factor (
  person_id $ID primary key references person, --: PersonId | Whose.
  secret text not null default '', -- Shared secret of the authenticator, sealed by the vault; '' before the first is confirmed.
  pending text not null default '', -- Secret that waits for its first code, sealed by the vault.
  pending_session $ID null, --: Option<SessionId> | The browser that asked for it; no other puts it in use.
  pending_at $TIME null, -- When it was drawn; it waits for a short while only.
  confirmed_at $TIME null, -- When the secret in use proved itself.
  last_step $ID not null default 0, --: i64 | Time step of the last code taken; each counts once.
  codes_generation integer not null default 0, -- Which set of recovery codes counts.
  codes_used integer not null default 0, -- Bit n: code n of the set was used.
  codes_made_at $TIME null, -- When the set was made; it is shown for a short while only.
  codes_session $ID null --: Option<SessionId> | The browser that made it; no other is shown it.
);

-- table invitation: A one-time way in, for one e-mail address.
create table invitation (
  id $PK, --: InvitationId | Key.
  token_hash text not null unique, -- SHA-256 of the token in the link.
  email text not null, -- Lower case.
  name text not null, -- How the invitation greets.
  locale text not null check (locale in ('en','zh-CN')), --: Locale | Language of the mail.
  role text null, --: Option<Role> | Role that comes with it; only for the first administrators or roles one person may give.
  organisation_id $ID null references organisation, --: Option<OrganisationId> | Organisation joined.
  member_role text null check (member_role in ('signatory','editor')), --: Option<MemberRole> | Part played there.
  invited_by $ID null references person, --: Option<PersonId> | Who invited; nobody for the first two.
  created_at $TIME not null, -- When.
  expires_at $TIME not null, -- After this it is void.
  accepted_at $TIME null, -- When it was used.
  person_id $ID null references person --: Option<PersonId> | Who used it.
);

-- table role_grant: A role a person holds; those with money or decision power need two granters.
create table role_grant (
  id $PK, --: RoleGrantId | Key.
  person_id $ID not null references person, --: PersonId | Who holds it.
  role text not null check (role in ('administrator','programme_officer','finance_officer','approver','supervisor','panel_chair','reviewer','evaluator','council_member','committee_member')), --: Role | Which.
  scope text not null check (scope in ('foundation','fund','call')), --: Scope | Where it holds.
  scope_id $ID null, --: Option<i64> | Fund or call, null for the foundation.
  stage text not null check (stage in ('proposed','effective','declined','revoked')), --: RoleGrantStage | Where it stands.
  proposed_by $ID null references person, --: Option<PersonId> | Nobody for the first two administrators.
  proposed_at $TIME not null, -- When.
  confirmed_by $ID null references person, --: Option<PersonId> | The second administrator, where two are needed.
  confirmed_at $TIME null, -- When.
  effective_on $DATE null, -- First day it counts.
  ends_on $DATE null, -- Last day, for deputies and terms.
  principal_id $ID null references person, --: Option<PersonId> | A deputy's principal: both count as one person.
  check (confirmed_by is null or confirmed_by <> proposed_by),
  check (confirmed_by is null or confirmed_by <> person_id),
  check ((scope = 'foundation') = (scope_id is null))
);
create index role_grant_person on role_grant (person_id, stage);
create index role_grant_scope on role_grant (scope, scope_id, role);

-- table membership: A person's part in an organisation.
create table membership (
  id $PK, --: MembershipId | Key.
  organisation_id $ID not null references organisation, --: OrganisationId | Where.
  person_id $ID not null references person, --: PersonId | Who.
  role text not null check (role in ('signatory','editor')), --: MemberRole | Signs, or writes.
  stage text not null check (stage in ('active','ended')), --: MembershipStage | Where it stands.
  invited_by $ID null references person, --: Option<PersonId> | Who asked them in.
  created_at $TIME not null, -- When.
  ended_at $TIME null, -- When it ended.
  unique (organisation_id, person_id, role)
);
create index membership_person on membership (person_id, stage);

-- table organisation_record: Dated history of grade, credit, stage and annual check; only ever added to.
create table organisation_record (
  id $PK, --: OrganisationRecordId | Key.
  organisation_id $ID not null references organisation, --: OrganisationId | Whose.
  kind text not null check (kind in ('grade','credit','enterprise_stage','annual_check')), --: RecordKind | What is recorded.
  value text not null, -- `1A`–`5A`; `none|abnormal|serious|other`; `observed|start_up|seed|certified|exited`; `passed|failed`.
  certificate_number text null, -- Of a certification.
  valid_from $DATE not null, -- First day.
  valid_until $DATE null, -- Last day; open when null.
  evidence text not null, -- Where it was seen.
  document_id $ID null, --: Option<DocumentId> | Copy of the evidence.
  recorded_by $ID null references person, --: Option<PersonId> | Who.
  recorded_at $TIME not null -- When.
);
create index organisation_record_of on organisation_record (organisation_id, kind, valid_from);

-- table organisation_relation: Ownership and related parties, from which conflicts follow.
create table organisation_relation (
  id $PK, --: OrganisationRelationId | Key.
  organisation_id $ID not null references organisation, --: OrganisationId | The one that owns or is related.
  related_id $ID not null references organisation, --: OrganisationId | The one owned or related.
  kind text not null check (kind in ('owns','related')), --: RelationKind | How.
  valid_from $DATE not null, -- First day.
  valid_until $DATE null, -- Last day.
  evidence text not null, -- Where it was seen.
  recorded_by $ID null references person, --: Option<PersonId> | Who.
  recorded_at $TIME not null, -- When.
  check (organisation_id <> related_id)
);
create index organisation_relation_of on organisation_relation (organisation_id);
create index organisation_relation_to on organisation_relation (related_id);

-- table payee_account: A bank account money may be paid to, entered, verified and approved by three people.
create table payee_account (
  id $PK, --: PayeeAccountId | Key.
  organisation_id $ID not null references organisation, --: OrganisationId | Whose.
  holder text not null, -- Name on the account.
  bank_name text not null, -- Bank and branch.
  account_number text not null, -- In full; screens show the last four digits.
  currency text not null check (length(currency) = 3), --: Currency | Of the account.
  stage text not null check (stage in ('entered','verified','cooling','usable','replaced','revoked')), --: PayeeStage | Where it stands.
  entered_by $ID not null references person, --: PersonId | Signatory.
  entered_at $TIME not null, -- When.
  evidence text not null, -- What finance compared it with, '' before.
  verified_by $ID null references person, --: Option<PersonId> | Finance officer.
  verified_at $TIME null, -- When.
  approved_by $ID null references person, --: Option<PersonId> | A different approver.
  approved_at $TIME null, -- When; cooling starts.
  usable_from $TIME null, -- End of the cooling period.
  version integer not null, --: i32 | Counts every save.
  check (verified_by is null or verified_by <> entered_by),
  check (approved_by is null or (approved_by <> entered_by and approved_by <> verified_by)),
  check (stage not in ('cooling','usable') or approved_by is not null)
);
create index payee_account_of on payee_account (organisation_id, stage);
