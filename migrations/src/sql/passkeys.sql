-- table passkey: A passkey of a person, beside the authenticator.
create table passkey (
  id $PK, --: PasskeyId | Key.
  person_id $ID not null references person, --: PersonId | Whose.
  credential_mark text not null unique, -- SHA-256 of the credential's own name: one belongs to one person.
  name text not null check (name <> ''), -- What its person calls it.
  credential $JSON not null, --: Json | The public half, as the browser registered it.
  counter $ID not null check (counter >= 0), --: i64 | What it last counted; one that counts backwards was copied.
  created_at $TIME not null, -- When.
  used_at $TIME null -- When it last proved its person.
);
create index passkey_person on passkey (person_id, id);

alter table person add column passkeys integer not null default 0 check (passkeys between 0 and 10);
alter table session add column challenge $JSON null;
alter table session add column challenge_mark $ID not null default 0;
alter table session add column challenge_at $TIME null;
