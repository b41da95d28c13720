-- table online_order: What a donor is asked to pay through the processor: one checkout session; its key stands before the first call.
create table online_order (
  id $PK, --: OrderId | Key.
  gift_id $ID not null references gift, --: GiftId | The gift it pays.
  reference text not null unique, -- Told to the processor, by which a lost answer is found again.
  idempotency_key text not null unique, -- The same call twice is one session.
  amount_minor $ID not null check (amount_minor > 0), --: i64 | What must arrive, to the minor unit.
  currency text not null check (length(currency) = 3), --: Currency | And in which currency.
  stage text not null check (stage in ('opening','open','processing','paid','failed','expired')), --: OrderStage | Where it stands.
  first_called_at $TIME null, -- When the processor was first asked; nothing is sent blindly long after.
  session_id text null unique, -- The processor's checkout session.
  checkout_url text null, -- Where the donor pays.
  payment_intent text null unique, -- The payment; never booked for two orders.
  charge_id text null unique, -- The charge that paid.
  balance_transaction text null unique, -- The processor's entry with the actual fee.
  fee_minor $ID null check (fee_minor >= 0), --: Option<i64> | The actual fee, never an estimate.
  odd text not null default '', -- Why a person must look, '' when nobody must.
  created_by $ID not null references person, --: PersonId | Who pays.
  created_at $TIME not null, -- When.
  paid_at $TIME null, -- When the payment was booked.
  check (stage <> 'paid' or (payment_intent is not null and paid_at is not null))
);
create index online_order_gift on online_order (gift_id, id);
create index online_order_odd on online_order (id) where odd <> '';
create unique index online_order_one_live on online_order (gift_id) where stage in ('opening','open','processing');
create unique index online_order_one_paid on online_order (gift_id) where stage = 'paid';

-- table card_refund: A refund through the processor: decided by two, held in the books before the processor is asked.
create table card_refund (
  id $PK, --: CardRefundId | Key.
  order_id $ID not null references online_order, --: OrderId | The order that was paid.
  gift_id $ID not null references gift, --: GiftId | Its gift.
  amount_minor $ID not null check (amount_minor > 0), --: i64 | Whole or in part.
  currency text not null check (length(currency) = 3), --: Currency | As paid.
  idempotency_key text not null unique, -- The same call twice is one refund.
  refund_id text null unique, -- The processor's.
  stage text not null check (stage in ('held','sent','posted','void','returned')), --: CardRefundStage | Where it stands.
  reason text not null, -- In words.
  first_called_at $TIME null, -- When the processor was first asked.
  proposed_by $ID not null references person, --: PersonId | First of the two.
  confirmed_by $ID not null references person, --: PersonId | Second.
  created_at $TIME not null, -- When it was held.
  ended_at $TIME null, -- When it was posted or void.
  check (proposed_by <> confirmed_by)
);
create index card_refund_order on card_refund (order_id, id);

-- table dispute: A donor's bank takes a payment back, or asks about it.
create table dispute (
  id $PK, --: DisputeId | Key.
  order_id $ID not null references online_order, --: OrderId | The order that was paid.
  dispute_id text not null unique, -- The processor's.
  amount_minor $ID not null check (amount_minor > 0), --: i64 | What is disputed.
  currency text not null check (length(currency) = 3), --: Currency | As paid.
  stage text not null check (stage in ('inquiry','open','won','lost','closed')), --: DisputeStage | Where it stands.
  reason text not null, -- The processor's word.
  taken_minor $ID not null default 0 check (taken_minor >= 0), --: i64 | What the fund still had of it and lost.
  lost_minor $ID not null default 0 check (lost_minor >= 0), --: i64 | What was spent already and is the foundation's loss.
  fee_minor $ID not null default 0, --: i64 | The processor's fees, less those given back.
  created_at $TIME not null, -- When we learnt of it.
  ended_at $TIME null -- When it was decided.
);
create index dispute_order on dispute (order_id, id);

-- table processor_event: What the processor told us, once each: a hint to look, never the truth itself; no personal data.
create table processor_event (
  id $PK, --: ProcessorEventId | Key.
  event_id text not null unique, -- The processor's: told twice, kept once.
  kind text not null, -- Its type.
  object_id text not null, -- What it is about.
  payment_intent text null, -- The payment it belongs to, where it says so.
  made_at $TIME not null, -- When the processor made it.
  received_at $TIME not null, -- When it reached us.
  polled $BOOL not null, -- Found by asking, not by a webhook.
  stage text not null check (stage in ('new','applied','ignored','parked','settled')), --: ProcessorEventStage | What became of it.
  note text not null default '' -- Why it was parked or how it was settled.
);
create index processor_event_stage on processor_event (stage, id);
create index processor_event_made on processor_event (made_at);
