# Sealed books: the page of heads, the seal on an entry.
seals-title = Sealed books
seals-sentence = New entries are sealed in signed batches. Whoever keeps a seal finds every later change.
seals-heads = Seals
seals-files = To take away
seals-ledger = Sealed ledger
seals-key = Public key
seals-check = Check it yourself
seals-check-text = Save both files of the same batch, then run, without network and without our server:
    { $command }
    It names every row that was edited, deleted, inserted or moved, and a tail that was cut. Write down the public key, and keep the newest file of seals: a ledger that was rewritten later no longer fits it. No line holds a name. Keys of transfers and the people who posted them stand there as commitments that cannot be guessed.
seals-empty = Nothing is sealed yet. The first entry is sealed within about a minute.
seal-title = Seal
seal-batch = Batch
seal-at = Sealed
seal-root = Root
seal-place = Proof of transfer { $transfer }: place { $place } of { $transfers }
seal-proof = Save the proof
seal-how = How to check it
seal-none = Not sealed yet; new entries are sealed within about a minute.
head-batch = Batch
head-sealed-at = Sealed
head-transfers = Transfers
head-numbers = Numbers
head-root = Root
