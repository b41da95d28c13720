-- table turnover: What sealed transfers moved in all from one account to another, by recipe, fund and award, once by day and once by month; only the sealer adds to it.
create table turnover (
  id $PK, --: TurnoverId | Key.
  span text not null check (span in ('day','month')), --: Span | How long it counts.
  starts_on $DATE not null, -- The day, or the first of the month.
  debit_id $ID not null references account, --: AccountId | Account debited.
  credit_id $ID not null references account, --: AccountId | Account credited.
  recipe text not null, --: Recipe | Which row of the table of postings.
  fund_id $ID not null, --: i64 | Fund it concerns; 0 for none.
  award_id $ID not null, --: i64 | Award it concerns; 0 for none.
  amount_minor $ID not null check (amount_minor > 0), --: i64 | In all, in minor units.
  transfers $ID not null check (transfers > 0), --: i64 | How many.
  unique (span, starts_on, debit_id, credit_id, recipe, fund_id, award_id)
);
create index turnover_debit on turnover (debit_id) where span = 'month';
create index turnover_credit on turnover (credit_id) where span = 'month';
create index turnover_fund on turnover (fund_id, award_id) where span = 'month';
create index turnover_award on turnover (award_id) where span = 'month';

-- What moved and is not sealed yet, one by one.
create view unsealed as
  select t.debit_id, t.credit_id, p.recipe, coalesce(p.fund_id, 0) as fund_id, coalesce(p.award_id, 0) as award_id, p.occurred_on, t.amount_minor
  from transfer t join posting p on p.id = t.posting_id
  where t.id > (select coalesce(max(h.last_transfer_id), 0) from seal_head h) and t.phase in ('single','post');

-- The same of the sealed months, each counted on its first day, and what is not sealed on its own.
create view moved_on as
  select debit_id, credit_id, recipe, fund_id, award_id, starts_on as moved_on, amount_minor from turnover where span = 'month'
  union all
  select debit_id, credit_id, recipe, fund_id, award_id, occurred_on as moved_on, amount_minor from unsealed;

-- Everything that moved: what is sealed by the month, what came after the newest head one by one. A sealer changes both in one transaction.
create view moved as
  select debit_id, credit_id, recipe, fund_id, award_id, amount_minor from turnover where span = 'month'
  union all
  select debit_id, credit_id, recipe, fund_id, award_id, amount_minor from unsealed;
