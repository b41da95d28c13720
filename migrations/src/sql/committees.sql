alter table fund add column quorum_bps integer not null default 6666 check (quorum_bps between 5000 and 10000);
alter table fund add column majority_bps integer not null default 5000 check (majority_bps between 5000 and 9999);
alter table fund add column needs_resolution $BOOL not null default $FALSE;
alter table fund add column bears_processor_fee $BOOL not null default $FALSE;
alter table fund add column spend_cap_bps integer not null default 0 check (spend_cap_bps between 0 and 10000);

-- table joint_initiator: One of several initiators of a joint fund, with its share.
create table joint_initiator (
  id $PK, --: JointInitiatorId | Key.
  fund_id $ID not null references fund, --: FundId | The fund.
  organisation_id $ID not null references organisation, --: OrganisationId | Who opens it with others.
  share_bps integer not null check (share_bps between 1 and 9999), --: i32 | Share in votes and residue, in basis points.
  signed_by $ID null references person, --: Option<PersonId> | Who signed the agreement for it; the first initiator signs on the fund.
  signed_at $TIME null, -- When.
  unique (fund_id, organisation_id)
);
create index joint_initiator_organisation on joint_initiator (organisation_id);

-- table committee_seat: What a committee member or supervisor of a fund was appointed as; the role itself is the grant.
create table committee_seat (
  id $PK, --: CommitteeSeatId | Key.
  fund_id $ID not null references fund, --: FundId | The fund.
  grant_id $ID not null unique references role_grant, --: RoleGrantId | The role with its term, given by two.
  part text not null check (part in ('chair','member','supervisor')), --: SeatPart | Part in the committee.
  organisation_id $ID null references organisation, --: Option<OrganisationId> | Initiator of a joint fund for whom the member votes.
  check (part <> 'supervisor' or organisation_id is null)
);
create index committee_seat_fund on committee_seat (fund_id, id);

-- table motion: A proposal on the use of a fund, voted on by its committee.
create table motion (
  id $PK, --: MotionId | Key.
  fund_id $ID not null references fund, --: FundId | The fund.
  title text not null check (title <> ''), -- Public; names nobody.
  text text not null, -- For the committee and staff.
  currency text not null check (length(currency) = 3), --: Currency | Of the fund.
  amount_minor $ID null check (amount_minor > 0), --: Option<i64> | Most that it allows; none for no limit.
  call_id $ID null references call, --: Option<CallId> | Call it concerns.
  application_id $ID null references application, --: Option<ApplicationId> | Application it concerns.
  award_id $ID null references award, --: Option<AwardId> | Award it concerns.
  stage text not null check (stage in ('open','passed','rejected','lapsed','withdrawn')), --: MotionStage | Where it stands.
  quorum_bps integer not null, --: i32 | Votes that must be given, of all, as the agreement said when it opened.
  majority_bps integer not null, --: i32 | More than this of the votes given must be for it.
  votes $ID not null check (votes > 0), --: i64 | Votes there are, empty seats included.
  opened_by $ID not null references person, --: PersonId | Who.
  opened_at $TIME not null, -- When.
  closes_at $TIME not null, -- No vote counts from then on.
  closed_at $TIME null, -- When it was decided.
  closed_by $ID null references person, --: Option<PersonId> | The chair; nobody when the clock closed it.
  check ((call_id is null or application_id is null) and (call_id is null or award_id is null) and (application_id is null or award_id is null)),
  check (stage = 'open' or closed_at is not null)
);
create index motion_fund on motion (fund_id, id);
create index motion_due on motion (stage, closes_at);
create index motion_application on motion (application_id, id);
create index motion_call on motion (call_id, id);

-- table motion_vote: A seat on the roll of a motion, and how it voted.
create table motion_vote (
  id $PK, --: MotionVoteId | Key.
  motion_id $ID not null references motion, --: MotionId | The motion.
  seat integer not null check (seat > 0), --: i32 | Number of the seat on this roll.
  person_id $ID not null references person, --: PersonId | Who sat there when it opened.
  part text not null check (part in ('chair','member','supervisor')), --: SeatPart | Part in the committee.
  organisation_id $ID null references organisation, --: Option<OrganisationId> | Initiator for whom the seat votes.
  weight $ID not null check (weight >= 0), --: i64 | Votes of the seat.
  ballot text not null check (ballot in ('waiting','for','against','abstain','recused')), --: Ballot | How it voted.
  reason text not null, -- Why recused, or ''.
  voted_at $TIME null, -- When it last voted.
  unique (motion_id, person_id),
  unique (motion_id, seat),
  check (ballot = 'waiting' or voted_at is not null)
);
create index motion_vote_person on motion_vote (person_id, ballot, motion_id);

-- table motion_minutes: The minutes of a motion, made from the facts when it closed; only ever added to.
create table motion_minutes (
  id $PK, --: MotionMinutesId | Key.
  motion_id $ID not null unique references motion, --: MotionId | The motion.
  facts $JSON not null, --: Json | Seats by number and part, counts and the result; nobody's name.
  at $TIME not null -- When.
);

-- table fund_budget_line: A line of a fund's budget of a year; a later revision replaces the whole year, and nothing is lost.
create table fund_budget_line (
  id $PK, --: FundBudgetLineId | Key.
  fund_id $ID not null references fund, --: FundId | The fund.
  year integer not null check (year between 2000 and 2200), --: i32 | Calendar year.
  revision integer not null check (revision > 0), --: i32 | The highest of a year counts.
  head text not null check (head in ('gifts','matching','grants','seed_funds','fee')), --: BudgetHead | What for.
  amount_minor $ID not null check (amount_minor >= 0), --: i64 | Planned.
  proposed_by $ID not null references person, --: PersonId | Signatory of the initiator.
  confirmed_by $ID not null references person, --: PersonId | Programme officer.
  at $TIME not null, -- When.
  unique (fund_id, year, revision, head),
  check (confirmed_by <> proposed_by)
);
