//! Changing one's password, and setting it anew with what a mail tells.

use std::sync::Arc;

use jwksd_domain::otp::ResetToken;
use jwksd_domain::usecase::{
    ChangePassword, ChangePasswordError, LogInError, PasswordChange, PasswordResetAttempt, RequestPasswordReset,
    ResetPassword, ResetPasswordError,
};
use jwksd_domain::user::Password;
use poem_openapi::types::Example;
use poem_openapi::{ApiResponse, Object, OpenApi};
use serde::Deserialize;

use super::Capability;
use super::mail_requests::{MailAnswer, MailRequest, worded};
use crate::extract::{Body, BodyOf, ClientOrigin, KnownCaller};
use crate::outage;
use crate::problem::{Problem, kind};
use crate::reply::{Metered, Reply};

/// Another password for oneself.
#[derive(Deserialize, Object)]
#[oai(example)]
pub(crate) struct PasswordChangeRequest {
    /// The password that holds.
    #[oai(validator(min_length = 1, max_length = 512))]
    current_password: String,
    /// The password that is to hold.
    #[oai(validator(min_length = 8, max_length = 128))]
    new_password: String,
}

/// A new password, and the token that was mailed.
#[derive(Deserialize, Object)]
#[oai(example)]
pub(crate) struct PasswordResetRequest {
    /// The token.
    #[oai(validator(min_length = 1, max_length = 512))]
    token: String,
    /// The password that is to hold.
    #[oai(validator(min_length = 8, max_length = 128))]
    new_password: String,
}

/// What changing a password comes to.
#[derive(ApiResponse)]
pub(crate) enum ChangeAnswer {
    /// It was changed, and every other session of the caller is over.
    #[oai(status = 204)]
    Done,
    /// A field is not what it must be; the problem names it.
    #[oai(status = 400)]
    Invalid(Problem),
    /// The current password is wrong.
    #[oai(status = 403)]
    Wrong(Problem),
    /// Too many attempts from this address, or too many failures at this account.
    #[oai(status = 429)]
    Limited(Problem),
    /// Too much to do, or something is down.
    #[oai(status = 503)]
    Unavailable(Problem),
}

/// What setting a password anew comes to.
#[derive(ApiResponse)]
pub(crate) enum ResetAnswer {
    /// It was set, and every session of its user is over.
    #[oai(status = 204)]
    Done,
    /// A field is not what it must be, or the token is not good; nobody learns why.
    #[oai(status = 400)]
    Refused(Problem),
    /// Too many attempts from this address.
    #[oai(status = 429)]
    Limited(Problem),
    /// Too much to do, or something is down.
    #[oai(status = 503)]
    Unavailable(Problem),
}

/// Passwords of those who know theirs.
pub(crate) struct Passwords(pub(crate) Arc<ChangePassword>);

#[OpenApi]
impl Passwords {
    /// Change your password.
    ///
    /// Ends all your sessions but the one that the bearer token is of.
    #[oai(path = "/auth/password", method = "post", operation_id = "changePassword", tag = "Capability::Accounts")]
    async fn change(
        &self,
        caller: KnownCaller,
        origin: ClientOrigin,
        body: Body<PasswordChangeRequest>,
    ) -> Reply<Metered<ChangeAnswer>> {
        let change = match body.0.change() {
            Ok(change) => change,
            Err(problem) => return Metered::unmetered(ChangeAnswer::Invalid(problem)).into(),
        };
        let answer = match self.0.run(&caller.0, &change, origin.0).await {
            Ok(allowance) => Metered::allowed(ChangeAnswer::Done, allowance),
            Err(ChangePasswordError::Invalid(error)) => Metered::unmetered(ChangeAnswer::Invalid(error.into())),
            Err(ChangePasswordError::Refused(error)) => not_changed(error),
        };
        answer.into()
    }
}

fn not_changed(error: LogInError) -> Metered<ChangeAnswer> {
    match error {
        LogInError::AddressLimited(refusal) => {
            let problem = Problem::of(&kind::ADDRESS_LIMITED).retry_after(refusal.retry_after);
            Metered::refused(ChangeAnswer::Limited(problem), refusal)
        }
        LogInError::AccountLimited(refusal) => {
            let problem = Problem::of(&kind::ACCOUNT_LIMITED).retry_after(refusal.retry_after);
            Metered::refused(ChangeAnswer::Limited(problem), refusal)
        }
        LogInError::BadCredentials(allowance) => {
            Metered::allowed(ChangeAnswer::Wrong(Problem::of(&kind::WRONG_PASSWORD)), allowance)
        }
        // A password alone is asked for here.
        LogInError::SecondFactorRequired(_) | LogInError::BadSecondFactor(_) => {
            Metered::unmetered(ChangeAnswer::Unavailable(Problem::of(&kind::UNAVAILABLE)))
        }
        LogInError::Busy { retry_after } => {
            Metered::unmetered(ChangeAnswer::Unavailable(Problem::of(&kind::BUSY).retry_after(retry_after)))
        }
        LogInError::Unavailable(cause) => Metered::unmetered(ChangeAnswer::Unavailable(outage::reported(&cause))),
    }
}

/// Passwords of those who have lost theirs.
pub(crate) struct PasswordResets {
    /// Mails the token.
    pub(crate) request: Arc<RequestPasswordReset>,
    /// Takes it back.
    pub(crate) reset: Arc<ResetPassword>,
}

#[OpenApi]
impl PasswordResets {
    /// Have a mail sent with which your password is set anew.
    ///
    /// The answer is the same, and takes as long, whether anybody is known by the address or not.
    #[oai(
        path = "/auth/request-password-reset",
        method = "post",
        operation_id = "requestPasswordReset",
        tag = "Capability::Accounts"
    )]
    async fn request(&self, origin: ClientOrigin, body: Body<MailRequest>) -> Reply<Metered<MailAnswer>> {
        match body.0.address() {
            Ok(email) => worded(self.request.run(&email, origin.0).await).into(),
            Err(problem) => Metered::unmetered(MailAnswer::Invalid(problem)).into(),
        }
    }

    /// Set your password anew with the token that was mailed.
    ///
    /// The token is good once, for an hour, and until another one is asked for. Ends all sessions of its user.
    #[oai(path = "/auth/reset-password", method = "post", operation_id = "resetPassword", tag = "Capability::Accounts")]
    async fn reset(&self, origin: ClientOrigin, body: Body<PasswordResetRequest>) -> Reply<Metered<ResetAnswer>> {
        let PasswordResetRequest { token, new_password } = body.0;
        let password = match named_password("new_password", new_password) {
            Ok(password) => password,
            Err(problem) => return Metered::unmetered(ResetAnswer::Refused(problem)).into(),
        };
        let attempt = PasswordResetAttempt { origin: origin.0, token: ResetToken::parse(&token), password };
        let answer = match self.reset.run(attempt).await {
            Ok(allowance) => Metered::allowed(ResetAnswer::Done, allowance),
            Err(ResetPasswordError::Invalid(error)) => Metered::unmetered(ResetAnswer::Refused(error.into())),
            Err(ResetPasswordError::BadToken(allowance)) => {
                Metered::allowed(ResetAnswer::Refused(Problem::of(&kind::INVALID_RESET_TOKEN)), allowance)
            }
            Err(ResetPasswordError::AddressLimited(refusal)) => {
                let problem = Problem::of(&kind::ADDRESS_LIMITED).retry_after(refusal.retry_after);
                Metered::refused(ResetAnswer::Limited(problem), refusal)
            }
            Err(ResetPasswordError::Busy { retry_after }) => {
                Metered::unmetered(ResetAnswer::Unavailable(Problem::of(&kind::BUSY).retry_after(retry_after)))
            }
            Err(ResetPasswordError::Unavailable(cause)) => {
                Metered::unmetered(ResetAnswer::Unavailable(outage::reported(&cause)))
            }
        };
        answer.into()
    }
}

impl PasswordChangeRequest {
    fn change(self) -> Result<PasswordChange, Problem> {
        let current = named_password("current_password", self.current_password)?;
        Ok(PasswordChange { current, new: named_password("new_password", self.new_password)? })
    }
}

/// A password; a problem names the field as the body has it.
fn named_password(field: &'static str, text: String) -> Result<Password, Problem> {
    Password::parse(text).map_err(|error| Problem::with(&kind::INVALID_FIELD, field, &error.problem))
}

impl BodyOf for PasswordChangeRequest {}

impl BodyOf for PasswordResetRequest {}

impl Example for PasswordChangeRequest {
    fn example() -> Self {
        Self { current_password: "password".to_owned(), new_password: "correct horse battery".to_owned() }
    }
}

impl Example for PasswordResetRequest {
    fn example() -> Self {
        // Of the form of a token; a real one comes with a mail.
        let token = "M9jHmvk3a6RIIeZ0hF7QbTnUYw1Ls4ZV2xQpEoKf5rCdGtJ8uNyXiB0Sz6WlDaMe".to_owned();
        Self { token, new_password: "correct horse battery".to_owned() }
    }
}
