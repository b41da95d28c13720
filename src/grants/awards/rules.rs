//! How awards live.
