//! How decisions live.
