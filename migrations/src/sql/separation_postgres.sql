-- Whoever judged a bid or its work approves no payment on it; nobody of the payee takes a step of its payments.
create function payment_unjudged() returns trigger language plpgsql as $$
declare a award; taken bigint[]; approved bigint[];
begin
  approved := array_remove(array[case when old.programme_by is null then new.programme_by end, case when old.approved_by is null then new.approved_by end, case when old.third_by is null then new.third_by end], null);
  taken := approved || array_remove(array[case when old.prepared_by is null then new.prepared_by end, case when old.confirmed_by is null then new.confirmed_by end], null);
  if cardinality(taken) = 0 then return new; end if;
  select w.* into a from award w join tranche t on t.award_id = w.id where t.id = new.tranche_id;
  if exists (select 1 from review r where r.application_id = a.application_id and r.stage in ('accepted','in_progress','submitted','reopened') and r.reviewer_id = any(approved))
    or exists (select 1 from evaluation e where e.award_id = a.id and e.evaluator_id = any(approved)) then
    raise exception 'payment: a judge approves no payment' using errcode = '23514'; end if;
  if exists (select 1 from membership m where m.organisation_id = a.organisation_id and m.stage = 'active' and m.person_id = any(taken)) then
    raise exception 'payment: the payee takes no step' using errcode = '23514'; end if;
  return new;
end $$;
create trigger payment_unjudged before update on payment for each row execute function payment_unjudged();
alter table payment enable always trigger payment_unjudged;
-- Nor does a reviewer approve the batch that rests on the reviews.
create function decision_batch_unjudged() returns trigger language plpgsql as $$
begin
  if new.approved_by is not null and old.approved_by is null and exists (
    select 1 from review r where r.call_id = new.call_id and r.reviewer_id = new.approved_by and r.stage = 'submitted') then
    raise exception 'decision_batch: a reviewer approves no batch' using errcode = '23514'; end if;
  return new;
end $$;
create trigger decision_batch_unjudged before update on decision_batch for each row execute function decision_batch_unjudged();
alter table decision_batch enable always trigger decision_batch_unjudged;
-- Who drafted or approved a batch answers no objection to it, and who reviewed decides no appeal.
create function objection_unjudged() returns trigger language plpgsql as $$
begin
  if new.answered_by is not null and old.answered_by is null and exists (
    select 1 from decision_item i join decision_batch b on b.id = i.batch_id where i.id = new.item_id and new.answered_by in (b.drafted_by, b.approved_by)) then
    raise exception 'objection: whoever decided does not answer' using errcode = '23514'; end if;
  return new;
end $$;
create trigger objection_unjudged before update on objection for each row execute function objection_unjudged();
alter table objection enable always trigger objection_unjudged;
create function appeal_unjudged() returns trigger language plpgsql as $$
begin
  if new.decided_by is not null and old.decided_by is null and exists (
    select 1 from review r where r.application_id = new.application_id and r.reviewer_id = new.decided_by and r.stage = 'submitted') then
    raise exception 'appeal: a reviewer decides no appeal' using errcode = '23514'; end if;
  return new;
end $$;
create trigger appeal_unjudged before update on appeal for each row execute function appeal_unjudged();
alter table appeal enable always trigger appeal_unjudged;
