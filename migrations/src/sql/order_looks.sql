-- What is looked up again is taken in turn, and an answer is applied only when no other was applied since it was asked for.
alter table online_order add column looks $ID not null default 0 check (looks >= 0); --: i64 | Answers of the processor applied so far.
alter table online_order add column looked_at $TIME null; -- When it was last looked up, or was to be.
create index online_order_waits on online_order (looked_at, id) where stage in ('opening','open','processing') or (stage = 'paid' and balance_transaction is null);
create index card_refund_open on card_refund (id) where stage in ('held','sent');
create index dispute_open on dispute (id) where stage in ('inquiry','open');
create index job_done on job (done_at) where done_at is not null;
create index job_of_kind on job (kind, run_at);
