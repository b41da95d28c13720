//! How reviews live.
