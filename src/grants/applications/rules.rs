//! How applications live.
