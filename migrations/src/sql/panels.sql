-- table assignment_plan: An assignment that was carried out: what was asked of the tool and what it answered; only ever added to.
create table assignment_plan (
  id $PK, --: AssignmentPlanId | Key.
  call_id $ID not null references call, --: CallId | The call.
  seed text not null, -- Published: by it ties are drawn, and drawn again by anybody.
  question text not null, -- The file of `decide assign`.
  answer text not null, -- What it answered.
  made_by $ID not null references person, --: PersonId | Officer.
  made_at $TIME not null -- When.
);
create index assignment_plan_call on assignment_plan (call_id, id);
