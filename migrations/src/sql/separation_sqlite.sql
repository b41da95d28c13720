-- Whoever judged a bid or its work approves no payment on it; nobody of the payee takes a step of its payments.
create trigger payment_unjudged before update on payment begin
  select raise(abort, 'payment: a judge approves no payment') where exists (
    select 1 from tranche t join award a on a.id = t.award_id where t.id = new.tranche_id and (
      exists (select 1 from review r where r.application_id = a.application_id and r.stage in ('accepted','in_progress','submitted','reopened')
        and ((r.reviewer_id = new.programme_by and old.programme_by is null) or (r.reviewer_id = new.approved_by and old.approved_by is null) or (r.reviewer_id = new.third_by and old.third_by is null)))
      or exists (select 1 from evaluation e where e.award_id = a.id
        and ((e.evaluator_id = new.programme_by and old.programme_by is null) or (e.evaluator_id = new.approved_by and old.approved_by is null) or (e.evaluator_id = new.third_by and old.third_by is null)))));
  select raise(abort, 'payment: the payee takes no step') where exists (
    select 1 from tranche t join award a on a.id = t.award_id join membership m on m.organisation_id = a.organisation_id and m.stage = 'active'
    where t.id = new.tranche_id and ((m.person_id = new.programme_by and old.programme_by is null) or (m.person_id = new.prepared_by and old.prepared_by is null)
      or (m.person_id = new.approved_by and old.approved_by is null) or (m.person_id = new.third_by and old.third_by is null) or (m.person_id = new.confirmed_by and old.confirmed_by is null)));
end;
-- Nor does a reviewer approve the batch that rests on the reviews.
create trigger decision_batch_unjudged before update of approved_by on decision_batch when new.approved_by is not null and old.approved_by is null begin
  select raise(abort, 'decision_batch: a reviewer approves no batch') where exists (
    select 1 from review r where r.call_id = new.call_id and r.reviewer_id = new.approved_by and r.stage = 'submitted');
end;
-- Who drafted or approved a batch answers no objection to it, and who reviewed decides no appeal.
create trigger objection_unjudged before update of answered_by on objection when new.answered_by is not null and old.answered_by is null begin
  select raise(abort, 'objection: whoever decided does not answer') where exists (
    select 1 from decision_item i join decision_batch b on b.id = i.batch_id where i.id = new.item_id and new.answered_by in (b.drafted_by, b.approved_by));
end;
create trigger appeal_unjudged before update of decided_by on appeal when new.decided_by is not null and old.decided_by is null begin
  select raise(abort, 'appeal: a reviewer decides no appeal') where exists (
    select 1 from review r where r.application_id = new.application_id and r.reviewer_id = new.decided_by and r.stage = 'submitted');
end;
