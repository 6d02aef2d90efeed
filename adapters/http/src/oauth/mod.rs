//! The calls of clients as OAuth puts them: forms instead of JSON, and errors of a form of their own (RFC 6749 section 5.2).
//!
//! What OAuth has a code for is answered in its form, with 400 or 401: clients look for it there. Everything else, a limit or an
//! outage say, is a problem like everywhere.

mod credentials;
mod error;
mod form;

pub(crate) use credentials::{CLIENT_SCHEME, ClientBasic};
pub(crate) use error::{OAuthError, OAuthErrorBody, Uncached};
pub(crate) use form::{Form, FormOf, Parameters};
