-- The vault's key while it is changed, and with which key an account was marked.
alter table vault_key add column changing_since $TIME null;
alter table bank_account add column mark_key text not null default '';
