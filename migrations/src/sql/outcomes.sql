-- table report_receipt: What a report's spending is proven by: a photo of a receipt, or an invoice.
create table report_receipt (
  id $PK, --: ReportReceiptId | Key.
  report_id $ID not null references report, --: ReportId | In which report.
  organisation_id $ID not null references organisation, --: OrganisationId | The payee that accounts for it.
  document_id $ID not null references document, --: DocumentId | The file.
  sha256 text not null, -- Of the file: the same one is claimed once.
  head text not null, -- Budget head.
  number text not null, -- Number printed on it, or ''.
  issued_on $DATE not null, -- Its day.
  amount_minor $ID not null check (amount_minor > 0), --: i64 | How much of it is claimed.
  currency text not null check (length(currency) = 3), --: Currency | In what.
  attached_by $ID not null references person, --: PersonId | Editor.
  attached_at $TIME not null, -- When.
  unique (organisation_id, sha256)
);
create index report_receipt_of on report_receipt (report_id, id);
create index report_receipt_file on report_receipt (sha256);
create index report_receipt_number on report_receipt (number);

-- table report_photo: A photo in a report; the case page may show it.
create table report_photo (
  id $PK, --: ReportPhotoId | Key.
  report_id $ID not null references report, --: ReportId | In which report.
  document_id $ID not null references document, --: DocumentId | The file.
  caption text not null, -- What it shows.
  attached_by $ID not null references person, --: PersonId | Editor.
  attached_at $TIME not null -- When.
);
create index report_photo_of on report_photo (report_id, id);

-- table case_page: What a finished project tells everybody, made from its final report.
create table case_page (
  id $PK, --: CasePageId | Key.
  award_id $ID not null unique references award, --: AwardId | Of which award.
  title text not null, -- Heading.
  story text not null, -- What came of it, in words.
  photo_id $ID null references document, --: Option<DocumentId> | The public copy of a photo of the report.
  photo_caption text not null, -- What it shows, or ''.
  published_by $ID not null references person, --: PersonId | Officer.
  published_at $TIME not null -- When.
);

-- table ban: An organisation that may not apply for a time, after a breach.
create table ban (
  id $PK, --: BanId | Key.
  organisation_id $ID not null references organisation, --: OrganisationId | Who.
  award_id $ID not null references award, --: AwardId | After which award.
  evidence text not null, -- What was broken, and where it is written.
  from_on $DATE not null, -- First day.
  until_on $DATE not null, -- Last day.
  proposed_by $ID not null references person, --: PersonId | Officer.
  confirmed_by $ID not null references person, --: PersonId | A different approver.
  confirmed_at $TIME not null, -- When.
  check (proposed_by <> confirmed_by),
  check (until_on >= from_on),
  unique (award_id, organisation_id)
);
create index ban_of on ban (organisation_id, until_on);

alter table award add column grade text null check (grade in ('A','B','C'));
alter table report add column before_at $TIME null;
alter table report add column after_at $TIME null;
alter table residue_decision add column before_at $TIME null;
alter table residue_decision add column after_at $TIME null;
create index residue_decision_due on residue_decision (due_on, id);

-- table agreement_terms: Terms that every grant agreement carries from a day on, in both languages, with named places.
create table agreement_terms (
  id $PK, --: AgreementTermsId | Key.
  text_zh text not null, -- In Chinese.
  text_en text not null, -- In English.
  source text not null, -- Who resolved it, and where it is written.
  effective_on $DATE not null, -- Offers from this day on carry them.
  stage text not null check (stage in ('proposed','confirmed','declined')), --: PolicyStage | Where they stand.
  proposed_by $ID not null references person, --: PersonId | Administrator.
  proposed_at $TIME not null, -- When.
  confirmed_by $ID null references person, --: Option<PersonId> | A different administrator.
  confirmed_at $TIME null, -- When.
  check (confirmed_by is null or confirmed_by <> proposed_by)
);
create index agreement_terms_from on agreement_terms (stage, effective_on);

-- table agreement_copy: The very text that was signed, whatever became of its parts since.
create table agreement_copy (
  id $PK, --: AgreementCopyId | Key.
  award_id $ID not null unique references award, --: AwardId | Of which award.
  text text not null, -- What both signed.
  sha256 text not null, -- Of the text.
  kept_at $TIME not null -- With the first signature.
);
