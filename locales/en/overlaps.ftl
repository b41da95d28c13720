# What two papers say of one movement: a hand and a file, two files, a platform's file, a payout.
bank-known-by = Of this account because
bank-known-by-number = the file names its number
bank-known-by-balance = its balances go on from what is known of the account
bank-known-by-choice = only whoever uploaded it says so: the file names no account, and no balance could be compared. Look whether it is this one before you import it.
bank-fate-otherwise = was imported before under another number; nothing happens
bank-fate-written = somebody wrote it down by hand; the file shows it now
bank-overtaken = written by hand; the file of its day does not show it
bank-became-payout = a payout of the payment processor
bank-doubt-import = a platform’s file is proposed for it: apply or decline the file
bank-doubt-payout = may be a payout of the payment processor, which tells of it soon
refused-statement-days = { $day }: of this day a line is known that the file does not show. Export whole days, in the same form as before; or the same movements stand there under other numbers.
refused-statement-other-balance = The file names no account, and its balance is not the one known of this account: it is another account’s, or a statement between is missing.
refused-bank-day-known = A statement of this account speaks of that day already: import it once more instead.
refused-bank-overtaken = The statement of its day does not show this line: it stands for nothing.
refused-bank-line-import = A platform’s file is proposed for this line. Apply or decline the file.
