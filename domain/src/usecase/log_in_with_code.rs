//! Logging in to a session with a code that was mailed, and a second factor where there is one.

use std::sync::Arc;

use super::identifiers::uuid_v4;
use super::{Admitted, CheckSecondFactor, FirstFactor, LogInError, OneTimeCodes, Outage, SessionOpened, StartSession};
use crate::audit::{AuditEntry, Event, Origin, Outcome};
use crate::limit::{Allowance, Bucket};
use crate::otp::SignInCode;
use crate::ports::{
    AuditLog, Clock, Entropy, RateLimiter, SessionRepository, SessionSelection, StoreError, UserChange, UserLookup,
    UserRepository,
};
use crate::second_factor::SecondFactorProof;
use crate::session::{AuthMethod, EndReason, SessionEnd};
use crate::time::Timestamp;
use crate::user::{DemoUsers, Email, NewUser, PasswordHash, Role, User, Username};

/// One attempt to log in with a code.
pub struct CodeLogIn {
    /// Where it comes from.
    pub origin: Origin,
    /// The address that the code was mailed to.
    pub email: Email,
    /// The code that is shown.
    pub code: SignInCode,
    /// What is shown beside it.
    pub second_factor: Option<SecondFactorProof>,
}

/// What [`LogInWithCode`] needs.
pub struct LogInWithCodeParts {
    /// Knows the codes.
    pub codes: Arc<OneTimeCodes>,
    /// Checks the second factor.
    pub second_factor: Arc<CheckSecondFactor>,
    /// Starts the session.
    pub start: Arc<StartSession>,
    /// The users.
    pub users: Arc<dyn UserRepository>,
    /// The sessions, of which some may have to end.
    pub sessions: Arc<dyn SessionRepository>,
    /// Counts attempts and failures.
    pub limiter: Arc<dyn RateLimiter>,
    /// Writes every attempt down.
    pub audit: Arc<dyn AuditLog>,
    /// Makes a name where the address cannot be one.
    pub entropy: Arc<dyn Entropy>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Whether demo users are let in.
    pub demo_users: DemoUsers,
}

/// Opens sessions for those who show the code that was mailed to them.
pub struct LogInWithCode(LogInWithCodeParts);

impl LogInWithCode {
    /// Lets users in by `parts`.
    pub const fn new(parts: LogInWithCodeParts) -> Self {
        Self(parts)
    }

    /// One attempt. Whatever comes of it is in the log before it is answered. A right code is used up, also where its user may
    /// not log in, but not where a second factor is missing or wrong; the first one that is shown for an address makes a user of it, who may read and has no password.
    ///
    /// # Errors
    /// See [`LogInError`]; a wrong code counts as a failure at the account of the address.
    pub async fn run(&self, request: CodeLogIn) -> Result<SessionOpened, LogInError> {
        let mut entry = AuditEntry::new(self.0.clock.now(), request.origin.clone(), Event::OtpLogin, Outcome::Success);
        entry.name = Some(request.email.as_str().to_owned());
        let result = self.attempt(&request, &mut entry).await;
        entry.outcome = result.as_ref().map_or_else(LogInError::outcome, |_| Outcome::Success);
        self.0.audit.append(entry).await.map_err(Outage::from)?;
        result
    }

    async fn attempt(&self, request: &CodeLogIn, entry: &mut AuditEntry) -> Result<SessionOpened, LogInError> {
        let email = &request.email;
        let (address, account) = (Bucket::address(entry.origin.ip), Bucket::account_of(email));
        let limiter = &self.0.limiter;
        let allowance = limiter.spend(&address).await.map_err(Outage::from)?.map_err(LogInError::AddressLimited)?;
        limiter.peek(&account).await.map_err(Outage::from)?.map_err(LogInError::AccountLimited)?;
        let Some(otp) = self.0.codes.find_code(email, &request.code, entry.at).await? else {
            limiter.spend(&account).await.map_err(Outage::from)?.map_err(LogInError::AccountLimited)?;
            return Err(LogInError::BadCredentials(allowance));
        };
        limiter.clear(&account).await.map_err(Outage::from)?;
        // Before the code is used up, so that it can be shown again with the second factor.
        let known = self.0.users.find(UserLookup::Email(email)).await.map_err(Outage::from)?;
        let known = match known.filter(|user| user.is_admitted(self.0.demo_users)) {
            Some(user) => Some(self.admitted(user, request, entry, allowance).await?),
            None => None,
        };
        if !self.0.codes.use_up(&otp).await? {
            return Err(LogInError::BadCredentials(allowance));
        }
        let user = self.user_of(email, entry.at).await?;
        entry.user_id = Some(user.id);
        let admitted = match known.filter(|known| known.user().id == user.id) {
            Some(known) => known,
            None if user.is_admitted(self.0.demo_users) => self.admitted(user, request, entry, allowance).await?,
            None => return Err(LogInError::BadCredentials(allowance)),
        };
        let tokens = self.0.start.run(&admitted, entry).await?;
        let login = [UserChange::LoggedIn(entry.at)];
        self.0.users.update(admitted.user().id, &login).await.map_err(Outage::from)?;
        Ok(SessionOpened { tokens, allowance })
    }

    async fn admitted(
        &self,
        user: User,
        request: &CodeLogIn,
        entry: &mut AuditEntry,
        allowance: Allowance,
    ) -> Result<Admitted, LogInError> {
        let first = FirstFactor { user, method: AuthMethod::OneTimeCode, allowance };
        self.0.second_factor.run(first, request.second_factor.as_ref(), entry).await
    }

    /// The user of an address at which the code has arrived.
    async fn user_of(&self, email: &Email, now: Timestamp) -> Result<User, Outage> {
        if let Some(user) = self.0.users.find(UserLookup::Email(email)).await? {
            return self.verified(user, now).await;
        }
        let by_address = Username::parse(&email.as_str().to_ascii_lowercase()).ok();
        let made = Username::parse(&format!("user-{}", uuid_v4(&*self.0.entropy))).ok();
        let mut taken = StoreError::Conflict;
        for username in by_address.into_iter().chain(made) {
            match self.0.users.insert(new_user(username, email, now)).await {
                Ok(user) => return Ok(user),
                Err(error @ StoreError::Duplicate { .. }) => taken = error,
                Err(error) => return Err(error.into()),
            }
        }
        // Neither name was free, so the address is not either: somebody has registered with it meanwhile.
        match self.0.users.find(UserLookup::Email(email)).await? {
            Some(user) => self.verified(user, now).await,
            None => Err(taken.into()),
        }
    }

    /// Notes that the address is the user's. If that was not known before, somebody else may have registered with it, who is to
    /// be left neither a password nor a session.
    async fn verified(&self, user: User, now: Timestamp) -> Result<User, Outage> {
        if user.email_verified {
            return Ok(user);
        }
        let no_password = UserChange::PasswordHash { hash: PasswordHash::of_none(), keeps_demo: false };
        let changed = self.0.users.update(user.id, &[no_password, UserChange::EmailVerified]).await?;
        let end = SessionEnd { at: now, reason: EndReason::PasswordChanged };
        self.0.sessions.end(user.id, SessionSelection::All, end).await?;
        Ok(changed.unwrap_or(user))
    }
}

fn new_user(username: Username, email: &Email, registered_at: Timestamp) -> NewUser {
    NewUser {
        username,
        email: Some(email.clone()),
        email_verified: true,
        password_hash: PasswordHash::of_none(),
        role: Role::Read,
        registered_at,
        demo: false,
    }
}
