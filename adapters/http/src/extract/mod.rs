//! What operations take in: bodies, credentials, parameters, and where a request comes from.
//!
//! Extractors answer problems, never the framework's plain texts, and their part of the document is written by `document.rs`.

mod basic;
mod body;
mod caller;
mod expired;
pub(crate) mod form_text;
mod media_type;
mod number;
mod origin;
mod parse;
pub(crate) mod scheme;

pub(crate) use basic::{BASIC_CHALLENGE, Basic};
pub(crate) use body::{Body, BodyOf, OptionalBody};
pub(crate) use caller::{
    ADMINISTRATOR_SCHEME, Administrator, BEARER_CHALLENGE, BEARER_SCHEME, KnownCaller, OPTIONAL_BEARER_SCHEME,
    PossibleCaller,
};
pub(crate) use expired::Expired;
pub(crate) use media_type::{FORM, media_type};
pub(crate) use number::{StatusListInPath, UserIdInPath};
pub(crate) use origin::ClientOrigin;
pub(crate) use parse::given;
