//! Issuing one token: the part that every way to a token shares.

use std::sync::Arc;
use std::time::Duration;

use super::identifiers::uuid_v4;
use super::{Keyring, Outage, RotateError, RotateKeys, StatusEntries, Trigger};
use crate::audit::AuditEntry;
use crate::key::{Kid, SigningKey};
use crate::ports::{Clock, Entropy, Signer};
use crate::session::{AuthMethod, Session};
use crate::status_list::{StatusEntry, StatusListClaims};
use crate::time::Timestamp;
use crate::token::{Claims, ClientClaims, ClientGrant, TokenClaims, TokenIds, TokenPolicy, compact, signing_input};
use crate::user::User;

/// How long a token is to be valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenLife {
    /// As long as the policy says.
    Usual,
    /// This long, cut to the life of its key.
    Of(Duration),
    /// It is over already: signed with the expired fixture, for tests of verifiers.
    Over,
}

/// A token, and what the log and whoever asked are told of it.
pub struct IssuedToken {
    /// The token in compact serialization. Whoever has it is the user.
    pub token: String,
    /// The key that signed it.
    pub kid: Kid,
    /// Its id.
    pub jti: String,
    /// When it ends, in whole seconds.
    pub expires_at: Timestamp,
    /// How long it is valid from now on; zero where it never was.
    pub expires_in: Duration,
    /// What it allows, space-separated.
    pub scope: String,
    /// The session that it names, where it is a user's.
    pub sid: Option<String>,
    /// Its entry of a status list, where it has one.
    pub status: Option<StatusEntry>,
}

impl IssuedToken {
    /// Writes down in `entry` which token was issued.
    pub(super) fn note_in(&self, entry: &mut AuditEntry) {
        (entry.kid, entry.jti) = (Some(self.kid.clone()), Some(self.jti.clone()));
        entry.expires_at = Some(self.expires_at);
        (entry.sid, entry.status) = (self.sid.clone(), self.status);
    }
}

/// Signs tokens with the key whose turn it is.
pub struct IssueToken {
    keyring: Arc<Keyring>,
    rotate: Arc<RotateKeys>,
    signer: Arc<dyn Signer>,
    entries: Arc<StatusEntries>,
    entropy: Arc<dyn Entropy>,
    clock: Arc<dyn Clock>,
    policy: TokenPolicy,
}

/// The session that a token is of, stored or not.
struct Bearer {
    sid: String,
    methods: Vec<AuthMethod>,
}

/// What [`IssueToken`] needs beside the policy.
pub struct IssueTokenParts {
    /// The keys.
    pub keyring: Arc<Keyring>,
    /// Catches up with the schedule where no key signs, as after a long sleep.
    pub rotate: Arc<RotateKeys>,
    /// Signs.
    pub signer: Arc<dyn Signer>,
    /// Gives each token its entry of a status list.
    pub entries: Arc<StatusEntries>,
    /// Draws the ids.
    pub entropy: Arc<dyn Entropy>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
}

impl IssueToken {
    /// Issues tokens by `policy`.
    pub fn new(parts: IssueTokenParts, policy: TokenPolicy) -> Self {
        let IssueTokenParts { keyring, rotate, signer, entries, entropy, clock } = parts;
        Self { keyring, rotate, signer, entries, entropy, clock, policy }
    }

    /// Issues a token for `user`. It never outlives the key that signs it.
    ///
    /// # Errors
    /// [`Outage`] if no key signs, if the signer is down, or the store where entries of status lists are set apart.
    pub async fn run(&self, user: &User, life: TokenLife) -> Result<IssuedToken, Outage> {
        let now = self.clock.now();
        let alone = Bearer { sid: uuid_v4(&*self.entropy), methods: Vec::new() };
        self.issue(user, life, alone, now).await
    }

    /// Issues a token for `user` in `session`. It outlives neither the session nor the key that signs it.
    ///
    /// # Errors
    /// Those of [`IssueToken::run`].
    pub async fn run_in(&self, session: &Session, user: &User) -> Result<IssuedToken, Outage> {
        let now = self.clock.now();
        let life = TokenLife::Of(self.policy.life.min(session.expires_at.since(now)));
        let bearer = Bearer { sid: session.id.to_string(), methods: session.methods.clone() };
        self.issue(user, life, bearer, now).await
    }

    /// Issues a client's token. It never outlives the key that signs it.
    ///
    /// # Errors
    /// Those of [`IssueToken::run`].
    pub async fn run_for_client(&self, grant: &ClientGrant) -> Result<IssuedToken, Outage> {
        let now = self.clock.now();
        let key = self.key(TokenLife::Usual, now).await?;
        let until = now.plus(self.policy.life).min(self.last_end(&key, now));
        let status = self.entries.next(now).await?;
        let claims = ClientClaims::new(&self.policy, grant, (uuid_v4(&*self.entropy), status), now, until);
        self.sign(&key, TokenClaims::Client(claims), Some(status), now).await
    }

    /// Signs what is told of the status list of that number, of which the tokens `invalid` were called back. It may be kept for
    /// `ttl`, and is of use for as long as a token that it tells of can live, or as its key is published.
    ///
    /// # Errors
    /// [`Outage`] if no key signs or the signer is down.
    pub(super) async fn run_for_list(&self, list: u32, invalid: &[u16], ttl: Duration) -> Result<String, Outage> {
        let now = self.clock.now();
        let key = self.key(TokenLife::Usual, now).await?;
        let until = now.plus(self.policy.life.max(ttl)).min(self.last_end(&key, now));
        let uri = self.policy.status_list(list);
        let claims = StatusListClaims::new(&self.policy.issuer, uri, invalid, (now, until), ttl);
        let input = signing_input(key.algorithm(), key.kid(), &claims);
        let signature = self.signer.sign(&key, input.as_bytes()).await?;
        Ok(compact(&input, &signature))
    }

    /// For how long a list may be told again while nothing of it changes: whoever fetches it at the end of that has it for `ttl`,
    /// and as long again as it was told before.
    pub(super) fn list_told_for(&self, ttl: Duration) -> Duration {
        self.policy.life.saturating_sub(ttl) / 2
    }

    /// Moves on each time the keys become others: what was signed earlier may be of one that is revoked.
    pub(super) fn keys(&self) -> u64 {
        self.keyring.generation()
    }

    /// Where the status list of that number is.
    pub(super) fn status_list(&self, list: u32) -> String {
        self.policy.status_list(list)
    }

    async fn issue(&self, user: &User, life: TokenLife, bearer: Bearer, now: Timestamp) -> Result<IssuedToken, Outage> {
        let key = self.key(life, now).await?;
        let (from, until) = match life {
            TokenLife::Over => (key.schedule.published_until.minus(self.policy.life), key.schedule.published_until),
            TokenLife::Usual => (now, now.plus(self.policy.life).min(self.last_end(&key, now))),
            TokenLife::Of(life) => (now, now.plus(life).min(self.last_end(&key, now))),
        };
        let status = match life {
            TokenLife::Over => None,
            TokenLife::Usual | TokenLife::Of(_) => Some(self.entries.next(now).await?),
        };
        let ids = TokenIds { jti: uuid_v4(&*self.entropy), sid: bearer.sid, methods: bearer.methods, status };
        let claims = Claims::new(&self.policy, user, ids, from, until);
        self.sign(&key, TokenClaims::User(claims), status, now).await
    }

    /// When a token of `key` ends at the latest: while the key is published by every clock. Only one that was scheduled for shorter
    /// tokens, or asked for a longer one, is so near.
    fn last_end(&self, key: &SigningKey, now: Timestamp) -> Timestamp {
        let published_until = key.schedule.published_until;
        published_until.minus(self.policy.clock_skew).max(published_until.min(now))
    }

    async fn sign(
        &self,
        key: &SigningKey,
        claims: TokenClaims,
        status: Option<StatusEntry>,
        now: Timestamp,
    ) -> Result<IssuedToken, Outage> {
        let input = signing_input(key.algorithm(), key.kid(), &claims);
        let signature = self.signer.sign(key, input.as_bytes()).await?;
        let (_, until) = claims.life();
        let expires_at = Timestamp::from_unix_seconds(until);
        Ok(IssuedToken {
            token: compact(&input, &signature),
            kid: key.kid().clone(),
            jti: claims.jti().to_owned(),
            expires_at,
            expires_in: Duration::from_secs(expires_at.since(now.floor_second()).as_secs()),
            scope: claims.scope().to_owned(),
            sid: claims.sid().map(str::to_owned),
            status,
        })
    }

    async fn key(&self, life: TokenLife, now: Timestamp) -> Result<SigningKey, Outage> {
        if life == TokenLife::Over {
            return self.keyring.current().expired_fixture().cloned().ok_or(Outage::NoKey);
        }
        if let Some(key) = self.keyring.fresh(now).await?.signer_at(now) {
            return Ok(key.clone());
        }
        match self.rotate.run(Trigger::Schedule).await {
            Ok(_) => self.keyring.current().signer_at(now).cloned().ok_or(Outage::NoKey),
            Err(RotateError::Unavailable(outage)) => Err(outage),
            Err(RotateError::Refused(_)) => Err(Outage::NoKey),
        }
    }
}
