-- Blind in writing and open in the discussion: a blind call may name who applies to each reviewer whose own reviews are all in.
alter table call add column named_after_review $BOOL not null default $FALSE; -- Whether it does.
