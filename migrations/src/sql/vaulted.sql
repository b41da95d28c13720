-- Account numbers in the vault: sealed, a mark to know one again, the last figures for people.
alter table payee_account rename column account_number to account_sealed;
alter table payee_account add column account_mark text not null default '';
alter table payee_account add column account_tail text not null default '';
create index payee_account_mark on payee_account (account_mark);

-- table vault_key: By what the vault's key is known again; the key itself is in no table.
create table vault_key (
  id $ID primary key check (id = 1), --: i64 | Always 1.
  mark text not null -- Made with the key.
);
