//! Why a token is not accepted: each fault names the rule that is broken.

use std::fmt;

/// The rule that a token breaks. Nothing will ever make the same token good, save [`Fault::NotYetValid`] and, once the issuer
/// publishes the key, [`Fault::UnknownKey`].
///
/// The text of a fault says nothing that the sender of the token does not know, so it may be answered.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// It is not three base64url parts of JSON with the members that it must have; says what is wrong.
    Malformed(&'static str),
    /// It is longer than [`TOKEN_MAX`](crate::TOKEN_MAX) bytes.
    TooLong,
    /// A member stands twice in its header or in its claims, so two readers could see two tokens.
    DuplicateMember,
    /// Its header names critical extensions, and none is understood.
    Critical,
    /// Its `alg` is none of those that are accepted here: another one, a shared secret's, or `none`.
    AlgorithmNotAccepted,
    /// No key has its kid.
    UnknownKey,
    /// It names no key, and none or more than one would fit.
    NoKeyNamed,
    /// Its `alg` does not go with the key that it names.
    WrongAlgorithm,
    /// Its signature is not that of its key.
    BadSignature,
    /// Its `typ` is none of those that are accepted here.
    WrongType,
    /// It is of another issuer.
    WrongIssuer,
    /// It is for another audience.
    WrongAudience,
    /// Its time is over.
    Expired,
    /// Its time has not come: `nbf` or `iat` are in the future.
    NotYetValid,
    /// It was issued longer ago than is accepted here.
    TooOld,
    /// It lacks a claim that is required here; says which.
    MissingClaim(String),
    /// The claims are not those that the caller asked for; says what is wrong with them, for a log.
    WrongClaims(String),
    /// Its issuer has called it back: its status is INVALID.
    Revoked,
    /// Its issuer has suspended it: its status is SUSPENDED.
    Suspended,
    /// Its status is none that is understood, or the list has no such entry.
    UnknownStatus,
}

impl Fault {
    /// Where the rule is written down.
    pub const fn rule(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "RFC 7519 section 7.2",
            Self::TooLong => "a limit of the verifier",
            Self::DuplicateMember => "RFC 7515 section 4, RFC 7519 section 4",
            Self::Critical => "RFC 7515 section 4.1.11",
            Self::AlgorithmNotAccepted => "RFC 8725 section 3.1",
            Self::UnknownKey | Self::NoKeyNamed => "RFC 7515 section 4.1.4",
            Self::WrongAlgorithm => "RFC 8725 section 3.1",
            Self::BadSignature => "RFC 7515 section 5.2",
            Self::WrongType => "RFC 8725 section 3.11",
            Self::WrongIssuer => "RFC 7519 section 4.1.1",
            Self::WrongAudience => "RFC 7519 section 4.1.3",
            Self::Expired => "RFC 7519 section 4.1.4",
            Self::NotYetValid => "RFC 7519 section 4.1.5",
            Self::TooOld => "RFC 7519 section 4.1.6",
            Self::MissingClaim(_) | Self::WrongClaims(_) => "RFC 7519 section 4",
            Self::Revoked | Self::Suspended | Self::UnknownStatus => "Token Status List section 7.1",
        }
    }

    const fn told(&self) -> &'static str {
        match self {
            Self::Malformed(what) => what,
            Self::TooLong => "longer than 16 KiB",
            Self::DuplicateMember => "a member stands twice",
            Self::Critical => "a critical header extension is not understood",
            Self::AlgorithmNotAccepted => "the alg is not accepted here",
            Self::UnknownKey => "no published key has this kid",
            Self::NoKeyNamed => "without a kid it is not clear which key is meant",
            Self::WrongAlgorithm => "the alg is not that of the key",
            Self::BadSignature => "the signature is not valid",
            Self::WrongType => "the typ is not accepted here",
            Self::WrongIssuer => "the issuer is another",
            Self::WrongAudience => "the audience is another",
            Self::Expired => "expired",
            Self::NotYetValid => "not yet valid",
            Self::TooOld => "issued too long ago",
            Self::MissingClaim(_) => "a claim is missing that is required here",
            Self::WrongClaims(_) => "a claim is not of the type that is expected here",
            Self::Revoked => "called back by its issuer",
            Self::Suspended => "suspended by its issuer",
            Self::UnknownStatus => "its status is not known",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let malformed = if matches!(self, Self::Malformed(_)) { "malformed: " } else { "" };
        write!(f, "{malformed}{}", self.told())?;
        if let Self::MissingClaim(name) = self {
            write!(f, ": {name}")?;
        }
        write!(f, " ({})", self.rule())
    }
}

impl std::error::Error for Fault {}
