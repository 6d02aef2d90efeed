//! The catalogue of problems: every code that a client may meet, with its status. Codes are stable; texts may be improved.

/// A kind of problem. Its texts are fixed: nothing of an error from behind a port is among them (I9).
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Kind {
    /// The stable name.
    pub(crate) code: &'static str,
    /// The status of the answer.
    pub(crate) status: u16,
    /// What it is, in few words.
    pub(crate) title: &'static str,
    /// What it means, where nothing more is known.
    pub(crate) detail: &'static str,
}

impl Kind {
    const fn new(code: &'static str, status: u16, title: &'static str, detail: &'static str) -> Self {
        Self { code, status, title, detail }
    }
}

/// The body is not what its content type says.
pub(crate) static MALFORMED_BODY: Kind =
    Kind::new("malformed_body", 400, "Malformed body", "The body is not well-formed JSON or not a well-formed form.");
/// A field is missing or does not hold what it must.
pub(crate) static INVALID_FIELD: Kind =
    Kind::new("invalid_field", 400, "Invalid field", "A field of the body is missing or does not hold what it must.");
/// A parameter of the path or the query does not hold what it must.
pub(crate) static INVALID_PARAMETER: Kind = Kind::new(
    "invalid_parameter",
    400,
    "Invalid parameter",
    "A parameter of the path or the query does not hold what it must.",
);
/// No credentials were given.
pub(crate) static MISSING_CREDENTIALS: Kind = Kind::new(
    "missing_credentials",
    400,
    "Missing credentials",
    "username and password are missing: send them as JSON, as a form, or as HTTP Basic.",
);
/// The request could not be read.
pub(crate) static BAD_REQUEST: Kind =
    Kind::new("bad_request", 400, "Bad request", "The request could not be read to its end.");
/// The request has no host, or two (RFC 9112 section 3.2).
pub(crate) static ONE_HOST_NEEDED: Kind = Kind::new(
    "one_host_needed",
    400,
    "One host needed",
    "A request of HTTP/1.1 has one Host header: none, or two, are not answered.",
);
/// Name or password are wrong.
pub(crate) static BAD_CREDENTIALS: Kind =
    Kind::new("bad_credentials", 401, "Bad credentials", "The user name, the password or the code is wrong.");
/// The password, or the code that was mailed, is right and does not suffice.
pub(crate) static SECOND_FACTOR_REQUIRED: Kind = Kind::new(
    "second_factor_required",
    401,
    "Second factor required",
    "What was shown is right, and a second factor is needed: send the same again with totp or recovery_code.",
);
/// The second factor is wrong or spent.
pub(crate) static BAD_SECOND_FACTOR: Kind = Kind::new(
    "bad_second_factor",
    401,
    "Bad second factor",
    "The code is wrong, too old, or was used before. Wait for the next one.",
);
/// The refresh token is not known.
pub(crate) static INVALID_REFRESH_TOKEN: Kind = Kind::new(
    "invalid_refresh_token",
    401,
    "Invalid refresh token",
    "The refresh token is none that was given out here, or its session is long over. Log in again.",
);
/// The session is over by time.
pub(crate) static REFRESH_TOKEN_EXPIRED: Kind = Kind::new(
    "refresh_token_expired",
    401,
    "Session expired",
    "The session is over, by its age or because it was not used for too long. Log in again.",
);
/// The session was ended.
pub(crate) static SESSION_ENDED: Kind = Kind::new(
    "session_ended",
    401,
    "Session ended",
    "The session was ended by a logout, by its user or an administrator, or because a refresh token was stolen. Log in again.",
);
/// A spent refresh token came again.
pub(crate) static REFRESH_TOKEN_REUSED: Kind = Kind::new(
    "refresh_token_reused",
    401,
    "Refresh token reused",
    "The refresh token was spent before and its successor used: somebody has a copy, so the session was ended. Log in again.",
);
/// What a mail told is not good.
pub(crate) static INVALID_RESET_TOKEN: Kind = Kind::new(
    "invalid_reset_token",
    400,
    "Invalid token",
    "The token was never given out, was used already, or is over: ask for another mail.",
);
/// The current password is wrong.
pub(crate) static WRONG_PASSWORD: Kind =
    Kind::new("wrong_password", 403, "Wrong password", "The current password is wrong.");
/// The code with which callers show once more who they are is wrong.
pub(crate) static WRONG_CODE: Kind =
    Kind::new("wrong_code", 403, "Wrong code", "The code is wrong, too old, or was used before.");
/// No bearer token was given.
pub(crate) static TOKEN_REQUIRED: Kind =
    Kind::new("token_required", 401, "Token required", "This call needs a bearer token in the Authorization header.");
/// The bearer token is not valid here.
pub(crate) static INVALID_TOKEN: Kind = Kind::new(
    "invalid_token",
    401,
    "Invalid token",
    "The bearer token is malformed, expired, of another issuer, or its user is gone.",
);
/// The caller may not do this.
pub(crate) static ROLE_REQUIRED: Kind =
    Kind::new("role_required", 403, "Role required", "This call needs the role admin.");
/// The token is a client's, where a user is needed.
pub(crate) static USER_REQUIRED: Kind =
    Kind::new("user_required", 403, "User required", "This call is for users; the token is a client's.");
/// No key has this kid.
pub(crate) static UNKNOWN_KEY: Kind = Kind::new("unknown_key", 404, "Unknown key", "No key has this kid.");
/// There is no such path.
pub(crate) static NOT_FOUND: Kind = Kind::new("not_found", 404, "Not found", "There is nothing at this path.");
/// The caller has no such session.
pub(crate) static SESSION_NOT_FOUND: Kind =
    Kind::new("session_not_found", 404, "Session not found", "You have no session of this id, or it is over already.");
/// There is no such user.
pub(crate) static USER_NOT_FOUND: Kind =
    Kind::new("user_not_found", 404, "No such user", "There is no user of this id.");
/// There is no such client.
pub(crate) static CLIENT_NOT_FOUND: Kind =
    Kind::new("client_not_found", 404, "No such client", "There is no client of this id.");
/// The client has no such secret.
pub(crate) static SECRET_NOT_FOUND: Kind =
    Kind::new("secret_not_found", 404, "No such secret", "The client has no secret of this id.");
/// The lab has no such token.
pub(crate) static UNKNOWN_FLAW: Kind =
    Kind::new("unknown_flaw", 404, "Unknown flaw", "The lab has no token of this name; GET /lab/tokens lists them.");
/// The lab has no such key set.
pub(crate) static UNKNOWN_MISBEHAVIOUR: Kind = Kind::new(
    "unknown_misbehaviour",
    404,
    "Unknown misbehaviour",
    "The lab has no key set of this name; GET /lab/jwks lists them.",
);
/// The path has no such method.
pub(crate) static METHOD_NOT_ALLOWED: Kind = Kind::new(
    "method_not_allowed",
    405,
    "Method not allowed",
    "This path does not have this method; the Allow header lists those that it has.",
);
/// The body did not arrive in time.
pub(crate) static BODY_TIMEOUT: Kind =
    Kind::new("body_timeout", 408, "Body timeout", "The body did not arrive in time.");
/// The user name is taken.
pub(crate) static USERNAME_TAKEN: Kind =
    Kind::new("username_taken", 409, "User name taken", "A user of this name is registered already.");
/// The address is taken.
pub(crate) static EMAIL_TAKEN: Kind =
    Kind::new("email_taken", 409, "E-mail address taken", "A user with this e-mail address is registered already.");
/// The id is taken.
pub(crate) static CLIENT_ID_TAKEN: Kind =
    Kind::new("client_id_taken", 409, "Client id taken", "There is a client of this id already.");
/// The client has as many secrets as it may have.
pub(crate) static TOO_MANY_SECRETS: Kind = Kind::new(
    "too_many_secrets",
    409,
    "Too many secrets",
    "The client has two secrets already: retire one of them first.",
);
/// The client has no other secret.
pub(crate) static LAST_SECRET: Kind = Kind::new(
    "last_secret",
    409,
    "Last secret",
    "The client has no other secret: add one first, or disable the client.",
);
/// Administrators would disable or demote themselves.
pub(crate) static OWN_ACCOUNT: Kind = Kind::new(
    "own_account",
    409,
    "Own account",
    "Administrators cannot disable or demote themselves: another administrator can.",
);
/// There is a second factor already.
pub(crate) static SECOND_FACTOR_CONFIRMED: Kind = Kind::new(
    "second_factor_confirmed",
    409,
    "Second factor confirmed",
    "A second factor is confirmed already: turn it off before you enrol another one.",
);
/// There is no second factor.
pub(crate) static SECOND_FACTOR_MISSING: Kind = Kind::new(
    "second_factor_missing",
    409,
    "No second factor",
    "There is no second factor to which this could be done.",
);
/// The rotation would leave tokens that cannot be verified.
pub(crate) static WOULD_STRAND_TOKENS: Kind = Kind::new(
    "would_strand_tokens",
    409,
    "Rotation would strand tokens",
    "The JWKS is full: a key would have to leave it whose tokens may be alive. Wait, or set force.",
);
/// The stand-by is not known to every cache yet.
pub(crate) static STANDBY_TOO_FRESH: Kind = Kind::new(
    "standby_too_fresh",
    409,
    "Stand-by too fresh",
    "The stand-by key was published so lately that a cache may not know it. Wait, or set force.",
);
/// The fixture of the dev profile is not revoked.
pub(crate) static FIXTURE_KEY: Kind = Kind::new(
    "fixture_key",
    409,
    "Fixture key",
    "This key is the expired fixture, which no verifier accepts: there is nothing to revoke.",
);
/// The key that is to be taken in is there already.
pub(crate) static KEY_KNOWN: Kind =
    Kind::new("key_known", 409, "Key known already", "This key is among the keys already.");
/// The key that is to be taken in was revoked.
pub(crate) static KEY_REVOKED: Kind =
    Kind::new("key_revoked", 409, "Key revoked", "This key was revoked and never comes back.");
/// The key is the example of the documentation.
pub(crate) static KEY_KNOWN_TO_ALL: Kind = Kind::new(
    "key_known_to_all",
    409,
    "Key known to all",
    "This key is the example of the documentation, and everybody can read its private half: make one of your own.",
);
/// The body is too large.
pub(crate) static BODY_TOO_LARGE: Kind =
    Kind::new("body_too_large", 413, "Body too large", "The body has more than 64 KiB.");
/// The body is of a type that is not read here.
pub(crate) static UNSUPPORTED_MEDIA_TYPE: Kind = Kind::new(
    "unsupported_media_type",
    415,
    "Unsupported media type",
    "The body is of a content type that this call does not read.",
);
/// The body is compressed, or coded otherwise.
pub(crate) static UNSUPPORTED_CONTENT_CODING: Kind = Kind::new(
    "unsupported_content_coding",
    415,
    "Unsupported content coding",
    "Bodies are taken as they are, and not compressed: send them without Content-Encoding.",
);
/// Too many attempts from the address.
pub(crate) static ADDRESS_LIMITED: Kind = Kind::new(
    "address_limited",
    429,
    "Too many attempts",
    "Too many attempts came from this address. Wait as long as Retry-After says.",
);
/// Too many failures at the account.
pub(crate) static ACCOUNT_LIMITED: Kind = Kind::new(
    "account_limited",
    429,
    "Too many failures",
    "Too many logins to this account have failed. Wait as long as Retry-After says.",
);
/// Too many mails to the address.
pub(crate) static MAIL_LIMITED: Kind = Kind::new(
    "mail_limited",
    429,
    "Too many mails",
    "Too many mails to this e-mail address were asked for. Wait as long as Retry-After says.",
);
/// Something in the server broke.
pub(crate) static INTERNAL: Kind = Kind::new(
    "internal",
    500,
    "Internal error",
    "The server failed. Its log has the cause under the request id of this answer.",
);
/// Too much to do.
pub(crate) static BUSY: Kind =
    Kind::new("busy", 503, "Busy", "The server has too much to do. Try again after Retry-After.");
/// A dependency is down.
pub(crate) static UNAVAILABLE: Kind = Kind::new(
    "unavailable",
    503,
    "Unavailable",
    "Something that the server depends on is down. Try again after Retry-After.",
);
