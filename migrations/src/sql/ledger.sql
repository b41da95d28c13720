-- table account: A ledger account; floored ones carry their balance, constrained by the database.
create table account (
  id $PK, --: AccountId | Key.
  code text not null unique, -- e.g. `bank:CNY`, `fund_available:7`.
  kind text not null check (kind in ('bank','stripe_clearing','fund_available','award_committed','award_payable','match_pool','suspense_receipts','operating_reserve','processor_fees','bank_fees','dispute_fees','dispute_loss','fee_recovery','fx_position','pledge_receivable','pledge_control','in_kind_received','in_kind_control')), --: AccountKind | What it is for.
  subject_id $ID null, --: Option<i64> | Fund, decision item, tranche or pool.
  currency text not null check (length(currency) = 3), --: Currency | One account, one currency.
  side text not null check (side in ('D','C')), --: Side | Normal side.
  floored $BOOL not null, -- May never go below zero.
  closed $BOOL not null default $FALSE, -- Takes no more transfers.
  posted_debit_minor $ID not null default 0 check (posted_debit_minor >= 0), --: i64 | Floored accounts only.
  posted_credit_minor $ID not null default 0 check (posted_credit_minor >= 0), --: i64 | Floored accounts only.
  held_debit_minor $ID not null default 0 check (held_debit_minor >= 0), --: i64 | Pending transfers out.
  held_credit_minor $ID not null default 0 check (held_credit_minor >= 0), --: i64 | Pending transfers in.
  last_transfer_id $ID null, --: Option<TransferId> | The transfer that moved it last: no other write may change a balance.
  constraint account_floor check (not floored or (side = 'C' and posted_credit_minor - posted_debit_minor - held_debit_minor >= 0) or (side = 'D' and posted_debit_minor - posted_credit_minor - held_credit_minor >= 0))
);
create index account_subject on account (kind, subject_id);

-- table posting: A voucher group: the transfers of one event in the books, with its public number.
create table posting (
  id $PK, --: PostingId | Key; the public number is `V-` and this, six digits wide.
  recipe text not null, --: Recipe | Which row of the table of postings.
  at $TIME not null, -- When posted.
  occurred_on $DATE not null, -- Day of the event in the foundation's zone.
  fund_id $ID null, --: Option<FundId> | Fund it concerns.
  award_id $ID null, --: Option<AwardId> | Award it concerns.
  subject text not null, --: Subject | What it was posted for.
  subject_id $ID not null, --: i64 | Which one.
  created_by $ID null references person --: Option<PersonId> | Who; nobody for the system.
);
create index posting_fund on posting (fund_id, id);
create index posting_award on posting (award_id, id);
create index posting_subject on posting (subject, subject_id);
create index posting_use on posting (fund_id, recipe, occurred_on);

-- table posting_document: The voucher of a posting; added, never replaced.
create table posting_document (
  id $PK, --: PostingDocumentId | Key.
  posting_id $ID not null references posting, --: PostingId | The entry.
  document_id $ID not null references document, --: DocumentId | The voucher.
  unique (posting_id, document_id)
);

-- table correction_note: A published correction of an entry; the entry itself stays.
create table correction_note (
  id $PK, --: CorrectionNoteId | Key.
  posting_id $ID not null references posting, --: PostingId | The entry corrected.
  reversal_id $ID null references posting, --: Option<PostingId> | The reversing entry.
  reason text not null, -- In words, public.
  written_by $ID not null references person, --: PersonId | Who.
  at $TIME not null -- When.
);

-- table transfer: One debit, one credit, one amount: an unbalanced row cannot exist; only ever added to.
create table transfer (
  id $PK, --: TransferId | Key.
  idempotency_key text not null unique, -- Asked twice, done once.
  phase text not null check (phase in ('single','pending','post','void')), --: Phase | Two-phase state.
  debit_id $ID not null references account, --: AccountId | Account debited.
  credit_id $ID not null references account, --: AccountId | Account credited.
  amount_minor $ID not null check (amount_minor > 0), --: i64 | In the minor unit of the currency.
  currency text not null check (length(currency) = 3), --: Currency | Same as both accounts'.
  resolves_id $ID null references transfer, --: Option<TransferId> | The pending transfer this posts or voids.
  reverses_id $ID null references transfer, --: Option<TransferId> | The transfer this undoes whole.
  relates_id $ID null references transfer, --: Option<TransferId> | e.g. the payment partly returned.
  payment_id $ID null, --: Option<PaymentId> | The approved payment, for money leaving a payable.
  posting_id $ID not null references posting, --: PostingId | Its voucher group.
  at $TIME not null, -- When.
  -- A number below the first would stand before every head: nobody would ever seal it.
  check (id > 0),
  check (debit_id <> credit_id),
  check ((phase in ('post','void')) = (resolves_id is not null)),
  check (reverses_id is null or phase = 'single')
);
create index transfer_debit on transfer (debit_id, id);
create index transfer_credit on transfer (credit_id, id);
create unique index transfer_one_hold on transfer (payment_id) where phase = 'pending';
create index transfer_posting on transfer (posting_id);
-- What few transfers have is indexed for those few: a search for it reads nothing else, however many have none.
create unique index transfer_resolves on transfer (resolves_id) where resolves_id is not null;
create unique index transfer_reverses on transfer (reverses_id) where reverses_id is not null;
create index transfer_relates on transfer (relates_id) where relates_id is not null;

-- table book_period: A period whose books are closed: nothing is posted into it any more.
create table book_period (
  id $PK, --: BookPeriodId | Key.
  until $DATE not null unique, -- Its last day; the next one begins after it.
  entries $ID not null, --: i64 | Entries of the books on the day it was closed, as the second person saw them.
  proposed_by $ID not null references person, --: PersonId | Who asked.
  closed_by $ID not null references person check (closed_by <> proposed_by), --: PersonId | Who closed it.
  closed_at $TIME not null -- When.
);

-- table bank_line: A line of the bank's statement, used once for whatever it proves.
create table bank_line (
  id $PK, --: BankLineId | Key.
  line text not null unique check (line <> ''), -- The bank's mark for it.
  subject text not null, --: Subject | What it was used for.
  subject_id $ID not null, --: i64 | Which one.
  at $TIME not null -- When.
);

-- table lot: A received gift or match, kept with its own restriction.
create table lot (
  id $PK, --: LotId | Key.
  fund_id $ID not null, --: FundId | Fund that received it.
  gift_id $ID not null, --: GiftId | The gift.
  restriction_need_id $ID null, --: Option<NeedId> | Only for this need.
  amount_minor $ID not null check (amount_minor > 0), --: i64 | As received.
  received_at $TIME not null, -- Order of use.
  transfer_id $ID not null unique references transfer --: TransferId | The receipt in the books.
);
create index lot_fund on lot (fund_id, id);
create index lot_gift on lot (gift_id);

-- table lot_move: What became of a lot: allocated, consumed, released, reopened, refunded, given back after a refund that failed, kept by the processor as its fee; only ever added to.
create table lot_move (
  id $PK, --: LotMoveId | Key.
  lot_id $ID not null references lot, --: LotId | Which lot.
  kind text not null check (kind in ('allocate','consume','release','reopen','refund','refund_void','fee')), --: LotMoveKind | What.
  item_id $ID null, --: Option<DecisionItemId> | For which decision item.
  amount_minor $ID not null check (amount_minor > 0), --: i64 | How much.
  transfer_id $ID not null references transfer, --: TransferId | The transfer it goes with.
  at $TIME not null, -- When.
  check ((kind in ('refund','refund_void','fee')) = (item_id is null))
);
create index lot_move_lot on lot_move (lot_id, id);
create index lot_move_item on lot_move (item_id, id);
create index lot_move_transfer on lot_move (transfer_id);
