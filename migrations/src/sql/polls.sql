-- table council_seat: Somebody who sits in the residents' council of a community; the role itself is the grant.
create table council_seat (
  id $PK, --: CouncilSeatId | Key.
  grant_id $ID not null references role_grant, --: RoleGrantId | The role with its term.
  person_id $ID not null references person, --: PersonId | Who.
  community text not null check (community <> ''), -- Of which community.
  seated_by $ID not null references person, --: PersonId | Officer.
  seated_at $TIME not null, -- When.
  left_at $TIME null, -- When the seat was given up.
  check (left_at is null or left_at >= seated_at)
);
create unique index council_seat_once on council_seat (person_id, community) where left_at is null;
create index council_seat_community on council_seat (community, id);
create index council_seat_person on council_seat (person_id);

-- table poll: A vote of a residents' council on the projects of a call.
create table poll (
  id $PK, --: PollId | Key.
  call_id $ID not null references call, --: CallId | The call.
  title text not null check (title <> ''), -- Public.
  community text not null check (community <> ''), -- Whose council votes.
  kind text not null check (kind in ('approval','scoring')), --: PollKind | What a ballot says.
  most integer not null check (most between 1 and 100), --: i32 | Most projects on one ballot.
  points integer not null check (points between 1 and 100), --: i32 | Most points for one project; 1 for approvals.
  currency text not null check (length(currency) = 3), --: Currency | Of the budget.
  budget_minor $ID not null check (budget_minor > 0), --: i64 | What may be spent.
  quorum_bps integer not null check (quorum_bps between 0 and 10000), --: i32 | Share of the roll that must vote.
  stage text not null check (stage in ('draft','open','closed','counted','failed','cancelled')), --: PollStage | Where it stands.
  closes_at $TIME not null, -- No ballot counts from then on.
  drafted_by $ID not null references person, --: PersonId | Officer.
  drafted_at $TIME not null, -- When.
  opened_by $ID null references person, --: Option<PersonId> | Another officer.
  opened_at $TIME null, -- When.
  roll integer not null check (roll >= 0), --: i32 | Who may vote, counted when it opened.
  version integer not null, --: i32 | Counts every save.
  check (opened_by is null or opened_by <> drafted_by),
  check (stage in ('draft','cancelled') or opened_by is not null)
);
create index poll_call on poll (call_id, id);
create index poll_due on poll (stage, closes_at);

-- table poll_project: A project on the ballot paper, with what it asks for; fixed when the poll opens.
create table poll_project (
  id $PK, --: PollProjectId | Key.
  poll_id $ID not null references poll, --: PollId | The poll.
  application_id $ID not null references application, --: ApplicationId | The project.
  cost_minor $ID not null check (cost_minor > 0), --: i64 | What it asks for.
  unique (poll_id, application_id)
);

-- table poll_voter: Somebody on the roll of a poll, and by which way the vote came: never which one it is, nor when.
create table poll_voter (
  id $PK, --: PollVoterId | Key.
  poll_id $ID not null references poll, --: PollId | The poll.
  person_id $ID not null references person, --: PersonId | Who.
  way text not null check (way in ('waiting','online','paper')), --: VoteWay | How the vote came.
  unique (poll_id, person_id)
);
create index poll_voter_person on poll_voter (person_id, way, poll_id);

-- table poll_ballot: A ballot: of nobody, in no order. Its key is thrown, and it keeps no time.
create table poll_ballot (
  id $ID primary key, --: PollBallotId | Thrown.
  poll_id $ID not null references poll, --: PollId | The poll.
  way text not null check (way in ('online','paper')), --: VoteWay | How it came.
  seal text not null unique check (length(seal) = 64), -- SHA-256 of the voter's receipt, or of the paper's number.
  choices $JSON not null --: Json | Points by project.
);
create index poll_ballot_poll on poll_ballot (poll_id, id);

-- table poll_paper: A paper ballot as two people read it, each alone.
create table poll_paper (
  id $PK, --: PollPaperId | Key.
  poll_id $ID not null references poll, --: PollId | The poll.
  number integer not null check (number between 1 and 100000), --: i32 | Printed on the paper.
  stage text not null check (stage in ('entered','apart','agreed')), --: PaperStage | Whether both read the same.
  first_by $ID not null references person, --: PersonId | Who read it first.
  first_read $JSON not null, --: Json | What the first read.
  second_by $ID null references person, --: Option<PersonId> | Who read it next.
  second_read $JSON null, --: Option<Json> | What the second read.
  unique (poll_id, number),
  check (second_by is null or second_by <> first_by),
  check (stage <> 'agreed' or second_by is not null)
);

-- table poll_result: What was counted and what came of it, to be counted again by anybody; only ever added to.
create table poll_result (
  id $PK, --: PollResultId | Key.
  poll_id $ID not null unique references poll, --: PollId | The poll.
  pabulib text not null, -- The ballots as a Pabulib file.
  shares $JSON not null, --: Json | The answer of the Method of Equal Shares.
  greedy $JSON not null, --: Json | The answer of the greedy rule, beside it.
  at $TIME not null -- When.
);
