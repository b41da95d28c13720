-- A head seals every transfer since the head before it, and none twice.
create trigger seal_head_follows before insert on seal_head begin
  select raise(abort, 'seal: a head follows the one before it') where new.id <> coalesce((select max(id) from seal_head), 0) + 1
    or new.total <> new.transfers + coalesce((select total from seal_head order by id desc limit 1), 0)
    or new.first_transfer_id is not (select min(t.id) from transfer t where t.id > coalesce((select max(last_transfer_id) from seal_head), 0))
    or new.transfers <> (select count(*) from transfer t where t.id between new.first_transfer_id and new.last_transfer_id);
end;
-- A number below what is sealed was never given; whoever writes one now writes into the past.
create trigger transfer_after_the_seal before insert on transfer begin
  select raise(abort, 'seal: the books are sealed beyond this number') where new.id > 0 and new.id <= coalesce((select max(last_transfer_id) from seal_head), 0);
end;
