//! Checking the second factor: the part that every way of logging in passes through.

use std::sync::Arc;

use super::{LogInError, Outage, SecondFactorSecrets};
use crate::audit::{AuditEntry, Event, Outcome};
use crate::limit::{Allowance, Bucket};
use crate::ports::{AuditLog, RateLimiter, SecondFactorRepository};
use crate::second_factor::{Enrolment, SecondFactor, SecondFactorChange, SecondFactorProof, accepted_step};
use crate::session::AuthMethod;
use crate::user::User;

/// A user who has shown a first factor: a password, or a code that was mailed.
pub struct FirstFactor {
    /// The user.
    pub user: User,
    /// How the user was authenticated.
    pub method: AuthMethod,
    /// What is left to the address.
    pub allowance: Allowance,
}

/// A user who has shown all that is asked of the user. Made here and nowhere else, so that no way to a session can leave the second
/// factor out.
pub struct Admitted {
    user: User,
    methods: Vec<AuthMethod>,
}

/// What [`CheckSecondFactor`] needs.
pub struct CheckSecondFactorParts {
    /// The second factors.
    pub factors: Arc<dyn SecondFactorRepository>,
    /// Opens their secrets.
    pub secrets: Arc<SecondFactorSecrets>,
    /// Counts attempts.
    pub limiter: Arc<dyn RateLimiter>,
    /// Writes down where a recovery code was spent.
    pub audit: Arc<dyn AuditLog>,
}

/// Asks those for a second factor who have one, and slows down those who guess.
pub struct CheckSecondFactor(CheckSecondFactorParts);

impl Admitted {
    /// The user.
    pub const fn user(&self) -> &User {
        &self.user
    }

    /// The user, where no more is to be known.
    pub fn into_user(self) -> User {
        self.user
    }

    /// How the user was authenticated.
    pub fn methods(&self) -> &[AuthMethod] {
        &self.methods
    }
}

impl CheckSecondFactor {
    /// Checks second factors by `parts`.
    pub const fn new(parts: CheckSecondFactorParts) -> Self {
        Self(parts)
    }

    /// Lets in who has no second factor that is confirmed, whatever is shown, and who shows it.
    ///
    /// # Errors
    /// [`LogInError::SecondFactorRequired`] if it is not shown, [`LogInError::BadSecondFactor`] if it is wrong or was used before,
    /// [`LogInError::AccountLimited`] after too many, and [`LogInError::Unavailable`], also where the secret does not open.
    pub async fn run(
        &self,
        first: FirstFactor,
        proof: Option<&SecondFactorProof>,
        entry: &mut AuditEntry,
    ) -> Result<Admitted, LogInError> {
        let FirstFactor { user, method, allowance } = first;
        let found = self.0.factors.find(user.id).await.map_err(Outage::from)?;
        let Some(factor) = found.filter(SecondFactor::is_confirmed) else {
            return Ok(Admitted { user, methods: vec![method] });
        };
        entry.user_id = Some(user.id);
        let proof = proof.ok_or(LogInError::SecondFactorRequired(allowance))?;
        self.prove(&factor, proof, entry, allowance).await?;
        Ok(Admitted { user, methods: methods(method, proof) })
    }

    /// Takes a code of `factor` that is right, or a recovery code that is left: each of them once.
    ///
    /// # Errors
    /// [`LogInError::BadSecondFactor`] with `allowance` if it is wrong or was used before, [`LogInError::AccountLimited`] after too
    /// many, and [`LogInError::Unavailable`], also where the secret of the factor does not open.
    pub(super) async fn prove(
        &self,
        factor: &SecondFactor,
        proof: &SecondFactorProof,
        entry: &AuditEntry,
        allowance: Allowance,
    ) -> Result<(), LogInError> {
        let bucket = Bucket::SecondFactor(factor.enrolment.user);
        // Spent before anything is looked at, so that guesses in parallel gain nothing.
        self.0.limiter.spend(&bucket).await.map_err(Outage::from)?.map_err(LogInError::AccountLimited)?;
        let change = self.change(factor, proof, entry).await?.ok_or(LogInError::BadSecondFactor(allowance))?;
        if !self.0.factors.update(factor.enrolment, &change).await.map_err(Outage::from)? {
            return Err(LogInError::BadSecondFactor(allowance));
        }
        self.0.limiter.clear(&bucket).await.map_err(Outage::from)?;
        match proof {
            SecondFactorProof::Code(_) => Ok(()),
            SecondFactorProof::Recovery(_) => self.note_recovery(factor.enrolment, entry).await,
        }
    }

    /// The change that takes what is shown, if it is right.
    async fn change(
        &self,
        factor: &SecondFactor,
        proof: &SecondFactorProof,
        entry: &AuditEntry,
    ) -> Result<Option<SecondFactorChange>, Outage> {
        let user = factor.enrolment.user;
        match proof {
            SecondFactorProof::Recovery(code) => Ok(Some(SecondFactorChange::Spend(code.hash(user)))),
            SecondFactorProof::Code(code) => {
                let secret = self.0.secrets.open(factor).await?;
                let Some(step) = accepted_step(&secret, code, entry.at, factor.last_step) else { return Ok(None) };
                Ok(Some(SecondFactorChange::Accept(step, self.0.secrets.seal(user, &secret).await?)))
            }
        }
    }

    async fn note_recovery(&self, enrolment: Enrolment, entry: &AuditEntry) -> Result<(), LogInError> {
        let mut used = AuditEntry::new(entry.at, entry.origin.clone(), Event::RecoveryCodeUsed, Outcome::Success);
        (used.user_id, used.name) = (Some(enrolment.user), entry.name.clone());
        Ok(self.0.audit.append(used).await.map_err(Outage::from)?)
    }
}

/// How a user was authenticated who has shown both. RFC 8176 has no name for a recovery code; `mfa` says that there were two factors,
/// also where both are one-time passwords.
fn methods(first: AuthMethod, proof: &SecondFactorProof) -> Vec<AuthMethod> {
    match (first, proof) {
        (AuthMethod::OneTimeCode, SecondFactorProof::Code(_)) | (_, SecondFactorProof::Recovery(_)) => {
            vec![first, AuthMethod::MultipleFactors]
        }
        (_, SecondFactorProof::Code(_)) => vec![first, AuthMethod::OneTimeCode],
    }
}
