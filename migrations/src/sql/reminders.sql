-- When officers were reminded that a finished award has no case page.
alter table award add column case_asked_at $TIME null;
create index award_case_unasked on award (id) where case_asked_at is null and closed_at is not null;
create index report_receipt_document on report_receipt (document_id);
create index report_photo_document on report_photo (document_id);
