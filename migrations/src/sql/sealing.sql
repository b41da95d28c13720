-- table seal_head: The signed head of a batch of sealed transfers; only ever added to.
create table seal_head (
  id $PK, --: SealHeadId | Key: the number of the batch, from 1 without a gap.
  first_transfer_id $ID not null unique references transfer, --: TransferId | First transfer of the batch.
  last_transfer_id $ID not null unique references transfer, --: TransferId | Last transfer of the batch.
  transfers $ID not null check (transfers > 0), --: i64 | Transfers in the batch.
  total $ID not null, --: i64 | Transfers in all batches up to this one.
  root text not null check (length(root) = 64), -- Root of the tree over the batch, hex.
  previous text not null check (length(previous) = 64), -- Hash of the head before, hex.
  at $TIME not null, -- When.
  public_key text not null check (length(public_key) = 64), -- Public key that signs, hex.
  signature text not null check (length(signature) = 128), -- Ed25519, hex.
  leaves text not null, -- Hashes of the lines one after the other, hex.
  ids text not null, -- Numbers of the transfers with commas; empty when none is missing between the first and the last.
  check (first_transfer_id <= last_transfer_id),
  check (length(leaves) = transfers * 64)
);

-- table seal_secret: The secret behind the salts of sealed rows; one row, written once.
create table seal_secret (
  id $PK check (id = 1), --: i64 | Always 1.
  secret text not null check (length(secret) = 64) -- 32 bytes, hex.
);
