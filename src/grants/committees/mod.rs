//! Committees of funds (管委会): who sits there, what is moved (议案), how they vote, and the resolution (决议) with its minutes.
//!
//! Owns `committee_seat`, `motion`, `motion_vote` and `motion_minutes`. Sitting on a committee is a role for one fund with a term,
//! given by two administrators (`people::roles`); a seat only says as what. Whoever sits there when a motion opens is
//! written on its roll, so that nobody who comes or goes later changes what is counted.

pub mod routes;
pub mod rules;
pub mod service;
pub mod view;
