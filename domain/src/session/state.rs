//! One session, as it is kept.

use super::{RefreshToken, SessionId, SessionPolicy, SessionSecret, TokenHash};
use crate::audit::Origin;
use crate::ports::Sealed;
use crate::time::Timestamp;
use crate::user::{User, UserId};

/// The most instants of spending that are kept: more refreshes than that within the grace forget the oldest.
pub(super) const SPENT_MAX: usize = 32;

/// How a user was authenticated, by its name in the `amr` claim (RFC 8176 section 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AuthMethod {
    /// With a password.
    Password,
    /// With a one-time password: a code of an authenticator app (RFC 6238), or one that was mailed.
    OneTimeCode,
    /// With more than one factor, where the other methods do not tell.
    MultipleFactors,
}

impl AuthMethod {
    /// Every method.
    pub const ALL: [Self; 3] = [Self::Password, Self::OneTimeCode, Self::MultipleFactors];

    /// The name of the method in tokens and tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Password => "pwd",
            Self::OneTimeCode => "otp",
            Self::MultipleFactors => "mfa",
        }
    }

    /// The method of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.as_str() == name)
    }
}

/// Why a session was ended before its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EndReason {
    /// Its user logged out of it.
    LoggedOut,
    /// Its user ended it from elsewhere.
    EndedByUser,
    /// A spent refresh token of it was presented: somebody has a copy.
    TokenReused,
    /// A client called one of its refresh tokens back.
    TokenRevoked,
    /// Its user was disabled.
    UserDisabled,
    /// The password of its user was set anew.
    PasswordChanged,
}

impl EndReason {
    /// Every reason.
    pub const ALL: [Self; 6] = [
        Self::LoggedOut,
        Self::EndedByUser,
        Self::TokenReused,
        Self::TokenRevoked,
        Self::UserDisabled,
        Self::PasswordChanged,
    ];

    /// The name of the reason in tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LoggedOut => "logged_out",
            Self::EndedByUser => "ended_by_user",
            Self::TokenReused => "token_reused",
            Self::TokenRevoked => "token_revoked",
            Self::UserDisabled => "user_disabled",
            Self::PasswordChanged => "password_changed",
        }
    }

    /// The reason of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == name)
    }
}

/// The end of a session before its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionEnd {
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: EndReason,
}

/// A session. Has no `Debug`: it holds a secret, if a sealed one. Instants are in milliseconds.
#[derive(Clone, PartialEq, Eq)]
pub struct Session {
    /// The id.
    pub id: SessionId,
    /// Whose it is.
    pub user_id: UserId,
    /// The name of the user, for the audit log.
    pub username: String,
    /// How the user was authenticated.
    pub methods: Vec<AuthMethod>,
    /// Where the login came from.
    pub origin: Origin,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When its newest refresh token was given out.
    pub last_used_at: Timestamp,
    /// From when on it is over if it is not used before; not after `expires_at`.
    pub idle_expires_at: Timestamp,
    /// From when on it is over in any case.
    pub expires_at: Timestamp,
    /// What its refresh tokens are derived from, sealed for it.
    pub secret: Sealed,
    /// The number of its newest refresh token.
    pub generation: u32,
    /// The hash of its newest refresh token.
    pub token_hash: TokenHash,
    /// When the tokens before the newest one were spent, as far as that is within the grace: the last instant is that of the
    /// token just before.
    pub spent_at: Vec<Timestamp>,
    /// Its end, where it was ended before its time.
    pub end: Option<SessionEnd>,
}

/// A session that is to be opened.
pub struct NewSession<'a> {
    /// The id.
    pub id: SessionId,
    /// Whose it is.
    pub user: &'a User,
    /// How the user was authenticated.
    pub methods: Vec<AuthMethod>,
    /// Where the login came from.
    pub origin: Origin,
    /// Its secret.
    pub secret: &'a SessionSecret,
    /// The same, sealed.
    pub sealed: Sealed,
}

/// The step of a session to a newer refresh token.
#[derive(Clone, PartialEq, Eq)]
pub struct Rotation {
    /// The number of the newest token before.
    pub from: u32,
    /// The number of the newest token from now on.
    pub generation: u32,
    /// Its hash.
    pub token_hash: TokenHash,
    /// When the tokens before were spent.
    pub spent_at: Vec<Timestamp>,
    /// When it is given out.
    pub last_used_at: Timestamp,
    /// From when on the session is over if it is not used before.
    pub idle_expires_at: Timestamp,
}

impl Session {
    /// Opens a session at `now`; its refresh token has the generation zero.
    pub fn open(new: NewSession<'_>, now: Timestamp, policy: &SessionPolicy) -> Self {
        let NewSession { id, user, methods, origin, secret, sealed } = new;
        let expires_at = now.plus(policy.life);
        Self {
            id,
            user_id: user.id,
            username: user.username.clone(),
            methods,
            origin,
            created_at: now,
            last_used_at: now,
            idle_expires_at: now.plus(policy.idle).min(expires_at),
            expires_at,
            secret: sealed,
            generation: 0,
            token_hash: RefreshToken::derive(secret, id, 0).hash(),
            spent_at: Vec::new(),
            end: None,
        }
    }

    /// Whether it was neither ended nor has expired.
    pub fn is_live_at(&self, now: Timestamp) -> bool {
        self.end.is_none() && now < self.idle_expires_at
    }

    /// Whether `token` is one that this session has given out. Compares in constant time.
    pub fn recognizes(&self, token: &RefreshToken, secret: &SessionSecret) -> bool {
        let expected = match token.generation() {
            newest if newest == self.generation => self.token_hash,
            other => RefreshToken::derive(secret, self.id, other).hash(),
        };
        token.session() == self.id && token.hash() == expected
    }

    /// The step by which `next` is given out at `now`, and the token before it is spent.
    pub fn rotation(&self, next: &RefreshToken, now: Timestamp, policy: &SessionPolicy) -> Rotation {
        let follows = next.generation() == self.generation.saturating_add(1);
        let earlier = if follows { self.spent_at.as_slice() } else { &[] };
        let room = earlier.len().saturating_sub(SPENT_MAX - 1);
        let recent = earlier[room..].iter().skip_while(|at| now.since(**at) >= policy.grace);
        Rotation {
            from: self.generation,
            generation: next.generation(),
            token_hash: next.hash(),
            spent_at: recent.copied().chain([now]).collect(),
            last_used_at: now,
            idle_expires_at: now.plus(policy.idle).min(self.expires_at),
        }
    }

    /// The session after `rotation`, if that starts from where it is; else it is left as it is.
    ///
    /// Tells whether it was taken: what a store does in one step.
    pub fn rotate(&mut self, rotation: Rotation) -> bool {
        if self.end.is_some() || self.generation != rotation.from {
            return false;
        }
        self.generation = rotation.generation;
        self.token_hash = rotation.token_hash;
        self.spent_at = rotation.spent_at;
        self.last_used_at = rotation.last_used_at;
        self.idle_expires_at = rotation.idle_expires_at;
        true
    }

    /// When the token of `generation` was spent, where that is still kept.
    pub(super) fn spent_at(&self, generation: u32) -> Option<Timestamp> {
        let behind = usize::try_from(self.generation.checked_sub(generation)?).ok()?;
        self.spent_at.iter().nth_back(behind.checked_sub(1)?).copied()
    }
}
