//! One client, as it is kept, and what it may do.

use std::collections::BTreeSet;

use super::{Audience, ClientId, ClientName, ClientSecret, ScopeSet, SecretHash, SecretId, StoredSecret};
use crate::field::FieldError;
use crate::time::Timestamp;

/// The most secrets of a client: the one in use, and the one that is to take its place.
pub const SECRETS_MAX: usize = 2;
/// The most audiences of a client.
pub const AUDIENCES_MAX: usize = 16;

/// A way to a token (RFC 6749 section 1.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Grant {
    /// A token for the client itself (section 4.4).
    ClientCredentials,
    /// The next tokens of a session whose refresh token the client was entrusted with (section 6).
    RefreshToken,
}

impl Grant {
    /// Every grant.
    pub const ALL: [Self; 2] = [Self::ClientCredentials, Self::RefreshToken];

    /// The name of the grant in requests, tables and answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ClientCredentials => "client_credentials",
            Self::RefreshToken => "refresh_token",
        }
    }

    /// The grant of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|grant| grant.as_str() == name)
    }
}

/// Whether a client is let in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClientState {
    /// It is.
    #[default]
    Active,
    /// It is not, and its tokens are not active any more, until it is enabled again.
    Disabled,
}

impl ClientState {
    /// The name of the state in tables and answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Disabled => "disabled",
        }
    }

    /// The state of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Active, Self::Disabled].into_iter().find(|state| state.as_str() == name)
    }
}

/// A client that is to be added.
#[derive(Clone, Debug)]
pub struct NewClient {
    /// The id.
    pub id: ClientId,
    /// What it is, for people.
    pub name: ClientName,
    /// The scopes that its tokens may have.
    pub scopes: ScopeSet,
    /// Whom its tokens may be for; the first where it does not say.
    pub audiences: Vec<Audience>,
    /// The ways to a token that it may take.
    pub grants: BTreeSet<Grant>,
}

/// A client: one aggregate with a revision, replaced by compare-and-swap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// How often it was replaced.
    pub revision: u64,
    /// The id, which never changes.
    pub id: ClientId,
    /// What it is, for people.
    pub name: ClientName,
    /// The scopes that its tokens may have.
    pub scopes: ScopeSet,
    /// Whom its tokens may be for, at least one and 16 at most; the first where it does not say.
    pub audiences: Vec<Audience>,
    /// The ways to a token that it may take.
    pub grants: BTreeSet<Grant>,
    /// Whether it is let in.
    pub state: ClientState,
    /// Its secrets, one or two, the older one first.
    pub secrets: Vec<StoredSecret>,
    /// When it was added, in whole seconds.
    pub created_at: Timestamp,
}

/// Why a secret was not added or not retired.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// The client has as many secrets as it may have.
    #[error("the client has two secrets already: retire one first")]
    TooMany,
    /// The client has no such secret.
    #[error("the client has no such secret")]
    Unknown,
    /// It is the only one: without it the client could not be let in at all.
    #[error("the client has no other secret: add one first, or disable the client")]
    Last,
}

/// Why a token may not be for that, or may not have those scopes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// A scope is malformed, or none of the client's (RFC 6749 section 5.2).
    #[error("a scope is malformed or not one of the client's")]
    Scope,
    /// The audience is none of the client's (RFC 8707 section 2).
    #[error("the audience is not one of the client's")]
    Audience,
}

impl Client {
    /// A new client at `now`, with its first secret.
    ///
    /// # Errors
    /// Names the field `audiences` where there are none or too many.
    pub fn new(new: NewClient, secret: &ClientSecret, now: Timestamp) -> Result<Self, FieldError> {
        let NewClient { id, name, scopes, audiences, grants } = new;
        check_audiences(&audiences)?;
        let created_at = now.floor_second();
        let secrets = vec![StoredSecret { hash: secret.hash(), created_at }];
        let state = ClientState::Active;
        Ok(Self { revision: 0, id, name, scopes, audiences, grants, state, secrets, created_at })
    }

    /// Whether the secret of that hash is one of its own. Compares with each of them, in constant time.
    pub fn recognizes(&self, shown: &SecretHash) -> bool {
        self.secrets.iter().fold(false, |known, stored| known | (stored.hash == *shown))
    }

    /// Adds a secret at `now`, beside the one in use.
    ///
    /// # Errors
    /// [`SecretError::TooMany`] where there are two already.
    pub fn add_secret(&mut self, secret: &ClientSecret, now: Timestamp) -> Result<(), SecretError> {
        if self.secrets.len() >= SECRETS_MAX {
            return Err(SecretError::TooMany);
        }
        self.secrets.push(StoredSecret { hash: secret.hash(), created_at: now.floor_second() });
        Ok(())
    }

    /// Retires a secret.
    ///
    /// # Errors
    /// [`SecretError::Unknown`] where it has no such secret, [`SecretError::Last`] where it has no other.
    pub fn retire_secret(&mut self, id: &SecretId) -> Result<(), SecretError> {
        let position = self.secrets.iter().position(|stored| stored.id() == *id).ok_or(SecretError::Unknown)?;
        if self.secrets.len() == 1 {
            return Err(SecretError::Last);
        }
        self.secrets.remove(position);
        Ok(())
    }

    /// The scopes of a token for which `asked` was asked: all of the client's where nothing was.
    ///
    /// # Errors
    /// [`TargetError::Scope`] where they are not all the client's own.
    pub fn scopes_for(&self, asked: Option<&str>) -> Result<ScopeSet, TargetError> {
        let Some(asked) = asked else { return Ok(self.scopes.clone()) };
        let asked = ScopeSet::parse(asked).map_err(|_| TargetError::Scope)?;
        if self.scopes.includes(&asked) { Ok(asked) } else { Err(TargetError::Scope) }
    }

    /// Whom a token is for that was asked for `asked`: the first audience where nothing was said.
    ///
    /// # Errors
    /// [`TargetError::Audience`] where it is none of the client's.
    pub fn audience_for(&self, asked: Option<&str>) -> Result<&Audience, TargetError> {
        let own = |audience: &&Audience| asked.is_none_or(|asked| audience.as_str() == asked);
        self.audiences.iter().find(own).ok_or(TargetError::Audience)
    }
}

/// Whether a client may have these audiences.
///
/// # Errors
/// Names the field `audiences` where there are none or more than 16.
pub(crate) fn check_audiences(audiences: &[Audience]) -> Result<(), FieldError> {
    match audiences.len() {
        0 => Err(FieldError::new("audiences", "must name at least one")),
        n if n > AUDIENCES_MAX => Err(FieldError::new("audiences", "must be at most 16")),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_unix_millis(1_800_000_000_500);

    fn new(audiences: &[&str]) -> NewClient {
        NewClient {
            id: ClientId::parse("reports").unwrap(),
            name: ClientName::parse("Nightly reports").unwrap(),
            scopes: ScopeSet::parse("read write").unwrap(),
            audiences: audiences.iter().map(|text| Audience::parse(text).unwrap()).collect(),
            grants: BTreeSet::from([Grant::ClientCredentials]),
        }
    }

    fn secret(seed: u8) -> ClientSecret {
        ClientSecret::from_random([seed; 32])
    }

    fn client() -> Client {
        Client::new(new(&["https://api.example.com", "https://other.example.com"]), &secret(1), NOW).unwrap()
    }

    #[test]
    fn secrets_are_rolled_without_a_gap() {
        let mut client = client();
        assert!(client.recognizes(&secret(1).hash()) && !client.recognizes(&secret(2).hash()));
        client.add_secret(&secret(2), NOW).unwrap();
        assert!(client.recognizes(&secret(1).hash()) && client.recognizes(&secret(2).hash()));
        assert_eq!(client.add_secret(&secret(3), NOW), Err(SecretError::TooMany));
        client.retire_secret(&secret(1).hash().id()).unwrap();
        assert!(!client.recognizes(&secret(1).hash()) && client.recognizes(&secret(2).hash()));
        assert_eq!(client.retire_secret(&secret(1).hash().id()), Err(SecretError::Unknown));
        assert_eq!(client.retire_secret(&secret(2).hash().id()), Err(SecretError::Last));
        assert!(client.recognizes(&secret(2).hash()));
    }

    #[test]
    fn a_token_has_no_more_than_the_client() {
        let client = client();
        assert_eq!(client.scopes_for(None).unwrap().to_string(), "read write");
        assert_eq!(client.scopes_for(Some("write")).unwrap().to_string(), "write");
        for asked in ["admin", "read admin", "", "read  write"] {
            assert_eq!(client.scopes_for(Some(asked)), Err(TargetError::Scope), "{asked:?}");
        }
        assert_eq!(client.audience_for(None).unwrap().as_str(), "https://api.example.com");
        assert_eq!(
            client.audience_for(Some("https://other.example.com")).unwrap().as_str(),
            "https://other.example.com"
        );
        for asked in ["", "https://api.example.com/", "https://evil.example"] {
            assert_eq!(client.audience_for(Some(asked)), Err(TargetError::Audience), "{asked:?}");
        }
    }

    #[test]
    fn audiences_are_one_to_sixteen() {
        assert!(Client::new(new(&[]), &secret(1), NOW).is_err());
        assert!(Client::new(new(&["a"; 16]), &secret(1), NOW).is_ok());
        assert!(Client::new(new(&["a"; 17]), &secret(1), NOW).is_err());
    }

    #[test]
    fn names_lead_back() {
        assert!(Grant::ALL.into_iter().all(|grant| Grant::from_name(grant.as_str()) == Some(grant)));
        assert_eq!(ClientState::from_name("disabled"), Some(ClientState::Disabled));
    }
}
