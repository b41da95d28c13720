-- Who acted for whom: the principal of a deputy stands on what the deputy did.
alter table event add column for_id $ID null references person;
create index event_for on event (for_id, actor_id, id);
create index role_grant_principal on role_grant (principal_id, id);
