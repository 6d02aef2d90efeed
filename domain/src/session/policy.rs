//! How long sessions live.

use std::time::Duration;

/// How long sessions live, and how patient they are with tokens that come twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionPolicy {
    /// How long a session lives at most, however much it is used.
    pub life: Duration,
    /// How long it lives without being used.
    pub idle: Duration,
    /// How long a spent refresh token goes on being answered with its successor, after that has been used too.
    pub grace: Duration,
}
