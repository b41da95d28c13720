# Panels: plans of who judges what, reviews side by side

review-plan = Plan the reviews
plan-sentence = Who could judge what: nobody tied to an applicant, experts first, loads even. Nobody is asked before you say so.
plan-found = { $count } reviews to ask for, of { $people } reviewers in all.
plan-nothing = Every application has its reviewers.
plan-infeasible = { $missing } reviews cannot be placed. Below stands where, and what stands in the way.
plan-pairs = Who judges what
plan-loads = What each reviewer bears
plan-lacking = Applications with too few reviewers
plan-full = Reviewers who can take no more
plan-nobody = Nobody
plan-stands = stands already
plan-new = to be asked
plan-expertise-0 = no tie to the field
plan-expertise-1 = knows the area
plan-expertise-2 = works in a field of the bid
plan-expertise-3 = works in the call's category
plan-seed = Seed of the lot
plan-lot = Ties
plan-lot-text = Between equal plans a lot decides that anybody draws again: SHA-256 of the seed, the application and the reviewer (tributary decide assign).
plan-mark = Check value of this plan
plan-seed-hint = Letters, digits, hyphens and dots. Choose it before you see the plan, best something public that nobody can choose: the closing number of the day, the date and place of the draw.
head-expertise = Why
head-load = Reviews
head-load-most = At most
head-needs = Needs
head-usable = Could be asked
head-tied = Tied or declined

act-review-plan-title = Ask these reviewers
act-review-plan-text = Each of them gets one letter. The plan is kept with its seed, and anybody with the file can draw it again.
act-review-plan-button = Ask these reviewers
act-review-seed-title = Draw under another seed
act-review-seed-text = Between equal plans the lot decides. The seed is published with the plan.
act-review-seed-button = Draw under another seed
did-call-assign = planned the reviews and asked the reviewers
field-seed = Seed

review-matrix = Reviews side by side
review-matrix-sentence = Every counted total: applications down, reviewers across.
review-matrix-waits = Some reviews are still being written. Until they are in nobody sees the others.
review-matrix-none = No review is in.
review-totals = Totals
review-histogram = How the totals spread
review-leniency = Lenient and strict
head-band = Points
head-reviews = Reviews
head-bar = In a bar
head-apart = From the others' mean
head-bias = Adjusted by

refused-plan-seed = Use letters, digits, hyphens, dots and underscores, 60 at most.
refused-plan-infeasible = There are too few reviewers for this plan.
refused-plan-nothing = Every application has its reviewers already.
