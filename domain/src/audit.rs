//! What is written down of every attempt.

mod event;

use std::net::IpAddr;

pub use self::event::{Event, Outcome};
use crate::key::Kid;
use crate::status_list::StatusEntry;
use crate::time::Timestamp;
use crate::user::UserId;

/// The longest user agent that is kept, in bytes; a longer one is cut.
pub const USER_AGENT_MAX: usize = 256;

/// Where an attempt came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The address: the peer's, or the one that a trusted proxy names. Loopback for the command line.
    pub ip: IpAddr,
    /// The user agent, cut to 256 bytes, without control characters.
    pub user_agent: Option<String>,
    /// The administrator who asked for it, where one did.
    pub administrator: Option<UserId>,
}

impl Origin {
    /// An origin with a user agent as a client sent it.
    pub fn new(ip: IpAddr, user_agent: Option<&str>) -> Self {
        let user_agent = user_agent.map(|text| {
            let text: String = text.chars().filter(|c| !c.is_control()).collect();
            let end = text.floor_char_boundary(USER_AGENT_MAX);
            text[..end].to_owned()
        });
        Self { ip, user_agent, administrator: None }
    }

    /// The same with the administrator who asks.
    #[must_use]
    pub fn by(self, administrator: UserId) -> Self {
        Self { administrator: Some(administrator), ..self }
    }

    /// The origin of what the server does by itself, and of the command line.
    pub fn of_the_server() -> Self {
        Self::new(IpAddr::from([127, 0, 0, 1]), Some("jwksd"))
    }
}

/// One entry, to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// When it happened.
    pub at: Timestamp,
    /// Where it came from.
    pub origin: Origin,
    /// What was attempted.
    pub event: Event,
    /// How it ended.
    pub outcome: Outcome,
    /// The user, where known.
    pub user_id: Option<UserId>,
    /// The name that was tried, whether known or not.
    pub name: Option<String>,
    /// The key that signed the token that was issued, or that something was done to.
    pub kid: Option<Kid>,
    /// The `jti` of the token that was issued.
    pub jti: Option<String>,
    /// The `exp` of the token that was issued, in whole seconds.
    pub expires_at: Option<Timestamp>,
    /// The `sid` of the token that was issued, a user's.
    pub sid: Option<String>,
    /// The entry of a status list that belongs to the token that was issued.
    pub status: Option<StatusEntry>,
    /// What an auditor would ask next: the reason of a revocation, or what was changed of a user or a client, such as
    /// `role=admin, state=active`. Never a secret.
    pub detail: Option<String>,
}

impl AuditEntry {
    /// An entry that knows no more than what was attempted, from where, and how it ended.
    pub const fn new(at: Timestamp, origin: Origin, event: Event, outcome: Outcome) -> Self {
        Self {
            at,
            origin,
            event,
            outcome,
            user_id: None,
            name: None,
            kid: None,
            jti: None,
            expires_at: None,
            sid: None,
            status: None,
            detail: None,
        }
    }
}

/// What a key has signed that is still valid at some instant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct IssuedTokens {
    /// How many tokens.
    pub tokens: u64,
    /// For how many users.
    pub users: u64,
}

/// An entry as the log holds it. `at` is in whole seconds. Rows of an adopted database count as successful logins
/// of the user that they name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredAuditEntry {
    /// The id in the store; later entries have larger ones.
    pub id: i64,
    /// The entry.
    pub entry: AuditEntry,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_agent_is_cut_and_cleaned() {
        let ip = IpAddr::from([127, 0, 0, 1]);
        let agent = Origin::new(ip, Some(&format!("a\r\n{}", "é".repeat(200)))).user_agent.unwrap();
        assert!(agent.starts_with("aé") && agent.len() <= USER_AGENT_MAX);
    }
}
