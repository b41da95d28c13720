-- The books on PostgreSQL. Balances move in an AFTER trigger (a BEFORE trigger's effects would stay when ON CONFLICT
-- DO NOTHING skips the row); accounts are locked in id order with FOR NO KEY UPDATE, so two payments never deadlock.
create function transfer_after() returns trigger language plpgsql as $$
declare p transfer; d account; c account; dp bigint := 0; hp bigint := 0; pay payment;
begin
  perform 1 from account where id in (new.debit_id, new.credit_id) order by id for no key update;
  select * into d from account where id = new.debit_id;
  select * into c from account where id = new.credit_id;
  if d.currency <> new.currency or c.currency <> new.currency then raise exception 'ledger: currency' using errcode = '23514'; end if;
  if d.closed or c.closed then raise exception 'ledger: closed account' using errcode = '23514'; end if;
  if new.resolves_id is not null then
    select * into p from transfer where id = new.resolves_id;
    if p.phase <> 'pending' or p.debit_id <> new.debit_id or p.credit_id <> new.credit_id or new.amount_minor > p.amount_minor then
      raise exception 'ledger: resolves' using errcode = '23514'; end if;
    hp := -p.amount_minor;
  end if;
  if new.reverses_id is not null then
    select * into p from transfer where id = new.reverses_id;
    if new.phase <> 'single' or p.phase not in ('single','post') or p.reverses_id is not null or p.debit_id <> new.credit_id or p.credit_id <> new.debit_id or new.amount_minor <> p.amount_minor then
      raise exception 'ledger: reverses' using errcode = '23514'; end if;
  end if;
  if new.phase in ('single','pending') then
    if d.floored and d.side = 'C' and d.posted_credit_minor - d.posted_debit_minor - d.held_debit_minor < new.amount_minor then
      raise exception 'ledger: insufficient' using errcode = '23514'; end if;
    if c.floored and c.side = 'D' and c.posted_debit_minor - c.posted_credit_minor - c.held_credit_minor < new.amount_minor then
      raise exception 'ledger: insufficient' using errcode = '23514'; end if;
    if new.reverses_id is null and d.kind = 'award_payable' and c.kind <> 'award_committed' then
      if new.phase = 'single' and c.kind in ('bank','stripe_clearing') then raise exception 'ledger: payment must be held first' using errcode = '23514'; end if;
      select * into pay from payment where id = new.payment_id for update;
      if not found or pay.tranche_id <> d.subject_id or pay.amount_minor <> new.amount_minor or pay.currency <> new.currency or pay.outcome is not null or pay.pending_transfer_id is not null
        or pay.prepared_by is null or pay.approved_by is null or pay.instruction is null or (pay.third_required and pay.third_by is null) then
        raise exception 'ledger: payment not approved' using errcode = '23514'; end if;
    end if;
    -- Otherwise money could go from a commitment, a pool or the reserve straight to a bank account, past every approval;
    -- a reversal of what once came in is no way out either.
    if c.kind = 'bank' and d.kind not in ('suspense_receipts','stripe_clearing','bank_fees','processor_fees','dispute_fees','dispute_loss')
      and not (new.phase = 'pending' and d.kind in ('award_payable','fund_available')) then
      raise exception 'ledger: money leaves only as in the table of postings' using errcode = '23514'; end if;
  end if;
  if new.phase in ('single','post') then dp := new.amount_minor; end if;
  if new.phase = 'pending' then hp := new.amount_minor; end if;
  update account set posted_debit_minor = posted_debit_minor + dp, held_debit_minor = held_debit_minor + hp, last_transfer_id = new.id where id = new.debit_id and floored;
  update account set posted_credit_minor = posted_credit_minor + dp, held_credit_minor = held_credit_minor + hp, last_transfer_id = new.id where id = new.credit_id and floored;
  return new;
end $$;
create trigger transfer_after after insert on transfer for each row execute function transfer_after();
create function account_kept() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    if new.posted_debit_minor <> 0 or new.posted_credit_minor <> 0 or new.held_debit_minor <> 0 or new.held_credit_minor <> 0 or new.last_transfer_id is not null or new.closed then
      raise exception 'ledger: an account is born empty' using errcode = '23514'; end if;
    return new;
  end if;
  if new.id <> old.id or new.code <> old.code or new.kind <> old.kind or new.subject_id is distinct from old.subject_id or new.currency <> old.currency or new.side <> old.side or new.floored <> old.floored or (old.closed and not new.closed) then
    raise exception 'ledger: an account is not rewritten' using errcode = '23514'; end if;
  if new.closed and not old.closed and (old.posted_debit_minor <> old.posted_credit_minor or old.held_debit_minor <> 0 or old.held_credit_minor <> 0) then
    raise exception 'ledger: closed only at zero' using errcode = '23514'; end if;
  -- Depth 1 is a statement of somebody's own; the transfer's trigger comes at depth 2.
  if pg_trigger_depth() < 2 and (new.posted_debit_minor <> old.posted_debit_minor or new.posted_credit_minor <> old.posted_credit_minor or new.held_debit_minor <> old.held_debit_minor or new.held_credit_minor <> old.held_credit_minor or new.last_transfer_id is distinct from old.last_transfer_id) then
    raise exception 'ledger: a balance moves only with a transfer' using errcode = '23514'; end if;
  return new;
end $$;
create trigger account_kept before insert or update on account for each row execute function account_kept();
create function lot_move_before() returns trigger language plpgsql as $$
declare whole bigint; used bigint;
begin
  select amount_minor into whole from lot where id = new.lot_id for no key update;
  if new.kind in ('allocate','refund','fee') then
    select coalesce(sum(case kind when 'allocate' then amount_minor when 'refund' then amount_minor when 'fee' then amount_minor when 'release' then -amount_minor when 'reopen' then -amount_minor when 'refund_void' then -amount_minor else 0 end), 0) into used from lot_move where lot_id = new.lot_id;
    if new.amount_minor > whole - used then raise exception 'lots: not free' using errcode = '23514'; end if;
  elsif new.kind in ('consume','release') then
    select coalesce(sum(case kind when 'allocate' then amount_minor when 'consume' then -amount_minor when 'release' then -amount_minor else 0 end), 0) into used from lot_move where lot_id = new.lot_id and item_id = new.item_id;
    if new.amount_minor > used then raise exception 'lots: not allocated' using errcode = '23514'; end if;
  elsif new.kind = 'refund_void' then
    -- Only the void of the very transfer that held a refund, or the reversal of what took or posted it, gives back what it took of the lot, once.
    select coalesce(sum(m.amount_minor), 0) into whole from lot_move m join transfer v on (v.resolves_id = m.transfer_id and v.phase = 'void') or v.reverses_id = m.transfer_id or v.reverses_id in (select p.id from transfer p where p.resolves_id = m.transfer_id) where v.id = new.transfer_id and m.lot_id = new.lot_id and m.kind = 'refund';
    select coalesce(sum(amount_minor), 0) into used from lot_move where lot_id = new.lot_id and kind = 'refund_void' and transfer_id = new.transfer_id;
    if new.amount_minor > whole - used then raise exception 'lots: not refunded' using errcode = '23514'; end if;
  else
    select coalesce(sum(case kind when 'consume' then amount_minor when 'reopen' then -amount_minor else 0 end), 0) into used from lot_move where lot_id = new.lot_id and item_id = new.item_id;
    if new.amount_minor > used then raise exception 'lots: not consumed' using errcode = '23514'; end if;
  end if;
  return new;
end $$;
create trigger lot_move_before before insert on lot_move for each row execute function lot_move_before();
-- A lot is a receipt in the books: as much money as its transfer brought to its fund, counted once.
create function lot_before() returns trigger language plpgsql as $$
begin
  if not exists (select 1 from transfer t join account a on a.id = t.credit_id where t.id = new.transfer_id and t.phase = 'single' and t.amount_minor = new.amount_minor and a.kind = 'fund_available' and a.subject_id = new.fund_id) then
    raise exception 'lots: not received' using errcode = '23514'; end if;
  return new;
end $$;
create trigger lot_before before insert on lot for each row execute function lot_before();
create function payment_born() returns trigger language plpgsql as $$
begin
  if new.outcome is not null or new.pending_transfer_id is not null then raise exception 'payment: is born open' using errcode = '23514'; end if;
  return new;
end $$;
create trigger payment_born before insert on payment for each row execute function payment_born();
create function payment_kept() returns trigger language plpgsql as $$
begin
  if old.approved_by is not null and (new.amount_minor <> old.amount_minor or new.currency <> old.currency or new.payee_account_id <> old.payee_account_id or new.tranche_id <> old.tranche_id or new.requested_by <> old.requested_by or new.payee_entered_by <> old.payee_entered_by or new.prepared_by is distinct from old.prepared_by) then
    raise exception 'payment: an edit voids approvals' using errcode = '23514'; end if;
  if (old.approved_by is not null and new.approved_by is distinct from old.approved_by) or (old.third_by is not null and new.third_by is distinct from old.third_by) or (old.instruction is not null and new.instruction is distinct from old.instruction) or (old.pending_transfer_id is not null and new.pending_transfer_id is distinct from old.pending_transfer_id) or (old.third_required and not new.third_required) then
    raise exception 'payment: an approval is not rewritten' using errcode = '23514'; end if;
  if old.outcome is not null and not (old.outcome = 'paid' and new.outcome = 'returned') and new.outcome is distinct from old.outcome then
    raise exception 'payment: ended' using errcode = '23514'; end if;
  if new.outcome = 'paid' and not exists (select 1 from transfer t where (t.resolves_id = new.pending_transfer_id and t.phase = 'post') or (t.payment_id = new.id and t.phase = 'single')) then
    raise exception 'payment: paid is posted' using errcode = '23514'; end if;
  if new.pending_transfer_id is not null and not exists (select 1 from transfer t where t.id = new.pending_transfer_id and t.payment_id = new.id and t.phase = 'pending') then
    raise exception 'payment: held is pending' using errcode = '23514'; end if;
  return new;
end $$;
create trigger payment_kept before update on payment for each row execute function payment_kept();
create function tranche_paid() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    if new.stage = 'paid' then raise exception 'tranche: paid is posted' using errcode = '23514'; end if;
    return new;
  end if;
  if new.stage = 'paid' and old.stage <> 'paid' and not exists (select 1 from payment p join transfer t on (t.resolves_id = p.pending_transfer_id and t.phase = 'post') or (t.payment_id = p.id and t.phase = 'single') where p.tranche_id = new.id and p.outcome = 'paid') then
    raise exception 'tranche: paid is posted' using errcode = '23514'; end if;
  return new;
end $$;
create trigger tranche_paid before insert or update on tranche for each row execute function tranche_paid();
create function append_only() returns trigger language plpgsql as $$ begin raise exception '% is append-only', tg_table_name using errcode = '23514'; end $$;
create trigger account_stays before delete on account for each row execute function append_only();
create trigger account_whole before truncate on account for each statement execute function append_only();
create trigger payment_stays before delete on payment for each row execute function append_only();
alter table transfer enable always trigger transfer_after;
alter table account enable always trigger account_kept;
create trigger payment_whole before truncate on payment for each statement execute function append_only();
alter table account enable always trigger account_stays;
alter table lot enable always trigger lot_before;
alter table lot_move enable always trigger lot_move_before;
alter table payment enable always trigger payment_born;
alter table payment enable always trigger payment_kept;
alter table payment enable always trigger payment_stays;
alter table tranche enable always trigger tranche_paid;
-- What happened in a closed period is posted on a day after it, with its own day in words. One lock makes a posting and
-- a closing that meet wait for each other.
create function posting_before() returns trigger language plpgsql as $$ begin
  perform pg_advisory_xact_lock_shared(7301);
  if exists (select 1 from book_period p where p.until >= new.occurred_on) then
    raise exception 'ledger: period closed' using errcode = '23514'; end if;
  return new;
end $$;
create trigger posting_before before insert on posting for each row execute function posting_before();
alter table posting enable always trigger posting_before;
create function book_period_before() returns trigger language plpgsql as $$ begin
  perform pg_advisory_xact_lock(7301);
  if exists (select 1 from book_period p where p.until >= new.until) then
    raise exception 'ledger: periods close in order' using errcode = '23514'; end if;
  return new;
end $$;
create trigger book_period_before before insert on book_period for each row execute function book_period_before();
alter table book_period enable always trigger book_period_before;
