//! The public notice and the minutes.
