//! Separation of duties, pair by pair: two acts on one object by one person, whichever roles they hold, in both orders, by the
//! service, by the form and by raw SQL. None passes. And their deputy is the same person.
//!
//! `pairs` holds the pairs as data: a new one is one entry. Nothing else can be acted by: the house has no door that takes JSON.

mod judges;
mod pairs;
mod payments;
mod places;
mod sql;
mod trial;
