refused-evaluator-granted = This person decided on this award or signed it for the foundation.
mail-case-missing-subject = The case is not told yet: { $title }
mail-case-missing-text = The award was closed two weeks ago and has no case page. Anybody who gave can read what came of it once an officer has told it.
mail-codes-ended-subject = Your recovery codes on paper no longer count
mail-codes-ended-text = The foundation changed the key that guards secrets. Your authenticator and your passkeys work as before. Make new recovery codes and throw the old ones away.
