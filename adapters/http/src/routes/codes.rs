//! Codes that are mailed to log in with; the login itself is at `/auth/login`, in `sessions.rs`.

use std::sync::Arc;

use jwksd_domain::usecase::RequestSignInCode;
use poem_openapi::OpenApi;

use super::Capability;
use super::mail_requests::{MailAnswer, MailRequest, worded};
use crate::extract::{Body, ClientOrigin};
use crate::reply::{Metered, Reply};

/// Codes to log in with.
pub(crate) struct Codes(pub(crate) Arc<RequestSignInCode>);

#[OpenApi]
impl Codes {
    /// Have a code mailed to log in with.
    ///
    /// Six digits, good once, for ten minutes, five attempts, and until another one is asked for. The first login with a code
    /// makes a user of an address that nobody is known by, so the answer is the same for every address.
    #[oai(path = "/auth/request-otp", method = "post", operation_id = "requestOtp", tag = "Capability::Sessions")]
    async fn request(&self, origin: ClientOrigin, body: Body<MailRequest>) -> Reply<Metered<MailAnswer>> {
        match body.0.address() {
            Ok(email) => worded(self.0.run(&email, origin.0).await).into(),
            Err(problem) => Metered::unmetered(MailAnswer::Invalid(problem)).into(),
        }
    }
}
