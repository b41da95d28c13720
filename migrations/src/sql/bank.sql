-- table bank_account: An account of the foundation at a bank, into which statements are imported.
create table bank_account (
  id $PK, --: BankAccountId | Key.
  name text not null check (name <> ''), -- What the foundation calls it.
  number_hash text not null unique, -- SHA-256 of its number: a statement of another account is not taken.
  number_tail text not null, -- The last figures, for people.
  currency text not null check (length(currency) = 3), --: Currency | One account, one currency.
  opened_by $ID not null references person, --: PersonId | Who entered it.
  opened_at $TIME not null -- When.
);

-- table bank_statement: A file of the bank: checked first, then imported whole or discarded.
create table bank_statement (
  id $PK, --: StatementId | Key.
  account_id $ID not null references bank_account, --: BankAccountId | Of which account.
  sha256 text not null unique, -- Of the file: the same file never twice.
  file_name text not null, -- As uploaded.
  format text not null check (format in ('camt','comma','comma_gb18030','semicolon','by_hand')), --: StatementFormat | How it came.
  currency text not null check (length(currency) = 3), --: Currency | Same as the account's.
  from_day $DATE not null, -- First day it speaks of.
  to_day $DATE not null, -- Last day it speaks of.
  opening_minor $ID null, --: Option<i64> | What stood there before it, where it says.
  closing_minor $ID null, --: Option<i64> | What stood there after it, where it says.
  line_count integer not null check (line_count >= 0), --: i32 | Lines of the file.
  new_count integer not null check (new_count between 0 and line_count), --: i32 | Lines that no import brought before.
  rows $JSON not null, --: Json | The checked lines, until they are lines of their own.
  stage text not null check (stage in ('checked','imported','discarded')), --: StatementStage | Where it stands.
  known_by text not null check (known_by in ('number','balance','choice')), --: KnownBy | By what it is known to be of this account.
  recorded_by $ID not null references person, --: PersonId | Who uploaded it.
  recorded_at $TIME not null, -- When.
  check (from_day <= to_day)
);
create index bank_statement_account on bank_statement (account_id, to_day, id);

-- table bank_statement_line: A line of a statement, kept once however often it is imported.
create table bank_statement_line (
  id $PK, --: StatementLineId | Key.
  account_id $ID not null references bank_account, --: BankAccountId | Of which account.
  statement_id $ID not null references bank_statement, --: StatementId | The file that brought it first; where a hand wrote it before, the file that shows it.
  reference text not null, -- The bank's mark, unique within the account.
  mark text not null unique check (mark <> ''), -- The same as the books use it: what it proves, it proves once.
  day $DATE not null, -- Day it was booked.
  amount_minor $ID not null check (amount_minor <> 0), --: i64 | Above zero came in, below zero went out.
  currency text not null check (length(currency) = 3), --: Currency | Same as the account's.
  name text not null, -- Whom it came from or went to; never public.
  tail text not null, -- The last figures of their account; the rest is not kept.
  text text not null, -- What was written on it; never public.
  row_number integer not null, --: i32 | Line in the file.
  recorded_by $ID not null references person, --: PersonId | Who imported it.
  recorded_at $TIME not null, -- When.
  unique (account_id, reference)
);
create index bank_statement_line_day on bank_statement_line (account_id, day, id);
create index bank_statement_line_amount on bank_statement_line (currency, amount_minor);

-- table line_match: What a line turned out to be, said by one and confirmed by another; only ever added to.
create table line_match (
  id $PK, --: LineMatchId | Key.
  line_id $ID not null unique references bank_statement_line, --: StatementLineId | Which line.
  kind text not null check (kind in ('gift','suspense','payment','returned','refund','bank_fee','recorded')), --: MatchKind | What it is.
  subject text not null, --: Subject | What it belongs to.
  subject_id $ID not null, --: i64 | Which one.
  transfer_id $ID null unique references transfer, --: Option<TransferId> | The entry that somebody recorded under another mark.
  why text not null, -- Which rule proposed it, or that somebody chose it.
  proposed_by $ID not null references person, --: PersonId | Who imported the line, or chose by hand.
  confirmed_by $ID not null references person, --: PersonId | Another.
  at $TIME not null, -- When.
  check (proposed_by <> confirmed_by),
  check ((kind = 'recorded') = (transfer_id is not null))
);
