//! How reports live.
