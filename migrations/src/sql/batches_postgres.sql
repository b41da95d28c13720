-- What was sent stays as it was sent: the bank has it.
create function payment_batch_kept() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' then raise exception 'payment_batch: stays' using errcode = '23514'; end if;
  if tg_op = 'INSERT' then
    if new.stage <> 'drafted' then raise exception 'payment_batch: is born drafted' using errcode = '23514'; end if;
    return new;
  end if;
  if old.stage in ('sent','dissolved') then raise exception 'payment_batch: is over' using errcode = '23514'; end if;
  if old.stage = 'frozen' and new.stage <> 'drafted' and (new.file_sealed is distinct from old.file_sealed or new.sha256 is distinct from old.sha256
    or new.frozen_by is distinct from old.frozen_by or new.total_minor is distinct from old.total_minor or new.account_id <> old.account_id or new.execute_on <> old.execute_on) then
    raise exception 'payment_batch: its file is fixed' using errcode = '23514'; end if;
  return new;
end $$;
create trigger payment_batch_kept before insert or update or delete on payment_batch for each row execute function payment_batch_kept();
alter table payment_batch enable always trigger payment_batch_kept;
create function payment_batch_line_kept() returns trigger language plpgsql as $$
declare b payment_batch;
begin
  if tg_op = 'DELETE' then raise exception 'payment_batch: stays' using errcode = '23514'; end if;
  select * into b from payment_batch where id = new.batch_id for share;
  if tg_op = 'INSERT' then
    if not found or b.stage <> 'drafted' then raise exception 'payment_batch: is not open' using errcode = '23514'; end if;
    if not exists (select 1 from payment p where p.id = new.payment_id and p.outcome is null and p.pending_transfer_id is null and p.instruction is not null and p.currency = b.currency) then
      raise exception 'payment_batch: the payment is no such payment' using errcode = '23514'; end if;
    return new;
  end if;
  if new.batch_id <> old.batch_id or new.payment_id <> old.payment_id or old.left_at is not null or new.left_at is null then
    raise exception 'payment_batch: a line only leaves' using errcode = '23514'; end if;
  if b.stage = 'sent' then raise exception 'payment_batch: is over' using errcode = '23514'; end if;
  return new;
end $$;
create trigger payment_batch_line_kept before insert or update or delete on payment_batch_line for each row execute function payment_batch_line_kept();
alter table payment_batch_line enable always trigger payment_batch_line_kept;
-- A payment in a batch leaves with its batch, by another than who froze the file.
create function payment_leaves_with_its_batch() returns trigger language plpgsql as $$
begin
  if new.pending_transfer_id is not null and old.pending_transfer_id is null and exists (
    select 1 from payment_batch_line l join payment_batch b on b.id = l.batch_id
    where l.payment_id = new.id and l.left_at is null and b.stage <> 'dissolved'
      and (b.stage <> 'frozen' or b.frozen_by = new.sent_by or b.made_by = new.sent_by or new.sent_by is null)) then
    raise exception 'payment: leaves with its batch' using errcode = '23514'; end if;
  return new;
end $$;
create trigger payment_leaves_with_its_batch before update on payment for each row execute function payment_leaves_with_its_batch();
alter table payment enable always trigger payment_leaves_with_its_batch;
