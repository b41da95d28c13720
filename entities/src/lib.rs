//! The tables as types: one table a file, by area.
//!
//! A row is a `Model`; it is loaded through its owner and changed only by the room that owns the table. Column types live in
//! [`kinds`]. The SQL stands in the `migrations` package; a test holds both together.

pub mod kinds;

// People and organisations.
pub mod foundation;
pub mod invitation;
pub mod membership;
pub mod organisation;
pub mod organisation_record;
pub mod organisation_relation;
pub mod payee_account;
pub mod payee_stop;
pub mod person;
pub mod role_grant;
pub mod second_factor;
pub mod session;

// What every room shares.
pub mod calendar_day;
pub mod calendar_year;
pub mod document;
pub mod event;
pub mod hold;
pub mod job;
pub mod policy_version;
pub mod posted_form;
pub mod proposal;

// The books.
pub mod account;
pub mod bank_line;
pub mod book_period;
pub mod correction_note;
pub mod lot;
pub mod lot_move;
pub mod posting;
pub mod posting_document;
pub mod seal_head;
pub mod seal_secret;
pub mod transfer;
pub mod turnover;

// The life of a grant.
pub mod allocation;
pub mod appeal;
pub mod application;
pub mod assignment_plan;
pub mod award;
pub mod budget_line;
pub mod call;
pub mod call_amendment;
pub mod call_invitation;
pub mod call_question;
pub mod change_consent;
pub mod change_request;
pub mod committee_seat;
pub mod conflict;
pub mod council_seat;
pub mod decision_batch;
pub mod decision_item;
pub mod evaluation;
pub mod form;
pub mod form_draft;
pub mod form_version;
pub mod fund;
pub mod fund_budget_line;
pub mod gift;
pub mod gift_bill;
pub mod indicator;
pub mod instalment_gift;
pub mod joint_initiator;
pub mod match_pool;
pub mod mentoring_note;
pub mod motion;
pub mod motion_minutes;
pub mod motion_vote;
pub mod need;
pub mod need_claim;
pub mod need_consent;
pub mod need_part;
pub mod objection;
pub mod paying_account;
pub mod payment;
pub mod payment_batch;
pub mod payment_batch_line;
pub mod pitch;
pub mod pitch_slot;
pub mod pledge_instalment;
pub mod pledge_plan;
pub mod pledge_reminder;
pub mod poll;
pub mod poll_ballot;
pub mod poll_paper;
pub mod poll_project;
pub mod poll_result;
pub mod poll_voter;
pub mod profit_declaration;
pub mod programme;
pub mod report;
pub mod residue_decision;
pub mod review;
pub mod review_score;
pub mod settlement_import;
pub mod tranche;

// What the bank says.
pub mod bank_account;
pub mod bank_statement;
pub mod bank_statement_line;
pub mod line_match;

// Giving through the processor.
pub mod card_refund;
pub mod dispute;
pub mod online_order;
pub mod processor_event;

// What came of awards.
pub mod agreement_copy;
pub mod agreement_terms;
pub mod ban;
pub mod case_page;
pub mod report_photo;
pub mod report_receipt;

// Bids beside their text, and the rolls of organisations and experts.
pub mod application_document;
pub mod application_need;
pub mod application_scratch;
pub mod application_side;
pub mod co_funding;
pub mod expert;
pub mod panel_note;
pub mod passkey;
pub mod privacy_request;
pub mod review_scratch;
pub mod roll_import;
pub mod vault_key;
