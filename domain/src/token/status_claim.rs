//! Where a token says that its status is told (draft-ietf-oauth-status-list section 6.1).

use serde::{Deserialize, Serialize};

/// The claim `status`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusClaim {
    /// The one mechanism that there is.
    pub status_list: StatusReference,
}

/// An entry of a status list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusReference {
    /// The place in the list, counted from zero.
    pub idx: u64,
    /// Where the list is.
    pub uri: String,
}
