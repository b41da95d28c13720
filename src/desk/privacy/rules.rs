//! How a request about one's data lives.

use crate::core::lifecycle::{Lifecycle, Part, mv};
use crate::living;
use entities::kinds::PrivacyStage::{self, Asked, Granted, Refused, Withdrawn};

/// A request for correction or erasure.
pub const PRIVACY: Lifecycle<PrivacyStage> = Lifecycle {
    name: "privacy",
    starts: &[Asked],
    moves: &[
        mv(Asked, "grant", Granted, &[Part::Administrator]).when("with the reasons; never one's own"),
        mv(Asked, "refuse", Refused, &[Part::Administrator]).when("with the reasons; never one's own"),
        mv(Asked, "withdraw", Withdrawn, &[Part::Person]).when("by who asked"),
    ],
};

living!(privacy_request, PrivacyStage, PrivacyRequest, PRIVACY);
