# What the proposer of a need and its owners hear and see.
need-steps = Step by step
need-project = A project answers it
need-task-consent = Consent or refuse: { $title }
mail-need-listed-subject = Listed: { $need }
mail-need-listed-text = The need that you proposed is on the list now and can be answered by a call or a fund. { $reason }
mail-need-declined-subject = Not listed: { $need }
mail-need-declined-text = The need that you proposed was not listed: { $reason }
mail-need-merged-subject = Merged: { $need }
mail-need-merged-text = The need that you proposed goes on in another one on the list. { $reason }
mail-need-adopted-subject = Being answered: { $need }
mail-need-adopted-text = A call or a fund answers the need that you proposed. { $reason }
mail-need-met-subject = Met: { $need }
mail-need-met-text = The final report of a project says that the need you proposed is met. { $reason }
mail-need-owner-asked-subject = Your consent is asked: { $need }
mail-need-owner-asked-text = Work on “{ $need }” concerns what your organisation owns. A signatory consents or refuses. The public reads how many consented, never who.
