//! How funds live.
