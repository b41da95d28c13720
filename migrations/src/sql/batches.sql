-- How the foundation pays: its accounts as its banks want to be told, and batches of payments.

-- table paying_account: How an account of the foundation pays; its number is sealed.
create table paying_account (
  id $PK, --: PayingAccountId | Key.
  account_id $ID not null unique references bank_account, --: BankAccountId | Which account.
  profile text not null check (profile in ('pain_latin','pain_chinese','csv_utf8','csv_gb18030','csv_semicolon')), --: PayProfile | The file its bank takes.
  holder text not null check (holder <> ''), -- Name on the account.
  bic text not null, -- Of its bank, or ''.
  number_sealed text not null check (number_sealed <> ''), -- Its number, sealed.
  set_by $ID not null references person, --: PersonId | Who entered it.
  set_at $TIME not null, -- When.
  version integer not null --: i32 | Counts every save.
);

-- table payment_batch: Payments that one file tells a bank to make.
create table payment_batch (
  id $PK, --: PaymentBatchId | Key.
  account_id $ID not null references bank_account, --: BankAccountId | From which account.
  currency text not null check (length(currency) = 3), --: Currency | Same as the account's.
  execute_on $DATE not null, -- Working day on which the bank is to pay.
  stage text not null check (stage in ('drafted','frozen','sent','dissolved')), --: PaymentBatchStage | Where it stands.
  made_by $ID not null references person, --: PersonId | Who put it together.
  made_at $TIME not null, -- When.
  profile text null check (profile in ('pain_latin','pain_chinese','csv_utf8','csv_gb18030','csv_semicolon')), --: Option<PayProfile> | The file as it was made.
  frozen_by $ID null references person, --: Option<PersonId> | Who froze it.
  frozen_at $TIME null, -- When.
  sha256 text null, -- Of the file.
  file_sealed text null, -- The file, sealed: account numbers stand in it.
  total_minor $ID null check (total_minor > 0), --: Option<i64> | The sum of the file.
  line_count integer null check (line_count between 1 and 50), --: Option<i32> | Payments of the file.
  sent_by $ID null references person, --: Option<PersonId> | Another person.
  sent_at $TIME null, -- When.
  version integer not null, --: i32 | Counts every save.
  check (stage not in ('frozen','sent') or (frozen_by is not null and frozen_at is not null and profile is not null and sha256 is not null and file_sealed is not null and total_minor is not null and line_count is not null)),
  check (stage <> 'sent' or sent_by is not null),
  check (sent_by is null or (sent_at is not null and sent_by <> frozen_by and sent_by <> made_by))
);
create index payment_batch_stage on payment_batch (stage, id);

-- table payment_batch_line: A payment in a batch.
create table payment_batch_line (
  id $PK, --: PaymentBatchLineId | Key.
  batch_id $ID not null references payment_batch, --: PaymentBatchId | In which batch.
  payment_id $ID not null references payment, --: PaymentId | Which payment.
  left_at $TIME null -- When it was taken out before the batch was sent.
);
create unique index payment_batch_line_once on payment_batch_line (payment_id) where left_at is null;
create index payment_batch_line_of on payment_batch_line (batch_id, id);
