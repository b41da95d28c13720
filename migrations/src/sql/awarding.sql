-- What a call's awards become, under which policy a bid was signed and its award offered, and files that answer a question.

alter table call add column award_kind text not null default 'project' check (award_kind in ('project','seed_fund'));
alter table application add column policy_version integer null check (policy_version > 0);
alter table award add column policy_version integer null check (policy_version > 0);

-- A file that answers a question of the form; '' is any other file of a bid.
alter table application_document add column question text not null default '';
create unique index application_document_answer on application_document (application_id, question) where question <> '';

-- Questions of reports and evaluations: the version that a call names, that its awards keep for ever, and what was answered.
alter table call add column report_form_version_id $ID null references form_version;
alter table call add column evaluation_form_version_id $ID null references form_version;
alter table award add column report_form_version_id $ID null references form_version;
alter table award add column evaluation_form_version_id $ID null references form_version;
alter table report add column answers $JSON not null default '{}';
alter table evaluation add column answers $JSON not null default '{}';
