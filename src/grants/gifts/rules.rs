//! How gifts live.
