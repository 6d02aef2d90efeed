//! One's own second factor: enrolling it, confirming it, and turning it off.

use std::sync::Arc;

use jwksd_domain::usecase::{
    ConfirmTotp, EnrolTotp, Enrolled, FindTotp, LogInError, RemoveTotp, RenewRecoveryCodes, SecondFactorError,
};
use poem_openapi::types::ToJSON;
use poem_openapi::{ApiResponse, OpenApi};

use super::Capability;
use super::administration::{Listing, found};
use super::second_factor_bodies::{Proof, RecoveryCodes, TotpConfirmation, TotpEnrolment, TotpSecret, TotpStatus};
use crate::extract::{Body, ClientOrigin, KnownCaller};
use crate::outage;
use crate::problem::{Problem, kind};
use crate::qr::QrImages;
use crate::reply::{Json, Reply};

/// What comes of an operation that needs more than a token.
#[derive(ApiResponse)]
pub(crate) enum GuardedAnswer<T: ToJSON> {
    /// It is done; what is secret of it is shown this once.
    #[oai(status = 200)]
    Done(Json<T>),
    /// The body is not what it must be.
    #[oai(status = 400)]
    Invalid(Problem),
    /// What is shown beside the bearer token is wrong, or was used before.
    #[oai(status = 403)]
    Wrong(Problem),
    /// The second factor is confirmed already, or there is none to which this could be done.
    #[oai(status = 409)]
    OtherState(Problem),
    /// Too many attempts from this address or at this account.
    #[oai(status = 429)]
    Limited(Problem),
    /// Too much to do, or something is down.
    #[oai(status = 503)]
    Unavailable(Problem),
}

/// What turning it off comes to.
#[derive(ApiResponse)]
pub(crate) enum RemoveAnswer {
    /// It is off, and its recovery codes are worth nothing. Sessions go on.
    #[oai(status = 204)]
    Removed,
    /// The body is not what it must be.
    #[oai(status = 400)]
    Invalid(Problem),
    /// What is shown beside the bearer token is wrong, or was used before.
    #[oai(status = 403)]
    Wrong(Problem),
    /// There is none.
    #[oai(status = 409)]
    Missing(Problem),
    /// Too many attempts from this address or at this account.
    #[oai(status = 429)]
    Limited(Problem),
    /// Too much to do, or something is down.
    #[oai(status = 503)]
    Unavailable(Problem),
}

/// Why nothing was done, by its status.
enum Trouble {
    Wrong(Problem),
    State(Problem),
    Limited(Problem),
    Unavailable(Problem),
}

/// What is done with one's own second factor.
pub(crate) struct SecondFactors {
    /// Tells of it.
    pub(crate) find: Arc<FindTotp>,
    /// Enrols it.
    pub(crate) enrol: Arc<EnrolTotp>,
    /// Confirms it.
    pub(crate) confirm: Arc<ConfirmTotp>,
    /// Makes recovery codes.
    pub(crate) renew: Arc<RenewRecoveryCodes>,
    /// Removes it.
    pub(crate) remove: Arc<RemoveTotp>,
}

#[OpenApi]
impl SecondFactors {
    /// Tell of your second factor.
    #[oai(path = "/auth/totp", method = "get", operation_id = "getTotp", tag = "Capability::SecondFactor")]
    async fn status(&self, caller: KnownCaller) -> Reply<Listing<TotpStatus>> {
        match self.find.run(&caller.0).await {
            Ok(factor) => found(factor.into()),
            Err(cause) => Listing::Unavailable(outage::reported(&cause)).into(),
        }
    }

    /// Enrol an authenticator app as your second factor.
    ///
    /// Needs your password once more. As long as it is not confirmed it may be enrolled anew.
    #[oai(path = "/auth/totp", method = "post", operation_id = "enrolTotp", tag = "Capability::SecondFactor")]
    async fn enrol(
        &self,
        caller: KnownCaller,
        origin: ClientOrigin,
        body: Body<TotpEnrolment>,
    ) -> Reply<GuardedAnswer<TotpSecret>> {
        let password = match body.0.password() {
            Ok(password) => password,
            Err(problem) => return GuardedAnswer::Invalid(problem).into(),
        };
        match self.enrol.run(&caller.0, &password, origin.0).await {
            Ok(enrolled) => drawn(&enrolled),
            Err(error) => GuardedAnswer::from(Trouble::from(error)).into(),
        }
    }

    /// Confirm your second factor with a first code.
    ///
    /// Answers the recovery codes, this once. From now on no login succeeds without the factor.
    #[oai(path = "/auth/totp/confirm", method = "post", operation_id = "confirmTotp", tag = "Capability::SecondFactor")]
    async fn confirm(
        &self,
        caller: KnownCaller,
        origin: ClientOrigin,
        body: Body<TotpConfirmation>,
    ) -> Reply<GuardedAnswer<RecoveryCodes>> {
        let code = match body.0.code() {
            Ok(code) => code,
            Err(problem) => return GuardedAnswer::Invalid(problem).into(),
        };
        match self.confirm.run(&caller.0, &code, origin.0).await {
            Ok(codes) => GuardedAnswer::Done(Json(codes.into())).into(),
            Err(error) => GuardedAnswer::from(Trouble::from(error)).into(),
        }
    }

    /// Make new recovery codes.
    ///
    /// They take the place of those that are left. Needs your password or a code once more.
    #[oai(
        path = "/auth/totp/recovery-codes",
        method = "post",
        operation_id = "renewRecoveryCodes",
        tag = "Capability::SecondFactor"
    )]
    async fn renew(
        &self,
        caller: KnownCaller,
        origin: ClientOrigin,
        body: Body<Proof>,
    ) -> Reply<GuardedAnswer<RecoveryCodes>> {
        let proof = match body.0.shown() {
            Ok(proof) => proof,
            Err(problem) => return GuardedAnswer::Invalid(problem).into(),
        };
        match self.renew.run(&caller.0, &proof, origin.0).await {
            Ok(codes) => GuardedAnswer::Done(Json(codes.into())).into(),
            Err(error) => GuardedAnswer::from(Trouble::from(error)).into(),
        }
    }

    /// Turn your second factor off.
    ///
    /// Needs your password or a code once more.
    #[oai(path = "/auth/totp", method = "delete", operation_id = "removeTotp", tag = "Capability::SecondFactor")]
    async fn remove(&self, caller: KnownCaller, origin: ClientOrigin, body: Body<Proof>) -> Reply<RemoveAnswer> {
        let proof = match body.0.shown() {
            Ok(proof) => proof,
            Err(problem) => return RemoveAnswer::Invalid(problem).into(),
        };
        match self.remove.run(&caller.0, &proof, origin.0).await {
            Ok(()) => RemoveAnswer::Removed.into(),
            Err(error) => RemoveAnswer::from(Trouble::from(error)).into(),
        }
    }
}

/// The secret in every form in which an app takes it.
fn drawn(enrolled: &Enrolled) -> Reply<GuardedAnswer<TotpSecret>> {
    match QrImages::of(&enrolled.uri) {
        Some(QrImages { svg, png }) => GuardedAnswer::Done(Json(TotpSecret {
            secret: enrolled.secret.to_string(),
            otpauth_uri: enrolled.uri.to_string(),
            qr_svg: svg,
            qr_png: png,
        }))
        .into(),
        None => Reply::Refused(Problem::of(&kind::INTERNAL).into()),
    }
}

impl From<SecondFactorError> for Trouble {
    fn from(error: SecondFactorError) -> Self {
        let error = match error {
            SecondFactorError::AlreadyConfirmed => {
                return Self::State(Problem::of(&kind::SECOND_FACTOR_CONFIRMED));
            }
            SecondFactorError::NotEnrolled => return Self::State(Problem::of(&kind::SECOND_FACTOR_MISSING)),
            SecondFactorError::Refused(error) => error,
        };
        match error {
            LogInError::BadCredentials(_) => Self::Wrong(Problem::of(&kind::WRONG_PASSWORD)),
            LogInError::SecondFactorRequired(_) | LogInError::BadSecondFactor(_) => {
                Self::Wrong(Problem::of(&kind::WRONG_CODE))
            }
            LogInError::AddressLimited(refusal) => {
                Self::Limited(Problem::of(&kind::ADDRESS_LIMITED).retry_after(refusal.retry_after))
            }
            LogInError::AccountLimited(refusal) => {
                Self::Limited(Problem::of(&kind::ACCOUNT_LIMITED).retry_after(refusal.retry_after))
            }
            LogInError::Busy { retry_after } => Self::Unavailable(Problem::of(&kind::BUSY).retry_after(retry_after)),
            LogInError::Unavailable(cause) => Self::Unavailable(outage::reported(&cause)),
        }
    }
}

impl<T: ToJSON> From<Trouble> for GuardedAnswer<T> {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Wrong(problem) => Self::Wrong(problem),
            Trouble::State(problem) => Self::OtherState(problem),
            Trouble::Limited(problem) => Self::Limited(problem),
            Trouble::Unavailable(problem) => Self::Unavailable(problem),
        }
    }
}

impl From<Trouble> for RemoveAnswer {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Wrong(problem) => Self::Wrong(problem),
            Trouble::State(problem) => Self::Missing(problem),
            Trouble::Limited(problem) => Self::Limited(problem),
            Trouble::Unavailable(problem) => Self::Unavailable(problem),
        }
    }
}
