-- table need: Something a community lacks; listed, then answered by a call, fund or project.
create table need (
  id $PK, --: NeedId | Key.
  title_zh text not null, -- Title in Chinese, or ''.
  title_en text not null, -- Title in English, or ''.
  summary_zh text not null, -- What is wrong and for whom.
  summary_en text not null, -- The same in English.
  community text not null, -- Community.
  area text not null, -- Area code.
  since_year integer null, --: Option<i32> | Year the need was first recorded.
  stage text not null check (stage in ('proposed','listed','merged','declined','adopted','met','archived')), --: NeedStage | Where it stands.
  consents_required $BOOL not null, -- Work waits until every owner consented.
  proposed_by $ID null references person, --: Option<PersonId> | Who proposed it.
  proposed_at $TIME not null, -- When.
  merged_into_id $ID null references need, --: Option<NeedId> | The need that took it over.
  call_id $ID null, --: Option<CallId> | The call that answers it.
  fund_id $ID null, --: Option<FundId> | The fund that answers it.
  check (title_zh <> '' or title_en <> '')
);
create index need_stage on need (stage, id);

-- table need_part: A part of the co-building list that a partner can claim.
create table need_part (
  id $PK, --: NeedPartId | Key.
  need_id $ID not null references need, --: NeedId | The need.
  kind text not null check (kind in ('money','material','labour','permission')), --: PartKind | What is asked for.
  label text not null, -- In words.
  claimed_by_id $ID null references organisation, --: Option<OrganisationId> | Partner who claimed it.
  claimed_by_person $ID null references person, --: Option<PersonId> | Who claimed for them.
  claimed_at $TIME null -- When.
);
create index need_part_of on need_part (need_id, id);

-- table need_consent: One owner's consent; the page shows how many, never who.
create table need_consent (
  id $PK, --: NeedConsentId | Key.
  need_id $ID not null references need, --: NeedId | The need.
  owner_label text not null, -- Who, for staff eyes only.
  organisation_id $ID null references organisation, --: Option<OrganisationId> | The owner, where it is registered here.
  stage text not null check (stage in ('asked','given','refused','withdrawn')), --: ConsentStage | Where it stands.
  evidence text not null, -- What was signed, '' while asked.
  recorded_by $ID not null references person, --: PersonId | Officer.
  recorded_at $TIME not null, -- When.
  unique (need_id, owner_label)
);

-- table fund: A micro-, special, programme or joint fund: a sub-ledger of the foundation.
create table fund (
  id $PK, --: FundId | Key.
  name_zh text not null, -- Name in Chinese, or ''.
  name_en text not null, -- Name in English, or ''.
  purpose_zh text not null, -- What it is for.
  purpose_en text not null, -- The same in English.
  kind text not null check (kind in ('micro','special','programme','joint')), --: FundKind | Kind.
  community text not null, -- Community, or ''.
  area text not null, -- Area code.
  currency text not null check (length(currency) = 3), --: Currency | One fund, one currency.
  opening_minimum_minor $ID not null check (opening_minimum_minor >= 0), --: i64 | Receives this before it is active.
  fee_bps integer not null check (fee_bps between 0 and 2000), --: i32 | Management fee in basis points of amounts paid.
  mode text not null check (mode in ('targeted','public','none')), --: FundraisingMode | Fundraising mode.
  qualification_number text not null, -- Public fundraising qualification, or ''.
  filing_number text not null, -- Filed fundraising plan, or ''.
  spending text not null check (spending in ('expendable','endowed')), --: SpendingType | May the capital be spent.
  residue_rule text not null, -- What happens with the rest, in words.
  committee_size integer not null check (committee_size >= 0), --: i32 | Members of the committee.
  stage text not null check (stage in ('draft','submitted','approved','declined','active','closing','closed','merged')), --: FundStage | Where it stands.
  initiator_id $ID not null references organisation, --: OrganisationId | Who opens it.
  board_minute text not null, -- Number of the board minute that approved or declined, or ''.
  agreement_hash text not null, -- SHA-256 of the agreement's text as signed, or ''.
  initiator_signed_by $ID null references person, --: Option<PersonId> | Signatory of the initiator.
  initiator_signed_at $TIME null, -- When.
  foundation_signed_by $ID null references person, --: Option<PersonId> | Administrator.
  foundation_signed_at $TIME null, -- When.
  merged_into_id $ID null references fund, --: Option<FundId> | Successor.
  created_by $ID not null references person, --: PersonId | Who drafted it.
  created_at $TIME not null, -- When.
  version integer not null, --: i32 | Counts every save.
  check (name_zh <> '' or name_en <> ''),
  check (foundation_signed_by is null or foundation_signed_by <> initiator_signed_by),
  check (merged_into_id is null or merged_into_id <> id),
  check (stage <> 'active' or (initiator_signed_by is not null and foundation_signed_by is not null))
);
create index fund_stage on fund (stage, id);
create index fund_initiator on fund (initiator_id);

-- table match_pool: Money set aside to match gifts.
create table match_pool (
  id $PK, --: MatchPoolId | Key.
  name_zh text not null, -- Name in Chinese, or ''.
  name_en text not null, -- Name in English, or ''.
  fund_id $ID not null references fund, --: FundId | Gifts to this fund are matched.
  currency text not null check (length(currency) = 3), --: Currency | Of the pool.
  ratio_bps integer not null check (ratio_bps between 1 and 100000), --: i32 | 10000 is one to one.
  cap_per_gift_minor $ID null, --: Option<i64> | Most for one gift.
  cap_total_minor $ID not null check (cap_total_minor > 0), --: i64 | Most in all.
  opens_on $DATE not null, -- First day of the window.
  closes_on $DATE not null, -- Last day of the window.
  stage text not null check (stage in ('proposed','open','closed')), --: MatchPoolStage | Where it stands.
  proposed_by $ID not null references person, --: PersonId | Finance officer.
  confirmed_by $ID null references person, --: Option<PersonId> | A different approver.
  check (confirmed_by is null or confirmed_by <> proposed_by),
  check (closes_on >= opens_on)
);
create index match_pool_fund on match_pool (fund_id, stage);

-- table gift: A pledge, a bank gift, goods, a row of a platform's file, or a match.
create table gift (
  id $PK, --: GiftId | Key.
  fund_id $ID not null references fund, --: FundId | To which fund.
  kind text not null check (kind in ('bank','online','in_kind','platform','match')), --: GiftKind | How it comes.
  stage text not null check (stage in ('pledged','processing','received','refunded','failed','expired','cancelled','lapsed','disputed','lost','offered','accepted','used')), --: GiftStage | Where it stands.
  donor_organisation_id $ID null references organisation, --: Option<OrganisationId> | The donor, where an organisation.
  donor_person_id $ID null references person, --: Option<PersonId> | The donor, where a person with an account.
  donor_name text not null, -- As told; private unless `named`.
  anonymity text not null check (anonymity in ('named','withheld','anonymous')), --: Anonymity | What the public may see.
  receipt_wanted $BOOL not null, -- Or waived.
  amount_minor $ID not null check (amount_minor > 0), --: i64 | Cash, or the value of goods.
  currency text not null check (length(currency) = 3), --: Currency | Same as the fund's.
  restriction_need_id $ID null references need, --: Option<NeedId> | Only for this need.
  reference text null unique, -- Transfer reference issued to the donor.
  pledge_due_on $DATE null, -- Day a pledge falls due.
  bank_line text null unique, -- Statement line it came with.
  received_on $DATE null, -- Day of the bank line or hand-over.
  description text not null, -- Of goods in kind, or ''.
  valuation_basis text not null, -- Invoice, appraisal…, or ''.
  valuation_document_id $ID null references document, --: Option<DocumentId> | Proof of value.
  import_id $ID null, --: Option<SettlementImportId> | Platform file it came in.
  import_row integer null, --: Option<i32> | Its row.
  pool_id $ID null references match_pool, --: Option<MatchPoolId> | Pool of a match.
  matched_gift_id $ID null references gift, --: Option<GiftId> | The gift that was matched.
  recorded_by $ID null references person, --: Option<PersonId> | Who recorded the receipt.
  confirmed_by $ID null references person, --: Option<PersonId> | Who confirmed it.
  trace_token_hash text null unique, -- SHA-256 of the private trace link's token.
  created_by $ID null references person, --: Option<PersonId> | Who entered it.
  created_at $TIME not null, -- When.
  check (confirmed_by is null or recorded_by is null or confirmed_by <> recorded_by),
  check ((kind = 'match') = (pool_id is not null and matched_gift_id is not null)),
  check (kind in ('match','online') or stage not in ('received','accepted') or confirmed_by is not null),
  unique (import_id, import_row)
);
create index gift_fund on gift (fund_id, stage, id);
create index gift_beside on gift (fund_id, kind, stage, amount_minor) where stage in ('pledged','accepted','used');
create index gift_donor on gift (donor_organisation_id, id);
create index gift_person on gift (donor_person_id, id);
create index gift_pool on gift (pool_id, stage) where pool_id is not null;

-- table settlement_import: A designated platform's settlement file: proposed by one, applied by another.
create table settlement_import (
  id $PK, --: SettlementImportId | Key.
  fund_id $ID not null references fund, --: FundId | For which fund.
  sha256 text not null unique, -- Of the file: the same file never twice.
  file_name text not null, -- As uploaded.
  bank_line text not null unique, -- The one bank line that carries it.
  received_on $DATE not null, -- Day of that line.
  currency text not null check (length(currency) = 3), --: Currency | Of every row.
  row_count integer not null check (row_count > 0), --: i32 | Rows.
  total_minor $ID not null check (total_minor > 0), --: i64 | Sum of the rows.
  rows $JSON not null, --: Json | The checked rows.
  restriction_need_id $ID null references need, --: Option<NeedId> | Only for this need.
  stage text not null check (stage in ('proposed','applied','declined')), --: ImportStage | Where it stands.
  recorded_by $ID not null references person, --: PersonId | Who.
  recorded_at $TIME not null, -- When.
  confirmed_by $ID null references person, --: Option<PersonId> | Another.
  check (confirmed_by is null or confirmed_by <> recorded_by)
);

-- table programme: A line of funding with rounds.
create table programme (
  id $PK, --: ProgrammeId | Key.
  name_zh text not null, -- Name in Chinese, or ''.
  name_en text not null, -- Name in English, or ''.
  stage text not null check (stage in ('draft','running','ended')), --: ProgrammeStage | Where it stands.
  created_by $ID not null references person --: PersonId | Officer.
);

-- table form: A form's name; its versions hold the questions.
create table form (
  id $PK, --: FormId | Key.
  name text not null unique, -- For staff.
  created_by $ID null references person, --: Option<PersonId> | Who.
  created_at $TIME not null -- When.
);

-- table form_version: The questions as fixed; a call keeps its version for ever.
create table form_version (
  id $PK, --: FormVersionId | Key.
  form_id $ID not null references form, --: FormId | Which form.
  version integer not null, --: i32 | 1, 2, 3…
  definition $JSON not null, --: Json | A `core::answers::FormDefinition`.
  created_by $ID null references person, --: Option<PersonId> | Who.
  created_at $TIME not null, -- When.
  unique (form_id, version)
);

-- table call: An invitation to bid, with everything fixed before it opens.
create table call (
  id $PK, --: CallId | Key.
  programme_id $ID null references programme, --: Option<ProgrammeId> | Of which programme.
  fund_id $ID not null references fund, --: FundId | Which fund pays.
  need_id $ID null references need, --: Option<NeedId> | Which need it answers; lots restricted to it may be used.
  kind text not null check (kind in ('venture','micro','open','enterprise','formula')), --: CallKind | Kind.
  category text not null default '', -- Category within a venture round, or ''.
  title_zh text not null, -- Title in Chinese, or ''.
  title_en text not null, -- Title in English, or ''.
  summary_zh text not null, -- What is asked for.
  summary_en text not null, -- The same in English.
  currency text not null check (length(currency) = 3), --: Currency | Same as the fund's.
  cap_minor $ID not null check (cap_minor > 0), --: i64 | Most that one application may ask.
  envelope_minor $ID not null check (envelope_minor > 0), --: i64 | Most for all.
  area text not null, -- Area code.
  eligibility $JSON not null, --: Json | Rules, `Vec<core::eligibility::Rule>`.
  rubric $JSON not null, --: Json | Criteria, `Vec<core::rubric::Criterion>`.
  method text not null check (method in ('mean','trimmed-mean','median','reviewer-adjusted')), --: ScoringMethod | How scores are aggregated.
  blind $BOOL not null, -- Reviewers do not see who applies.
  reviews_required integer not null check (reviews_required between 1 and 50), --: i32 | Reviews an application needs.
  budget_heads $JSON not null, --: Json | Allowed heads, list of codes.
  negative_list $JSON not null, --: Json | What is never paid for, list of codes.
  tranche_plan $JSON not null, --: Json | `Vec<core::plan::PlannedTranche>`.
  reporting_plan $JSON not null, --: Json | `Vec<core::plan::PlannedReport>`.
  form_version_id $ID not null references form_version, --: FormVersionId | Its questions.
  notice_days integer not null check (notice_days between 1 and 60), --: i32 | Working days of public notice.
  appeal_days integer not null check (appeal_days between 1 and 60), --: i32 | Working days to appeal.
  host_allowed $BOOL not null, -- Residents' groups may bid through a host.
  opens_at $TIME not null, -- Opening hour.
  closes_at $TIME not null, -- Deadline; only moves later.
  stage text not null check (stage in ('draft','scheduled','open','closed','in_review','decided','archived','cancelled')), --: CallStage | Where it stands.
  drafted_by $ID not null references person, --: PersonId | Officer.
  checked_by $ID null references person, --: Option<PersonId> | A different officer.
  cancel_reason text not null default '', -- Public, when cancelled.
  created_at $TIME not null, -- When drafted.
  version integer not null, --: i32 | Counts every save.
  check (checked_by is null or checked_by <> drafted_by),
  check (stage in ('draft','cancelled') or checked_by is not null),
  check (closes_at > opens_at)
);
create index call_stage on call (stage, closes_at, id);
create index call_fund on call (fund_id, id);

-- table call_amendment: A published change of an open call; only ever added to.
create table call_amendment (
  id $PK, --: CallAmendmentId | Key.
  call_id $ID not null references call, --: CallId | Which call.
  text_zh text not null, -- What changed.
  text_en text not null, -- The same in English.
  closes_before $TIME not null, -- Deadline before.
  closes_after $TIME not null, -- Deadline after, never earlier.
  published_by $ID not null references person, --: PersonId | Officer.
  published_at $TIME not null, -- When.
  check (closes_after >= closes_before)
);
create index call_amendment_of on call_amendment (call_id, id);

-- table application: One organisation's bid.
create table application (
  id $PK, --: ApplicationId | Key.
  call_id $ID not null references call, --: CallId | For which call.
  organisation_id $ID not null references organisation, --: OrganisationId | Whose.
  host_id $ID null references organisation, --: Option<OrganisationId> | Fiscal host, for a residents' group.
  title text not null, -- Of the project.
  summary text not null, -- What will be done.
  site text not null, -- Where.
  team text not null, -- By whom.
  answers $JSON not null, --: Json | Answers to the call's form.
  child_name text not null default '', -- A child project without scores of its own, or ''.
  child_summary text not null default '', -- What the child does.
  ask_minor $ID not null check (ask_minor >= 0), --: i64 | Sum of its grant lines.
  currency text not null check (length(currency) = 3), --: Currency | Same as the call's.
  stage text not null check (stage in ('draft','awaiting_sign_off','submitted','information_requested','eligible','ineligible','under_review','recommended','reserve','not_recommended','approved','reserved','declined','withdrawn','lapsed')), --: ApplicationStage | Where it stands.
  findings $JSON not null, --: Json | Eligibility as last computed.
  policy_on $DATE null, -- Day of the policy it was computed under.
  content_hash text not null default '', -- SHA-256 of what was signed.
  drafted_by $ID not null references person, --: PersonId | Editor.
  created_at $TIME not null, -- When started.
  submitted_by $ID null references person, --: Option<PersonId> | Signatory.
  submitted_at $TIME null, -- Server time of the acknowledgement.
  screened_by $ID null references person, --: Option<PersonId> | Officer.
  reasons $JSON not null, --: Json | Reason codes of a refusal.
  question text not null default '', -- Information asked for.
  question_due_at $TIME null, -- Until when.
  version integer not null, --: i32 | Counts every save; a stale save is refused.
  check (host_id is null or host_id <> organisation_id)
);
create unique index application_one_a_call on application (call_id, organisation_id) where stage not in ('withdrawn','lapsed');
create index application_call on application (call_id, stage, id);
create index application_organisation on application (organisation_id, id);

-- table budget_line: A line of an application's budget.
create table budget_line (
  id $PK, --: BudgetLineId | Key.
  application_id $ID not null references application, --: ApplicationId | Whose.
  head text not null, -- Budget head code.
  label text not null, -- What for.
  quantity integer not null check (quantity > 0), --: i32 | How many.
  unit_minor $ID not null check (unit_minor > 0), --: i64 | Each.
  source text not null check (source in ('grant','self_raised','partner','fiscal')), --: BudgetSource | Who pays.
  position integer not null --: i32 | Order.
);
create index budget_line_of on budget_line (application_id, position);

-- table indicator: An outcome with baseline and target; reports add the actual.
create table indicator (
  id $PK, --: IndicatorId | Key.
  application_id $ID not null references application, --: ApplicationId | Whose.
  name text not null, -- What is measured.
  unit text not null, -- In what.
  baseline integer not null, --: i32 | Before.
  target integer not null, --: i32 | Promised.
  position integer not null --: i32 | Order.
);
create index indicator_of on indicator (application_id, position);

-- table appeal: An applicant's appeal against a refusal.
create table appeal (
  id $PK, --: AppealId | Key.
  application_id $ID not null references application, --: ApplicationId | Whose.
  against text not null check (against in ('screening','decision')), --: AppealAgainst | Which refusal.
  ground text not null, -- In words.
  stage text not null check (stage in ('filed','upheld','dismissed')), --: AppealStage | Where it stands.
  filed_by $ID not null references person, --: PersonId | Signatory.
  filed_at $TIME not null, -- When.
  decided_by $ID null references person, --: Option<PersonId> | Somebody who took no part.
  decided_at $TIME null, -- When.
  reason text not null default '', -- Why.
  check (decided_by is null or decided_by <> filed_by)
);
create unique index appeal_one_open on appeal (application_id, against) where stage = 'filed';

-- table conflict: Why a person may not judge an application: declared or derived.
create table conflict (
  id $PK, --: ConflictId | Key.
  application_id $ID not null references application, --: ApplicationId | Which application.
  person_id $ID not null references person, --: PersonId | Who.
  ground text not null check (ground in ('declared','employer','owner','donor','host','co_applicant','related','member')), --: ConflictGround | Why.
  evidence text not null, -- Where it shows.
  recorded_by $ID null references person, --: Option<PersonId> | Nobody when derived.
  recorded_at $TIME not null, -- When.
  unique (application_id, person_id, ground)
);

-- table review: An assignment and the review that comes of it.
create table review (
  id $PK, --: ReviewId | Key.
  application_id $ID not null references application, --: ApplicationId | What is judged.
  call_id $ID not null references call, --: CallId | Of which call.
  reviewer_id $ID not null references person, --: PersonId | By whom.
  stage text not null check (stage in ('invited','accepted','declined','recused','in_progress','submitted','reopened')), --: ReviewStage | Where it stands.
  assigned_by $ID not null references person, --: PersonId | Officer.
  assigned_at $TIME not null, -- When.
  comment text not null default '', -- Overall, for the applicant.
  total integer null check (total between 0 and 10000), --: Option<i32> | Total in hundredths, once submitted.
  submitted_at $TIME null, -- When.
  reason text not null default '', -- Of a recusal, decline or reopening.
  version integer not null, --: i32 | Counts every save.
  check (assigned_by <> reviewer_id),
  unique (application_id, reviewer_id)
);
create index review_call on review (call_id, stage);
create index review_reviewer on review (reviewer_id, stage);

-- table review_score: One criterion of a review; N/A is missing, never zero.
create table review_score (
  id $PK, --: ReviewScoreId | Key.
  review_id $ID not null references review, --: ReviewId | Of which review.
  criterion text not null, -- Criterion id of the rubric.
  value integer null, --: Option<i32> | 0…max, null for N/A.
  comment text not null, -- Where the rubric asks for one.
  unique (review_id, criterion)
);

-- table decision_batch: A list of decisions drafted by one, approved by another.
create table decision_batch (
  id $PK, --: DecisionBatchId | Key.
  call_id $ID not null references call, --: CallId | Of which call.
  stage text not null check (stage in ('draft','submitted','approved','decided')), --: BatchStage | Where it stands.
  scores $JSON not null, --: Json | Input and answer of the aggregation, as fixed.
  note text not null, -- Minutes of the panel.
  drafted_by $ID not null references person, --: PersonId | Chair or officer.
  drafted_at $TIME not null, -- When.
  submitted_at $TIME null, -- When.
  approved_by $ID null references person, --: Option<PersonId> | A different approver.
  approved_at $TIME null, -- When.
  returned_reason text not null default '', -- Why it came back.
  version integer not null, --: i32 | Counts every save.
  check (approved_by is null or approved_by <> drafted_by)
);
create unique index decision_batch_one_open on decision_batch (call_id) where stage in ('draft','submitted');
create index decision_batch_call on decision_batch (call_id, id);

-- table decision_item: What was decided about one application.
create table decision_item (
  id $PK, --: DecisionItemId | Key.
  batch_id $ID not null references decision_batch, --: DecisionBatchId | Of which batch.
  application_id $ID not null references application, --: ApplicationId | About which application.
  outcome text not null check (outcome in ('approved','reserved','declined')), --: Outcome | What.
  award_kind text not null check (award_kind in ('project','seed_fund')), --: AwardKind | What an approval becomes.
  amount_minor $ID not null check (amount_minor >= 0), --: i64 | Awarded, 0 unless approved or reserved.
  fee_minor $ID not null check (fee_minor >= 0), --: i64 | Management fee committed with it.
  currency text not null check (length(currency) = 3), --: Currency | Same as the call's.
  stage text not null check (stage in ('drafted','noticed','held','released','final')), --: ItemStage | Where it stands.
  score integer null, --: Option<i32> | Aggregated, in hundredths.
  rank integer null, --: Option<i32> | Rank by score.
  reserve_order integer null, --: Option<i32> | Place on the reserve list.
  reason text not null, -- Why, where it departs from the ranking; feedback to the applicant.
  committed $BOOL not null default $FALSE, -- Money is committed in the books.
  noticed_on $DATE null, -- First day of notice.
  notice_ends_on $DATE null, -- Last day objections may be filed.
  days_left integer null, --: Option<i32> | Working days left when it was held.
  final_at $TIME null, -- When it became final.
  unique (batch_id, application_id),
  check ((outcome = 'declined') = (amount_minor = 0))
);
create index decision_item_batch on decision_item (batch_id, id);
create index decision_item_application on decision_item (application_id, id);
create index decision_item_stage on decision_item (stage, notice_ends_on);

-- table objection: What somebody objects to during the public notice.
create table objection (
  id $PK, --: ObjectionId | Key.
  item_id $ID not null references decision_item, --: DecisionItemId | To which decision.
  ground text not null, -- In words; public without the name.
  ground_hash text not null, -- The same ground once.
  contact text not null, -- Private.
  filed_by $ID null references person, --: Option<PersonId> | Where signed in.
  filed_at $TIME not null, -- When.
  due_on $DATE not null, -- Answer by.
  stage text not null check (stage in ('filed','escalated','upheld','upheld_in_part','dismissed')), --: ObjectionStage | Where it stands.
  answer text not null default '', -- Public answer.
  answered_by $ID null references person, --: Option<PersonId> | An officer not of the panel, or the administrator.
  answered_at $TIME null, -- When.
  check (answered_by is null or answered_by <> filed_by),
  unique (item_id, ground_hash)
);

-- table award: A grant: offered, signed by both, paid in tranches, closed.
create table award (
  id $PK, --: AwardId | Key.
  item_id $ID not null unique references decision_item, --: DecisionItemId | The decision.
  application_id $ID not null references application, --: ApplicationId | The bid.
  call_id $ID not null references call, --: CallId | The call.
  fund_id $ID not null references fund, --: FundId | Who pays.
  organisation_id $ID not null references organisation, --: OrganisationId | Who is paid: the applicant, or its host.
  kind text not null check (kind in ('project','seed_fund')), --: AwardKind | Kind.
  title text not null, -- Of the project.
  amount_minor $ID not null check (amount_minor > 0), --: i64 | As agreed.
  fee_bps integer not null, --: i32 | Management fee on payments.
  currency text not null check (length(currency) = 3), --: Currency | Same as the fund's.
  stage text not null check (stage in ('offered','accepted','active','suspended','closing','closed','declined_by_grantee','offer_expired','terminated')), --: AwardStage | Where it stands.
  offered_at $TIME not null, -- When.
  offer_expires_on $DATE not null, -- Last day to accept and sign.
  agreement_hash text not null default '', -- SHA-256 of the agreement's text as signed.
  grantee_signed_by $ID null references person, --: Option<PersonId> | Signatory.
  grantee_signed_at $TIME null, -- When.
  foundation_signed_by $ID null references person, --: Option<PersonId> | Administrator.
  foundation_signed_at $TIME null, -- When.
  payee_account_id $ID null references payee_account, --: Option<PayeeAccountId> | Where money goes.
  allowable_cost_minor $ID null, --: Option<i64> | Confirmed by finance; it pays the lesser.
  allowable_by $ID null references person, --: Option<PersonId> | Who confirmed.
  clawback_minor $ID null, --: Option<i64> | To be returned after a termination.
  clawback_settled $BOOL not null default $FALSE, -- Returned or waived by the board.
  ends_on $DATE null, -- Planned end of the project.
  seed_fund_id $ID null references fund, --: Option<FundId> | The new fund of a seed-fund award.
  closed_by $ID null references person, --: Option<PersonId> | Officer.
  closed_finance_by $ID null references person, --: Option<PersonId> | Finance, somebody else.
  closed_at $TIME null, -- When.
  version integer not null, --: i32 | Counts every save.
  check (foundation_signed_by is null or foundation_signed_by <> grantee_signed_by),
  check (closed_finance_by is null or closed_finance_by <> closed_by),
  check (stage <> 'active' or (grantee_signed_by is not null and foundation_signed_by is not null)),
  check (allowable_cost_minor is null or (allowable_cost_minor >= 0 and allowable_cost_minor <= amount_minor))
);
create index award_fund on award (fund_id, id);
create index award_organisation on award (organisation_id, id);
create index award_stage on award (stage, id);
create unique index award_one_a_bid on award (application_id) where stage in ('offered','accepted','active','suspended','closing');

-- table tranche: A part of an award, paid when its gate is met.
create table tranche (
  id $PK, --: TrancheId | Key.
  award_id $ID not null references award, --: AwardId | Of which award.
  ordinal integer not null check (ordinal between 1 and 24), --: i32 | 1, 2, 3…
  planned_minor $ID not null check (planned_minor > 0), --: i64 | As first planned.
  amount_minor $ID not null check (amount_minor > 0), --: i64 | As it stands.
  currency text not null check (length(currency) = 3), --: Currency | Same as the award's.
  gates $JSON not null, --: Json | `Vec<core::plan::Gate>`.
  stage text not null check (stage in ('planned','due','requested','programme_approved','finance_prepared','finance_approved','batched','sent','failed','paid','returned','cancelled')), --: TrancheStage | Where it stands.
  due_on $DATE null, -- Day it fell due.
  version integer not null, --: i32 | Counts every save.
  unique (award_id, ordinal),
  check (amount_minor <= planned_minor)
);
create index tranche_stage on tranche (stage, id);

-- table payment: One attempt to pay a tranche: who asked, who approved, who prepared, who checked.
create table payment (
  id $PK, --: PaymentId | Key.
  tranche_id $ID not null references tranche, --: TrancheId | What is paid.
  amount_minor $ID not null check (amount_minor > 0), --: i64 | How much.
  currency text not null check (length(currency) = 3), --: Currency | In what.
  payee_account_id $ID not null references payee_account, --: PayeeAccountId | Where to.
  payee_entered_by $ID not null references person, --: PersonId | Who entered that account.
  request_document_id $ID null references document, --: Option<DocumentId> | Payment request.
  requested_by $ID not null references person, --: PersonId | Signatory of the payee.
  requested_at $TIME not null, -- When.
  programme_by $ID null references person, --: Option<PersonId> | Officer who approved the work.
  prepared_by $ID null references person, --: Option<PersonId> | Maker.
  prepared_at $TIME null, -- When.
  approved_by $ID null references person, --: Option<PersonId> | Checker.
  approved_at $TIME null, -- When.
  third_by $ID null references person, --: Option<PersonId> | Third approver, above the threshold.
  third_required $BOOL not null, -- By the policy of the day it was prepared.
  instruction text null unique, -- Reference on the bank instruction, made once.
  sent_by $ID null references person, --: Option<PersonId> | Who sent it.
  sent_at $TIME null, -- When.
  pending_transfer_id $ID null unique references transfer, --: Option<TransferId> | The hold in the books.
  outcome text null check (outcome in ('paid','failed','returned','rejected')), --: Option<PaymentOutcome> | How it ended.
  ended_at $TIME null, -- When.
  confirmed_by $ID null references person, --: Option<PersonId> | Who saw it on the statement.
  bank_line text null unique, -- Statement line that confirmed it.
  voucher_id $ID null references document, --: Option<DocumentId> | The voucher, original.
  reason text not null default '', -- Of a failure, return or rejection.
  check (prepared_by is null or (prepared_by <> requested_by and prepared_by <> payee_entered_by and (programme_by is null or prepared_by <> programme_by))),
  check (programme_by is null or (programme_by <> requested_by and programme_by <> payee_entered_by)),
  check (approved_by is null or (prepared_by is not null and approved_by <> prepared_by and approved_by <> requested_by and approved_by <> payee_entered_by and approved_by <> programme_by)),
  check (third_by is null or (approved_by is not null and third_by <> approved_by and third_by <> prepared_by and third_by <> requested_by and third_by <> payee_entered_by and third_by <> programme_by)),
  check (pending_transfer_id is null or (approved_by is not null and instruction is not null and (not third_required or third_by is not null))),
  check (confirmed_by is null or (prepared_by is not null and confirmed_by <> prepared_by and confirmed_by <> requested_by and confirmed_by <> payee_entered_by)),
  check (outcome <> 'paid' or confirmed_by is not null)
);
create unique index payment_one_open on payment (tranche_id) where outcome is null;
create index payment_tranche on payment (tranche_id, id);

-- table change_request: A wish to change an award.
create table change_request (
  id $PK, --: ChangeRequestId | Key.
  award_id $ID not null references award, --: AwardId | Which award.
  kind text not null check (kind in ('budget_shift','extension','scope','purpose')), --: ChangeKind | What kind.
  detail $JSON not null, --: Json | From head, to head, amount; or the new day.
  explanation text not null, -- Why.
  donor_consent_required $BOOL not null, -- Purpose changes need it.
  stage text not null check (stage in ('requested','in_review','approved','declined','applied')), --: ChangeStage | Where it stands.
  requested_by $ID not null references person, --: PersonId | Signatory.
  requested_at $TIME not null, -- When.
  decided_by $ID null references person, --: Option<PersonId> | Officer.
  reason text not null default '', -- Why declined.
  check (decided_by is null or decided_by <> requested_by)
);
create index change_request_of on change_request (award_id, id);

-- table change_consent: One donor's consent to another purpose; which donor, staff may see.
create table change_consent (
  id $PK, --: ChangeConsentId | Key.
  change_id $ID not null references change_request, --: ChangeRequestId | To which wish.
  organisation_id $ID not null references organisation, --: OrganisationId | The donor.
  evidence text not null, -- Evidence of it.
  given_by $ID not null references person, --: PersonId | The donor's signatory.
  given_at $TIME not null, -- When.
  unique (change_id, organisation_id)
);

-- table report: What was done and spent, from the grantee.
create table report (
  id $PK, --: ReportId | Key.
  award_id $ID not null references award, --: AwardId | On which award.
  kind text not null check (kind in ('mid_term','final','ad_hoc')), --: ReportKind | Kind.
  due_on $DATE not null, -- Late is derived from it.
  opens_on $DATE not null, -- From this day it can be written.
  narrative text not null, -- What happened, public once accepted.
  actuals $JSON not null, --: Json | Indicator id → actual.
  spending $JSON not null, --: Json | `Vec<core::plan::SpendingLine>`.
  volunteer_hours integer not null default 0 check (volunteer_hours >= 0), --: i32 | Hours.
  beneficiaries integer not null default 0 check (beneficiaries >= 0), --: i32 | A count, never names.
  stage text not null check (stage in ('scheduled','open','in_progress','awaiting_sign_off','submitted','accepted','changes_requested','waived')), --: ReportStage | Where it stands.
  drafted_by $ID null references person, --: Option<PersonId> | Who wrote.
  submitted_by $ID null references person, --: Option<PersonId> | Signatory.
  submitted_at $TIME null, -- When.
  decided_by $ID null references person, --: Option<PersonId> | Officer.
  reason text not null default '', -- Changes requested, or why waived.
  version integer not null, --: i32 | Counts every save.
  check (decided_by is null or submitted_by is null or decided_by <> submitted_by)
);
create index report_award on report (award_id, id);
create index report_stage on report (stage, due_on);

-- table evaluation: An outside look at an award, with a score that gates the next tranche.
create table evaluation (
  id $PK, --: EvaluationId | Key.
  award_id $ID not null references award, --: AwardId | Which award.
  kind text not null check (kind in ('mid_term','final')), --: EvaluationKind | Kind.
  evaluator_id $ID not null references person, --: PersonId | Who.
  assigned_by $ID not null references person, --: PersonId | Officer.
  stage text not null check (stage in ('assigned','submitted','published','rectification','re_evaluation')), --: EvaluationStage | Where it stands.
  score integer null check (score between 0 and 10000), --: Option<i32> | In hundredths.
  pass_mark integer not null, --: i32 | In hundredths, of the policy of that day.
  findings text not null default '', -- What was found, public once published.
  rectification text not null default '', -- What the grantee mended.
  rectified_by $ID null references person, --: Option<PersonId> | Signatory.
  previous_id $ID null references evaluation, --: Option<EvaluationId> | The one it repeats.
  submitted_at $TIME null, -- When.
  published_at $TIME null, -- When.
  check (evaluator_id <> assigned_by)
);
create index evaluation_award on evaluation (award_id, id);

-- table mentoring_note: A visit or a word of advice, kept with the award.
create table mentoring_note (
  id $PK, --: MentoringNoteId | Key.
  award_id $ID not null references award, --: AwardId | Which award.
  text text not null, -- What was seen and advised.
  written_by $ID not null references person, --: PersonId | Who.
  at $TIME not null -- When.
);
create index mentoring_note_of on mentoring_note (award_id, id);

-- table residue_decision: What becomes of what is left; due and published within three months.
create table residue_decision (
  id $PK, --: ResidueDecisionId | Key.
  award_id $ID null references award, --: Option<AwardId> | After an award.
  fund_id $ID null references fund, --: Option<FundId> | After a fund.
  amount_minor $ID not null check (amount_minor >= 0), --: i64 | How much is left.
  currency text not null check (length(currency) = 3), --: Currency | In what.
  decision text not null, -- In words, public; '' until decided.
  due_on $DATE not null, -- Three months after the end.
  proposed_by $ID null references person, --: Option<PersonId> | Officer.
  decided_by $ID null references person, --: Option<PersonId> | A different approver.
  published_at $TIME null, -- When.
  check (decided_by is null or decided_by <> proposed_by),
  check ((award_id is null) <> (fund_id is null))
);
create unique index residue_decision_award on residue_decision (award_id);
