# What a panel talked about, and what a reviewer typed.
discussion-title = Discussion
discussion-sentence = What the panel talked about. Notes are not changed afterwards; they stand in the minutes.
discussion-none = Nothing was written down yet.
discussion-about = About
discussion-round = the whole round
discussion-said = What was said
discussion-written = Written down by
act-panel-note-title = Write down what was said
act-panel-note-text = It stands in the minutes with your name and the hour, and is not changed afterwards. Reviewers are not named here.
act-panel-note-button = Write a note
refused-note-call = Notes are written while the call is judged.
refused-note-decided = The decision was handed in. What was talked about before it stands.
refused-note-many = There are too many notes.
review-restored = What you typed at { $when } and did not save is here again.
review-differing = Saved meanwhile, and what you typed
review-differing-text = This review was saved from another page. Nothing of either is lost: the form below shows what you typed; take over what you need and save again.
review-to-score = To the score
