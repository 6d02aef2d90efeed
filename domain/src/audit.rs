//! What is written down of every attempt.

use std::net::IpAddr;

use crate::key::Kid;
use crate::time::Timestamp;
use crate::user::UserId;

/// The longest user agent that is kept, in bytes; a longer one is cut.
pub const USER_AGENT_MAX: usize = 256;

/// What was attempted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    /// A login with a password.
    Login,
    /// A token for the fixture user, which the dev profile gives to anyone.
    FixtureToken,
    /// A refresh of a session.
    Refresh,
    /// A spent refresh token came again, which ended its session.
    TokenTheft,
    /// A logout.
    Logout,
    /// A user ended sessions from elsewhere.
    SessionsEnded,
    /// A registration.
    Registration,
    /// A token minted on the command line.
    TokenMinted,
    /// The keys were rotated.
    KeysRotated,
    /// Expired keys were erased.
    KeysCleanedUp,
    /// A key was revoked.
    KeyRevoked,
    /// A key that was made elsewhere was taken in.
    KeyImported,
    /// Both halves of a key were given out.
    KeyExported,
    /// Private halves were sealed anew with another encryption key.
    KeysRewrapped,
    /// A user was added, changed or disabled by an administrator.
    UserAdministered,
    /// The secret of a second factor was made.
    TotpEnrolled,
    /// A second factor was shown for the first time, and is asked for from then on.
    TotpConfirmed,
    /// A second factor was removed, by its user or an administrator.
    TotpRemoved,
    /// Recovery codes were made in the place of those before.
    RecoveryCodesRenewed,
    /// A recovery code was spent, for what another entry tells of.
    RecoveryCodeUsed,
}

impl Event {
    /// Every event.
    pub const ALL: [Self; 20] = [
        Self::Login,
        Self::FixtureToken,
        Self::Refresh,
        Self::TokenTheft,
        Self::Logout,
        Self::SessionsEnded,
        Self::Registration,
        Self::TokenMinted,
        Self::KeysRotated,
        Self::KeysCleanedUp,
        Self::KeyRevoked,
        Self::KeyImported,
        Self::KeyExported,
        Self::KeysRewrapped,
        Self::UserAdministered,
        Self::TotpEnrolled,
        Self::TotpConfirmed,
        Self::TotpRemoved,
        Self::RecoveryCodesRenewed,
        Self::RecoveryCodeUsed,
    ];

    /// The name of the event in tables, answers and metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::FixtureToken => "fixture_token",
            Self::Refresh => "refresh",
            Self::TokenTheft => "token_theft",
            Self::Logout => "logout",
            Self::SessionsEnded => "sessions_ended",
            Self::Registration => "registration",
            Self::TokenMinted => "token_minted",
            Self::KeysRotated => "keys_rotated",
            Self::KeysCleanedUp => "keys_cleaned_up",
            Self::KeyRevoked => "key_revoked",
            Self::KeyImported => "key_imported",
            Self::KeyExported => "key_exported",
            Self::KeysRewrapped => "keys_rewrapped",
            Self::UserAdministered => "user_administered",
            Self::TotpEnrolled => "totp_enrolled",
            Self::TotpConfirmed => "totp_confirmed",
            Self::TotpRemoved => "totp_removed",
            Self::RecoveryCodesRenewed => "recovery_codes_renewed",
            Self::RecoveryCodeUsed => "recovery_code_used",
        }
    }

    /// The event of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|event| event.as_str() == name)
    }
}

/// How an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It was done.
    Success,
    /// Name or password were wrong, or the user is disabled.
    BadCredentials,
    /// The password was right, and the second factor was not shown.
    SecondFactorRequired,
    /// The second factor was wrong, or used before.
    BadSecondFactor,
    /// The refresh token is none that was given out.
    BadToken,
    /// The session is over, by age or for want of use.
    Expired,
    /// The session was ended before.
    SessionEnded,
    /// Somebody has a copy of a refresh token; its session was ended.
    Theft,
    /// There is no such session, or it is over.
    NotFound,
    /// Too many attempts from the address.
    AddressLimited,
    /// Too many failures at the account.
    AccountLimited,
    /// The name or the address is taken.
    Duplicate,
    /// The server had too much to do.
    Busy,
    /// Something that the server depends on was down.
    Failed,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Self; 14] = [
        Self::Success,
        Self::BadCredentials,
        Self::SecondFactorRequired,
        Self::BadSecondFactor,
        Self::BadToken,
        Self::Expired,
        Self::SessionEnded,
        Self::Theft,
        Self::NotFound,
        Self::AddressLimited,
        Self::AccountLimited,
        Self::Duplicate,
        Self::Busy,
        Self::Failed,
    ];

    /// The name of the outcome in tables, answers and metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::BadCredentials => "bad_credentials",
            Self::SecondFactorRequired => "second_factor_required",
            Self::BadSecondFactor => "bad_second_factor",
            Self::BadToken => "bad_token",
            Self::Expired => "expired",
            Self::SessionEnded => "session_ended",
            Self::Theft => "theft",
            Self::NotFound => "not_found",
            Self::AddressLimited => "address_limited",
            Self::AccountLimited => "account_limited",
            Self::Duplicate => "duplicate",
            Self::Busy => "busy",
            Self::Failed => "failed",
        }
    }

    /// The outcome of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.as_str() == name)
    }
}

/// Where an attempt came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The address: the peer's, or the one that a trusted proxy names. Loopback for the command line.
    pub ip: IpAddr,
    /// The user agent, cut to 256 bytes, without control characters.
    pub user_agent: Option<String>,
}

impl Origin {
    /// An origin with a user agent as a client sent it.
    pub fn new(ip: IpAddr, user_agent: Option<&str>) -> Self {
        let user_agent = user_agent.map(|text| {
            let text: String = text.chars().filter(|c| !c.is_control()).collect();
            let end = text.floor_char_boundary(USER_AGENT_MAX);
            text[..end].to_owned()
        });
        Self { ip, user_agent }
    }

    /// The origin of what the server does by itself, and of the command line.
    pub fn of_the_server() -> Self {
        Self { ip: IpAddr::from([127, 0, 0, 1]), user_agent: Some("jwksd".to_owned()) }
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
}

impl AuditEntry {
    /// An entry that knows no more than what was attempted, from where, and how it ended.
    pub const fn new(at: Timestamp, origin: Origin, event: Event, outcome: Outcome) -> Self {
        Self { at, origin, event, outcome, user_id: None, name: None, kid: None, jti: None, expires_at: None }
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

    #[test]
    fn names_lead_back() {
        assert!(Event::ALL.into_iter().all(|e| Event::from_name(e.as_str()) == Some(e)));
        assert!(Outcome::ALL.into_iter().all(|o| Outcome::from_name(o.as_str()) == Some(o)));
    }
}
