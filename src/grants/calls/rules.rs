//! How calls live.
