-- table payee_stop: A link in a letter about a new payee account, by which whoever is written to stops it without signing in.
create table payee_stop (
  id $PK, --: PayeeStopId | Key.
  token_hash text not null unique, -- SHA-256 of the token in the link.
  payee_account_id $ID not null references payee_account, --: PayeeAccountId | Which account it stops.
  person_id $ID not null references person, --: PersonId | Who was written to.
  made_at $TIME not null, -- When.
  expires_at $TIME not null, -- After this it is void.
  used_at $TIME null -- When it was used: once.
);
create index payee_stop_account on payee_stop (payee_account_id, id);
