-- A head seals every transfer since the head before it, and none twice.
create function seal_head_follows() returns trigger language plpgsql as $$
declare before seal_head;
begin
  select * into before from seal_head order by id desc limit 1;
  if new.id <> coalesce(before.id, 0) + 1 or new.total <> new.transfers + coalesce(before.total, 0)
    or new.first_transfer_id is distinct from (select min(t.id) from transfer t where t.id > coalesce(before.last_transfer_id, 0))
    or new.transfers <> (select count(*) from transfer t where t.id between new.first_transfer_id and new.last_transfer_id) then
    raise exception 'seal: a head follows the one before it' using errcode = '23514'; end if;
  return new;
end $$;
create trigger seal_head_follows before insert on seal_head for each row execute function seal_head_follows();
alter table seal_head enable always trigger seal_head_follows;
-- A number below what is sealed was never given; whoever writes one now writes into the past.
create function transfer_after_the_seal() returns trigger language plpgsql as $$
begin
  if new.id <= coalesce((select max(last_transfer_id) from seal_head), 0) then
    raise exception 'seal: the books are sealed beyond this number' using errcode = '23514'; end if;
  return new;
end $$;
create trigger transfer_after_the_seal before insert on transfer for each row execute function transfer_after_the_seal();
alter table transfer enable always trigger transfer_after_the_seal;
