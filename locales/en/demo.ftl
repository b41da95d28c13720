demo-title = Choose a person
demo-text = This is the worked example of Hangzhong Street. Sign in as anybody with one click; their desk shows what waits for them.
demo-be = { $name }
demo-mail-title = Letters
demo-mail-text = Every letter the house has sent, newest first. Nothing leaves this machine.
demo-mail-empty = No letter yet.
demo-code = Code now: { $code }
demo-proof = Money and decisions ask for a code, and payments for the password besides. The password of everybody here: { $password }
