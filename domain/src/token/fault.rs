//! Why a token is not valid.

/// The rule that a token breaks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenFault {
    /// It is not three base64url parts of JSON with the members that it must have (RFC 7519 section 7.2).
    #[error("malformed: {0}")]
    Malformed(&'static str),
    /// It names a critical extension, and none is understood (RFC 7515 section 4.1.11).
    #[error("a critical header extension is not understood (RFC 7515 section 4.1.11)")]
    Critical,
    /// Its type is another than a JWT (RFC 8725 section 3.11).
    #[error("the typ is neither JWT nor at+jwt (RFC 8725 section 3.11)")]
    WrongType,
    /// No published key has its kid.
    #[error("no published key has this kid")]
    UnknownKey,
    /// Its algorithm is not the one that its key is for (RFC 8725 section 3.1).
    #[error("the alg is not that of the key (RFC 8725 section 3.1)")]
    WrongAlgorithm,
    /// Its signature is not that of its key (RFC 7515 section 5.2).
    #[error("the signature is not valid (RFC 7515 section 5.2)")]
    BadSignature,
    /// It is of another issuer (RFC 7519 section 4.1.1).
    #[error("the issuer is another (RFC 7519 section 4.1.1)")]
    WrongIssuer,
    /// It is for another audience (RFC 7519 section 4.1.3).
    #[error("the audience is another (RFC 7519 section 4.1.3)")]
    WrongAudience,
    /// Its time is over (RFC 7519 section 4.1.4).
    #[error("expired (RFC 7519 section 4.1.4)")]
    Expired,
    /// Its time has not come (RFC 7519 section 4.1.5).
    #[error("not yet valid (RFC 7519 section 4.1.5)")]
    NotYetValid,
    /// Its session has ended.
    #[error("the session has ended")]
    SessionEnded,
    /// It was called back (RFC 7009).
    #[error("the token was revoked")]
    Revoked,
    /// Its client does not exist any more, or is disabled.
    #[error("the client is gone or disabled")]
    ClientGone,
    /// Its user does not exist any more, or may not log in.
    #[error("the user is gone or disabled")]
    UserGone,
}
