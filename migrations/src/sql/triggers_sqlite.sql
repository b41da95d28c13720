-- The books on SQLite. Checks stand in BEFORE triggers with RAISE(ABORT): a CHECK inside a trigger's UPDATE
-- would be skipped by INSERT OR IGNORE, and INSERT OR REPLACE deletes without firing a DELETE trigger.
create trigger transfer_before before insert on transfer begin
  -- One question an index: asked together they would read every transfer there is.
  select raise(abort, 'ledger: replay') where exists (select 1 from transfer t where t.idempotency_key = new.idempotency_key);
  select raise(abort, 'ledger: replay') where exists (select 1 from transfer t where t.id = new.id);
  select raise(abort, 'ledger: replay') where exists (select 1 from transfer t where t.resolves_id = new.resolves_id);
  select raise(abort, 'ledger: replay') where exists (select 1 from transfer t where t.reverses_id = new.reverses_id);
  select raise(abort, 'ledger: replay') where new.phase = 'pending' and exists (select 1 from transfer t where t.phase = 'pending' and t.payment_id = new.payment_id);
  select raise(abort, 'ledger: amount') where new.amount_minor <= 0 or new.debit_id = new.credit_id;
  select raise(abort, 'ledger: no such account') where (select count(*) from account where id in (new.debit_id, new.credit_id)) <> 2;
  select raise(abort, 'ledger: currency') where exists (select 1 from account where id in (new.debit_id, new.credit_id) and currency <> new.currency);
  select raise(abort, 'ledger: closed account') where exists (select 1 from account where id in (new.debit_id, new.credit_id) and closed);
  select raise(abort, 'ledger: resolves') where (new.phase in ('post','void')) <> (new.resolves_id is not null);
  select raise(abort, 'ledger: resolves') where new.resolves_id is not null and not exists (select 1 from transfer p where p.id = new.resolves_id and p.phase = 'pending' and p.debit_id = new.debit_id and p.credit_id = new.credit_id and new.amount_minor <= p.amount_minor);
  select raise(abort, 'ledger: reverses') where new.reverses_id is not null and (new.phase <> 'single' or not exists (select 1 from transfer p where p.id = new.reverses_id and p.phase in ('single','post') and p.reverses_id is null and p.debit_id = new.credit_id and p.credit_id = new.debit_id and p.amount_minor = new.amount_minor));
  select raise(abort, 'ledger: insufficient') where new.phase in ('single','pending') and exists (select 1 from account a where a.id = new.debit_id and a.floored and a.side = 'C' and a.posted_credit_minor - a.posted_debit_minor - a.held_debit_minor < new.amount_minor);
  select raise(abort, 'ledger: insufficient') where new.phase in ('single','pending') and exists (select 1 from account a where a.id = new.credit_id and a.floored and a.side = 'D' and a.posted_debit_minor - a.posted_credit_minor - a.held_credit_minor < new.amount_minor);
  select raise(abort, 'ledger: overflow') where exists (select 1 from account a where a.id in (new.debit_id, new.credit_id) and a.floored and (a.posted_debit_minor > 4000000000000000000 - new.amount_minor or a.posted_credit_minor > 4000000000000000000 - new.amount_minor));
  select raise(abort, 'ledger: payment not approved') where new.phase in ('single','pending') and new.reverses_id is null
    and (select kind from account where id = new.debit_id) = 'award_payable' and (select kind from account where id = new.credit_id) <> 'award_committed'
    and not exists (select 1 from payment p join account d on d.id = new.debit_id where p.id = new.payment_id and p.tranche_id = d.subject_id and p.amount_minor = new.amount_minor and p.currency = new.currency and p.outcome is null and p.pending_transfer_id is null
      and p.prepared_by is not null and p.approved_by is not null and p.instruction is not null and (not p.third_required or p.third_by is not null));
  select raise(abort, 'ledger: payment must be held first') where new.phase = 'single' and new.reverses_id is null
    and (select kind from account where id = new.debit_id) = 'award_payable' and (select kind from account where id = new.credit_id) in ('bank','stripe_clearing');
  -- Otherwise money could go from a commitment, a pool or the reserve straight to a bank account, past every approval;
  -- a reversal of what once came in is no way out either.
  select raise(abort, 'ledger: money leaves only as in the table of postings') where new.phase in ('single','pending')
    and (select kind from account where id = new.credit_id) = 'bank' and (select kind from account where id = new.debit_id) not in ('suspense_receipts','stripe_clearing','bank_fees','processor_fees','dispute_fees','dispute_loss')
    and not (new.phase = 'pending' and (select kind from account where id = new.debit_id) in ('award_payable','fund_available'));
end;
create trigger transfer_after after insert on transfer begin
  update account set posted_debit_minor = posted_debit_minor + iif(new.phase in ('single','post'), new.amount_minor, 0),
    held_debit_minor = held_debit_minor + case when new.phase = 'pending' then new.amount_minor when new.resolves_id is not null then -(select amount_minor from transfer where id = new.resolves_id) else 0 end,
    last_transfer_id = new.id where id = new.debit_id and floored;
  update account set posted_credit_minor = posted_credit_minor + iif(new.phase in ('single','post'), new.amount_minor, 0),
    held_credit_minor = held_credit_minor + case when new.phase = 'pending' then new.amount_minor when new.resolves_id is not null then -(select amount_minor from transfer where id = new.resolves_id) else 0 end,
    last_transfer_id = new.id where id = new.credit_id and floored;
end;
create trigger account_born before insert on account begin
  select raise(abort, 'ledger: an account is born empty') where new.posted_debit_minor <> 0 or new.posted_credit_minor <> 0 or new.held_debit_minor <> 0 or new.held_credit_minor <> 0 or new.last_transfer_id is not null or new.closed;
  select raise(abort, 'ledger: account exists') where exists (select 1 from account a where a.id = new.id or a.code = new.code);
end;
create trigger account_kept before update on account begin
  select raise(abort, 'ledger: an account is not rewritten') where new.id <> old.id or new.code <> old.code or new.kind <> old.kind or new.subject_id is not old.subject_id or new.currency <> old.currency or new.side <> old.side or new.floored <> old.floored or (old.closed and not new.closed);
  select raise(abort, 'ledger: closed only at zero') where new.closed and not old.closed and (old.posted_debit_minor <> old.posted_credit_minor or old.held_debit_minor <> 0 or old.held_credit_minor <> 0);
  -- A balance moves only with a transfer not yet counted, and by exactly that transfer.
  select raise(abort, 'ledger: a balance moves only with a transfer') where (new.posted_debit_minor <> old.posted_debit_minor or new.posted_credit_minor <> old.posted_credit_minor or new.held_debit_minor <> old.held_debit_minor or new.held_credit_minor <> old.held_credit_minor or new.last_transfer_id is not old.last_transfer_id)
    and not exists (select 1 from transfer t where t.id = new.last_transfer_id and t.id > coalesce(old.last_transfer_id, 0) and t.id = (select max(id) from transfer) and old.floored and new.id in (t.debit_id, t.credit_id)
      and new.posted_debit_minor - old.posted_debit_minor = iif(t.debit_id = new.id and t.phase in ('single','post'), t.amount_minor, 0)
      and new.posted_credit_minor - old.posted_credit_minor = iif(t.credit_id = new.id and t.phase in ('single','post'), t.amount_minor, 0)
      and new.held_debit_minor - old.held_debit_minor = case when t.debit_id <> new.id then 0 when t.phase = 'pending' then t.amount_minor when t.resolves_id is not null then -(select amount_minor from transfer where id = t.resolves_id) else 0 end
      and new.held_credit_minor - old.held_credit_minor = case when t.credit_id <> new.id then 0 when t.phase = 'pending' then t.amount_minor when t.resolves_id is not null then -(select amount_minor from transfer where id = t.resolves_id) else 0 end);
end;
create trigger account_stays before delete on account begin select raise(abort, 'ledger: an account stays'); end;
create trigger lot_move_before before insert on lot_move begin
  select raise(abort, 'lots: replay') where exists (select 1 from lot_move m where m.id = new.id);
  select raise(abort, 'lots: amount') where new.amount_minor <= 0;
  select raise(abort, 'lots: not free') where new.kind in ('allocate','refund','fee') and new.amount_minor > (select l.amount_minor from lot l where l.id = new.lot_id)
    - (select coalesce(sum(case m.kind when 'allocate' then m.amount_minor when 'refund' then m.amount_minor when 'fee' then m.amount_minor when 'release' then -m.amount_minor when 'reopen' then -m.amount_minor when 'refund_void' then -m.amount_minor else 0 end), 0) from lot_move m where m.lot_id = new.lot_id);
  select raise(abort, 'lots: not allocated') where new.kind in ('consume','release') and new.amount_minor >
    (select coalesce(sum(case m.kind when 'allocate' then m.amount_minor when 'consume' then -m.amount_minor when 'release' then -m.amount_minor else 0 end), 0) from lot_move m where m.lot_id = new.lot_id and m.item_id = new.item_id);
  select raise(abort, 'lots: not consumed') where new.kind = 'reopen' and new.amount_minor >
    (select coalesce(sum(case m.kind when 'consume' then m.amount_minor when 'reopen' then -m.amount_minor else 0 end), 0) from lot_move m where m.lot_id = new.lot_id and m.item_id = new.item_id);
  -- Only the void of the very transfer that held a refund, or the reversal of what took or posted it, gives back what it took of the lot, once.
  select raise(abort, 'lots: not refunded') where new.kind = 'refund_void' and new.amount_minor >
    (select coalesce(sum(m.amount_minor), 0) from lot_move m join transfer v on (v.resolves_id = m.transfer_id and v.phase = 'void') or v.reverses_id = m.transfer_id or v.reverses_id in (select p.id from transfer p where p.resolves_id = m.transfer_id) where v.id = new.transfer_id and m.lot_id = new.lot_id and m.kind = 'refund')
    - (select coalesce(sum(m.amount_minor), 0) from lot_move m where m.lot_id = new.lot_id and m.kind = 'refund_void' and m.transfer_id = new.transfer_id);
end;
-- A lot is a receipt in the books: as much money as its transfer brought to its fund, counted once.
create trigger lot_before before insert on lot begin
  select raise(abort, 'lots: replay') where exists (select 1 from lot l where l.id = new.id or l.transfer_id = new.transfer_id);
  select raise(abort, 'lots: not received') where not exists (select 1 from transfer t join account a on a.id = t.credit_id where t.id = new.transfer_id and t.phase = 'single' and t.amount_minor = new.amount_minor and a.kind = 'fund_available' and a.subject_id = new.fund_id);
end;
create trigger payment_born before insert on payment begin
  select raise(abort, 'payment: is born open') where new.outcome is not null or new.pending_transfer_id is not null;
  select raise(abort, 'payment: exists') where exists (select 1 from payment p where p.id = new.id or p.instruction = new.instruction or p.bank_line = new.bank_line or (p.tranche_id = new.tranche_id and p.outcome is null));
end;
create trigger payment_kept before update on payment begin
  select raise(abort, 'payment: an edit voids approvals') where old.approved_by is not null and (new.amount_minor <> old.amount_minor or new.currency <> old.currency or new.payee_account_id <> old.payee_account_id or new.tranche_id <> old.tranche_id or new.requested_by <> old.requested_by or new.payee_entered_by <> old.payee_entered_by or new.prepared_by is not old.prepared_by);
  select raise(abort, 'payment: an approval is not rewritten') where (old.approved_by is not null and new.approved_by is not old.approved_by) or (old.third_by is not null and new.third_by is not old.third_by) or (old.instruction is not null and new.instruction is not old.instruction) or (old.pending_transfer_id is not null and new.pending_transfer_id is not old.pending_transfer_id) or new.third_required < old.third_required;
  select raise(abort, 'payment: ended') where old.outcome is not null and not (old.outcome = 'paid' and new.outcome = 'returned') and new.outcome is not old.outcome;
  select raise(abort, 'payment: paid is posted') where new.outcome = 'paid' and not exists (select 1 from transfer t where (t.resolves_id = new.pending_transfer_id and t.phase = 'post') or (t.payment_id = new.id and t.phase = 'single'));
  select raise(abort, 'payment: held is pending') where new.pending_transfer_id is not null and not exists (select 1 from transfer t where t.id = new.pending_transfer_id and t.payment_id = new.id and t.phase = 'pending');
end;
create trigger payment_stays before delete on payment begin select raise(abort, 'payment: stays'); end;
create trigger tranche_paid before update on tranche begin
  select raise(abort, 'tranche: paid is posted') where new.stage = 'paid' and old.stage <> 'paid' and not exists (select 1 from payment p join transfer t on (t.resolves_id = p.pending_transfer_id and t.phase = 'post') or (t.payment_id = p.id and t.phase = 'single') where p.tranche_id = new.id and p.outcome = 'paid');
end;
create trigger tranche_born before insert on tranche begin
  select raise(abort, 'tranche: paid is posted') where new.stage = 'paid';
  select raise(abort, 'tranche: exists') where exists (select 1 from tranche t where t.id = new.id or (t.award_id = new.award_id and t.ordinal = new.ordinal));
end;
-- What happened in a closed period is posted on a day after it, with its own day in words.
create trigger posting_before before insert on posting begin
  select raise(abort, 'ledger: period closed') where exists (select 1 from book_period p where p.until >= new.occurred_on);
end;
create trigger book_period_before before insert on book_period begin
  select raise(abort, 'ledger: periods close in order') where exists (select 1 from book_period p where p.until >= new.until);
end;
