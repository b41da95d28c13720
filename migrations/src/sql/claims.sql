-- Parts of the co-building list that several partners carry together, each with an amount.

alter table need_part add column wanted_minor $ID null check (wanted_minor > 0);
alter table need_part add column currency text null check (length(currency) = 3);

-- table need_claim: What a partner promises of a part that has an amount; a promise is never money.
create table need_claim (
  id $PK, --: NeedClaimId | Key.
  part_id $ID not null references need_part, --: NeedPartId | Of which part.
  organisation_id $ID not null references organisation, --: OrganisationId | Partner.
  amount_minor $ID not null check (amount_minor > 0), --: i64 | How much of it, in the part's currency.
  claimed_by $ID not null references person, --: PersonId | Signatory.
  claimed_at $TIME not null, -- When.
  withdrawn_at $TIME null -- When it was taken back.
);
create unique index need_claim_one on need_claim (part_id, organisation_id) where withdrawn_at is null;
create index need_claim_of on need_claim (part_id, id);
