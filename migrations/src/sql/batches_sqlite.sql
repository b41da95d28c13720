-- What was sent stays as it was sent: the bank has it.
create trigger payment_batch_kept before update on payment_batch when old.stage in ('sent','dissolved') begin
  select raise(abort, 'payment_batch: is over');
end;
create trigger payment_batch_file before update on payment_batch when old.stage = 'frozen' and new.stage <> 'drafted' begin
  select raise(abort, 'payment_batch: its file is fixed') where new.file_sealed is not old.file_sealed or new.sha256 is not old.sha256 or new.frozen_by is not old.frozen_by or new.total_minor is not old.total_minor or new.account_id <> old.account_id or new.execute_on <> old.execute_on;
end;
create trigger payment_batch_born before insert on payment_batch when new.stage <> 'drafted' begin
  select raise(abort, 'payment_batch: is born drafted');
end;
create trigger payment_batch_stays before delete on payment_batch begin select raise(abort, 'payment_batch: stays'); end;
create trigger payment_batch_line_born before insert on payment_batch_line begin
  select raise(abort, 'payment_batch: is not open') where not exists (select 1 from payment_batch b where b.id = new.batch_id and b.stage = 'drafted');
  select raise(abort, 'payment_batch: the payment is no such payment') where not exists (select 1 from payment p join payment_batch b on b.id = new.batch_id where p.id = new.payment_id and p.outcome is null and p.pending_transfer_id is null and p.instruction is not null and p.currency = b.currency);
end;
create trigger payment_batch_line_kept before update on payment_batch_line begin
  select raise(abort, 'payment_batch: a line only leaves') where new.batch_id <> old.batch_id or new.payment_id <> old.payment_id or old.left_at is not null or new.left_at is null;
  select raise(abort, 'payment_batch: is over') where exists (select 1 from payment_batch b where b.id = old.batch_id and b.stage = 'sent');
end;
create trigger payment_batch_line_stays before delete on payment_batch_line begin select raise(abort, 'payment_batch: stays'); end;
-- A payment in a batch leaves with its batch, by another than who froze the file.
create trigger payment_leaves_with_its_batch before update on payment when new.pending_transfer_id is not null and old.pending_transfer_id is null begin
  select raise(abort, 'payment: leaves with its batch') where exists (select 1 from payment_batch_line l join payment_batch b on b.id = l.batch_id where l.payment_id = new.id and l.left_at is null and b.stage <> 'dissolved' and (b.stage <> 'frozen' or b.frozen_by = new.sent_by or b.made_by = new.sent_by or new.sent_by is null));
end;
