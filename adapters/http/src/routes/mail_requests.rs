//! What asking for a mail takes and answers.

use jwksd_domain::limit::Allowance;
use jwksd_domain::usecase::MailRequestError;
use jwksd_domain::user::Email;
use poem_openapi::types::Example;
use poem_openapi::{ApiResponse, Object};
use serde::Deserialize;

use crate::extract::BodyOf;
use crate::outage;
use crate::problem::{Problem, kind};
use crate::reply::Metered;

/// Where a mail is to go.
#[derive(Deserialize, Object)]
#[oai(example)]
pub(crate) struct MailRequest {
    /// The e-mail address.
    #[oai(validator(min_length = 3, max_length = 254))]
    email: String,
}

/// What asking for a mail comes to.
#[derive(ApiResponse)]
pub(crate) enum MailAnswer {
    /// Whatever is to be mailed will be; whether anybody is known by the address is not told.
    #[oai(status = 202)]
    Accepted,
    /// The address is none.
    #[oai(status = 400)]
    Invalid(Problem),
    /// Too many attempts from this address, or too many mails to this e-mail address, known or not.
    #[oai(status = 429)]
    Limited(Problem),
    /// Something is down.
    #[oai(status = 503)]
    Unavailable(Problem),
}

impl MailRequest {
    /// The address as the use cases take it.
    pub(crate) fn address(&self) -> Result<Email, Problem> {
        Ok(Email::parse(&self.email)?)
    }
}

/// Words what came of it.
pub(crate) fn worded(result: Result<Allowance, MailRequestError>) -> Metered<MailAnswer> {
    match result {
        Ok(allowance) => Metered::allowed(MailAnswer::Accepted, allowance),
        Err(MailRequestError::AddressLimited(refusal)) => {
            let problem = Problem::of(&kind::ADDRESS_LIMITED).retry_after(refusal.retry_after);
            Metered::refused(MailAnswer::Limited(problem), refusal)
        }
        Err(MailRequestError::MailLimited(refusal)) => {
            let problem = Problem::of(&kind::MAIL_LIMITED).retry_after(refusal.retry_after);
            Metered::refused(MailAnswer::Limited(problem), refusal)
        }
        Err(MailRequestError::Unavailable(cause)) => {
            Metered::unmetered(MailAnswer::Unavailable(outage::reported(&cause)))
        }
    }
}

impl BodyOf for MailRequest {}

impl Example for MailRequest {
    fn example() -> Self {
        Self { email: "jane.doe@example.com".to_owned() }
    }
}
