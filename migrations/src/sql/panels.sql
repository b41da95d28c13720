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

-- table pitch: A pitch session (路演) of a call: who speaks when, in an order drawn by lot.
create table pitch (
  id $PK, --: PitchId | Key.
  call_id $ID not null references call, --: CallId | The call.
  place text not null check (place <> ''), -- Where.
  seed text not null, -- Published: by it the order is drawn, and drawn again by anybody.
  starts_at $TIME not null, -- When the first speaks.
  minutes integer not null check (minutes between 1 and 120), --: i32 | For each.
  stage text not null check (stage in ('planned','running','over','cancelled')), --: PitchStage | Where it stands.
  planned_by $ID not null references person, --: PersonId | Officer or chair.
  planned_at $TIME not null, -- When.
  version integer not null --: i32 | Counts every step, so that a second click is not the next speaker.
);
create index pitch_call on pitch (call_id, id);

-- table pitch_slot: An application's turn in a pitch session.
create table pitch_slot (
  id $PK, --: PitchSlotId | Key.
  pitch_id $ID not null references pitch, --: PitchId | The session.
  ordinal integer not null check (ordinal > 0), --: i32 | Place in the order.
  application_id $ID not null references application, --: ApplicationId | Who speaks.
  begun_at $TIME null, -- When the turn began.
  ended_at $TIME null, -- When it ended.
  unique (pitch_id, ordinal),
  unique (pitch_id, application_id),
  check (ended_at is null or begun_at is not null)
);
