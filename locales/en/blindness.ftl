# What reviewers see of who applies, question by question and phase by phase.
form-identifying = The answer tells who applies
form-identifying-hint = Reviewers of a blind call do not read it, nor what is asked because of it. Files are never shown to them.
field-named-after-review = Of a blind call: once all their own reviews are in, reviewers see who applies
call-blindness-none = reviewers see who applies
call-blindness-decision = reviewers do not see who applies before the decision
call-blindness-review = reviewers do not see who applies until all their own reviews are in
review-files = Files
form-is-identifying = tells who applies
