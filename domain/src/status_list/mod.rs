//! Token Status Lists (draft-ietf-oauth-status-list): a bit for each token that was issued, in lists that anybody may fetch and
//! keep. Whoever receives tokens learns there which were called back, without a question for each.

mod claims;
mod entry;

pub use claims::StatusListClaims;
pub use entry::{BlockSize, LIST_SIZE, StatusBlock, StatusEntry};
