//! How tranches live.
