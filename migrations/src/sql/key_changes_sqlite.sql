-- While the vault's key is changed the file of a batch is sealed anew; what it says (`sha256`) stays as it was frozen.
drop trigger payment_batch_kept;
create trigger payment_batch_kept before update on payment_batch when old.stage in ('sent','dissolved') begin
  select raise(abort, 'payment_batch: is over') where new.file_sealed is old.file_sealed or new.file_sealed is null
    or not exists (select 1 from vault_key k where k.changing_since is not null)
    or new.id <> old.id or new.stage <> old.stage or new.version <> old.version or new.sha256 is not old.sha256 or new.account_id <> old.account_id or new.currency <> old.currency
    or new.execute_on <> old.execute_on or new.made_by <> old.made_by or new.made_at <> old.made_at or new.profile is not old.profile
    or new.frozen_by is not old.frozen_by or new.frozen_at is not old.frozen_at or new.sent_by is not old.sent_by or new.sent_at is not old.sent_at
    or new.total_minor is not old.total_minor or new.line_count is not old.line_count;
end;
drop trigger payment_batch_file;
create trigger payment_batch_file before update on payment_batch when old.stage = 'frozen' and new.stage <> 'drafted' begin
  select raise(abort, 'payment_batch: its file is fixed') where new.sha256 is not old.sha256 or new.frozen_by is not old.frozen_by or new.total_minor is not old.total_minor or new.account_id <> old.account_id or new.execute_on <> old.execute_on;
  select raise(abort, 'payment_batch: its file is fixed') where new.file_sealed is not old.file_sealed and (new.file_sealed is null or not exists (select 1 from vault_key k where k.changing_since is not null));
end;
