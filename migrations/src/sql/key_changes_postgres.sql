-- While the vault's key is changed the file of a batch is sealed anew; what it says (`sha256`) stays as it was frozen.
create or replace function payment_batch_kept() returns trigger language plpgsql as $$
declare renewed boolean;
begin
  if tg_op = 'DELETE' then raise exception 'payment_batch: stays' using errcode = '23514'; end if;
  if tg_op = 'INSERT' then
    if new.stage <> 'drafted' then raise exception 'payment_batch: is born drafted' using errcode = '23514'; end if;
    return new;
  end if;
  renewed := new.file_sealed is distinct from old.file_sealed and new.file_sealed is not null
    and exists (select 1 from vault_key k where k.changing_since is not null);
  if old.stage in ('sent','dissolved') and not (renewed and to_jsonb(new) - 'file_sealed' = to_jsonb(old) - 'file_sealed') then
    raise exception 'payment_batch: is over' using errcode = '23514'; end if;
  if old.stage = 'frozen' and new.stage <> 'drafted' and ((new.file_sealed is distinct from old.file_sealed and not renewed) or new.sha256 is distinct from old.sha256
    or new.frozen_by is distinct from old.frozen_by or new.total_minor is distinct from old.total_minor or new.account_id <> old.account_id or new.execute_on <> old.execute_on) then
    raise exception 'payment_batch: its file is fixed' using errcode = '23514'; end if;
  return new;
end $$;
