-- table gift_bill: The number of a gift's fiscal e-bill as finance recorded it; the newest counts, and none is ever taken away.
create table gift_bill (
  id $PK, --: GiftBillId | Key.
  gift_id $ID not null references gift, --: GiftId | Of which gift.
  number text not null, -- Number of the bill; '' when it was cancelled.
  reason text not null, -- Why it was changed, '' for the first.
  recorded_by $ID not null references person, --: PersonId | Finance officer.
  recorded_at $TIME not null -- When.
);
create index gift_bill_gift on gift_bill (gift_id, id);
create index gift_bill_number on gift_bill (number, id);

-- table pledge_plan: What an organisation promised for a time: a sum in instalments, or a share of each year's profit.
create table pledge_plan (
  id $PK, --: PledgePlanId | Key.
  fund_id $ID not null references fund, --: FundId | To which fund.
  kind text not null check (kind in ('instalments','profit')), --: PlanKind | A sum in instalments, or a share of profit.
  stage text not null check (stage in ('active','cancelled')), --: PlanStage | Where it stands.
  donor_organisation_id $ID not null references organisation, --: OrganisationId | Who promised.
  amount_minor $ID null check (amount_minor > 0), --: Option<i64> | The whole sum; none of a share of profit.
  currency text not null check (length(currency) = 3), --: Currency | Same as the fund's.
  share_bps integer null check (share_bps between 1 and 10000), --: Option<i32> | Share of the profit; none of a sum.
  due_month integer null check (due_month between 1 and 12), --: Option<i32> | Month of the day by which a year's share is due, in the year after.
  due_day integer null check (due_day between 1 and 31), --: Option<i32> | Day of that month.
  first_year integer null, --: Option<i32> | First business year.
  last_year integer null, --: Option<i32> | Last business year.
  figures_public $BOOL not null, -- Whether the agreement lets the public read what was declared.
  anonymity text not null check (anonymity in ('named','withheld','anonymous')), --: Anonymity | What the public may see of its gifts.
  receipt_wanted $BOOL not null, -- Or waived.
  restriction_need_id $ID null references need, --: Option<NeedId> | Only for this need.
  agreement text not null, -- Number or name of the agreement, or ''.
  created_by $ID not null references person, --: PersonId | Signatory.
  created_at $TIME not null, -- When.
  check ((kind = 'instalments') = (amount_minor is not null)),
  check ((kind = 'profit') = (share_bps is not null and due_month is not null and due_day is not null and first_year is not null and last_year is not null)),
  check (last_year is null or (last_year >= first_year and last_year - first_year < 30))
);
create index pledge_plan_donor on pledge_plan (donor_organisation_id, id);
create index pledge_plan_fund on pledge_plan (fund_id, id);

-- table pledge_instalment: One part of a plan, with its day. What is open of it is told by its gifts.
create table pledge_instalment (
  id $PK, --: InstalmentId | Key.
  plan_id $ID not null references pledge_plan, --: PledgePlanId | Of which plan.
  ordinal integer not null check (ordinal > 0), --: i32 | Its place.
  due_on $DATE not null, -- Its day.
  amount_minor $ID not null check (amount_minor > 0), --: i64 | How much.
  stage text not null check (stage in ('promised','cancelled','lapsed')), --: InstalmentStage | Where it stands.
  unique (plan_id, ordinal)
);
create index pledge_instalment_due on pledge_instalment (stage, due_on, id);

-- table instalment_gift: A gift that pays an instalment, or waits to: one that waits at a time, as many as came.
create table instalment_gift (
  gift_id $ID primary key not null references gift, --: GiftId | The gift.
  instalment_id $ID not null references pledge_instalment --: InstalmentId | What it pays.
);
create index instalment_gift_of on instalment_gift (instalment_id, gift_id);

-- table profit_declaration: What an enterprise said of a year's profit; the newest of a year counts.
create table profit_declaration (
  id $PK, --: ProfitDeclarationId | Key.
  plan_id $ID not null references pledge_plan, --: PledgePlanId | Of which plan.
  year integer not null, --: i32 | Business year.
  profit_minor $ID not null, --: i64 | Its profit; a loss is below zero.
  due_minor $ID not null check (due_minor >= 0), --: i64 | The share of it.
  instalment_id $ID null references pledge_instalment, --: Option<InstalmentId> | What it became; none when nothing is due.
  note text not null, -- Why it was declared anew, '' for the first.
  declared_by $ID not null references person, --: PersonId | Signatory.
  declared_at $TIME not null, -- When.
  check ((due_minor = 0) = (instalment_id is null))
);
create index profit_declaration_of on profit_declaration (plan_id, year, id);

-- table pledge_reminder: A reminder that was sent, so that it is sent once.
create table pledge_reminder (
  mark text primary key not null, -- What it reminded of: `instalment:5:before`.
  at $TIME not null -- When.
);

-- What the clock looks for: promises whose day has come.
create index gift_pledged on gift (pledge_due_on, id) where stage in ('pledged','processing');
