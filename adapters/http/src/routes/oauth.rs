//! What clients do: get tokens, ask about tokens, and call them back.

use std::sync::Arc;

use jwksd_domain::audit::{Origin, Outcome};
use jwksd_domain::client::{Grant, TargetError};
use jwksd_domain::limit::Refusal;
use jwksd_domain::usecase::{
    AskedGrant, ClientAuthError, ClientCredentials, GrantError, GrantToken, Granted, IntrospectToken, Introspection,
    RefreshError, RevokeToken, RevokeTokenError, TokenRequest,
};
use poem::IntoResponse;
use poem_openapi::payload::Payload;
use poem_openapi::{ApiResponse, OpenApi};

use super::Capability;
use super::oauth_bodies::{GrantedToken, Revoked, TokenForm, TokenReferenceForm, TokenStatus};
use crate::extract::{BASIC_CHALLENGE, ClientOrigin};
use crate::oauth::{ClientBasic, Form, OAuthError, OAuthErrorBody, Parameters, Uncached};
use crate::outage;
use crate::problem::{Problem, kind};
use crate::reply::{Json, Reply, Serialized};

const GRANTS: &str = "jwksd_client_tokens_total";

/// What the call of a client comes to; `T` is the body of a success.
#[derive(ApiResponse)]
pub(crate) enum OAuthAnswer<T: Payload + IntoResponse> {
    /// It was done.
    #[oai(status = 200)]
    Done(T),
    /// The request is malformed, or the client may not have what it asks for (RFC 6749 section 5.2).
    #[oai(status = 400)]
    Refused(Json<OAuthErrorBody>),
    /// The client is not known by what it shows (`invalid_client`).
    #[oai(status = 401)]
    Unknown(
        Json<OAuthErrorBody>,
        /// How to authenticate.
        #[oai(header = "WWW-Authenticate")]
        String,
    ),
    /// Too many failures from this address.
    #[oai(status = 429)]
    Limited(Problem),
    /// Something is down; the same call may be made again.
    #[oai(status = 503)]
    Unavailable(Problem),
}

/// What is done for clients.
pub(crate) struct OAuth {
    /// Grants tokens.
    pub(crate) grant: Arc<GrantToken>,
    /// Tells whether tokens are active.
    pub(crate) introspect: Arc<IntrospectToken>,
    /// Calls tokens back.
    pub(crate) revoke: Arc<RevokeToken>,
}

#[OpenApi]
impl OAuth {
    /// Get a token as a client.
    ///
    /// With `client_credentials` (RFC 6749 section 4.4) it is one for the client itself, an access token by RFC 9068; with
    /// `refresh_token` (section 6) the next tokens of the session of a user, as `POST /auth/refresh` gives them. A client is added
    /// with `POST /admin/clients` or `jwksd clients add`. Errors are those of RFC 6749 section 5.2.
    #[oai(path = "/oauth/token", method = "post", operation_id = "getClientToken", tag = "Capability::Clients")]
    async fn token(
        &self,
        origin: ClientOrigin,
        basic: ClientBasic,
        form: Form<TokenForm>,
    ) -> Reply<Uncached<OAuthAnswer<Json<GrantedToken>>>> {
        let request = form.read(basic).and_then(|(form, credentials)| request(form, credentials, origin.0));
        let granted = match request {
            Ok(request) => self.grant.run(request).await,
            Err(error) => return Uncached(OAuthAnswer::of(error)).into(),
        };
        let outcome = granted.as_ref().map_or_else(GrantError::outcome, |_| Outcome::Success);
        metrics::counter!(GRANTS, "outcome" => outcome.as_str()).increment(1);
        Uncached(worded(granted)).into()
    }

    /// Ask whether a token is active (RFC 7662).
    ///
    /// Access tokens and refresh tokens are told about alike. Of a token that is not active nothing is told, whatever the reason.
    #[oai(path = "/introspect", method = "post", operation_id = "introspectToken", tag = "Capability::Clients")]
    async fn introspect(
        &self,
        origin: ClientOrigin,
        basic: ClientBasic,
        form: Form<TokenReferenceForm>,
    ) -> Reply<Uncached<OAuthAnswer<Serialized<TokenStatus>>>> {
        let read = form.read(basic).and_then(|(mut form, shown)| Ok((form.required("token")?, shown)));
        let answer = match read {
            Ok((token, shown)) => match self.introspect.run(&token, shown.as_ref(), origin.0).await {
                Ok(introspection) => OAuthAnswer::Done(Serialized(told(&introspection))),
                Err(error) => OAuthAnswer::not_let_in(error),
            },
            Err(error) => OAuthAnswer::of(error),
        };
        Uncached(answer).into()
    }

    /// Call a token back (RFC 7009).
    ///
    /// A refresh token takes its session along, an access token goes alone. Clients may call back their own tokens, and those of
    /// users if they may use the grant `refresh_token`. A token that is not active is no error.
    #[oai(path = "/revoke", method = "post", operation_id = "revokeToken", tag = "Capability::Clients")]
    async fn revoke(
        &self,
        origin: ClientOrigin,
        basic: ClientBasic,
        form: Form<TokenReferenceForm>,
    ) -> Reply<Uncached<OAuthAnswer<Json<Revoked>>>> {
        let read = form.read(basic).and_then(|(mut form, shown)| Ok((form.required("token")?, shown)));
        let answer = match read {
            Ok((token, shown)) => match self.revoke.run(&token, shown.as_ref(), origin.0).await {
                Ok(()) => OAuthAnswer::Done(Json(Revoked {})),
                Err(RevokeTokenError::Client(error)) => OAuthAnswer::not_let_in(error),
                Err(RevokeTokenError::Unauthorized) => {
                    OAuthAnswer::of(OAuthError::UnauthorizedClient("the client may not revoke this token"))
                }
                Err(RevokeTokenError::Unavailable(cause)) => OAuthAnswer::Unavailable(outage::reported(&cause)),
            },
            Err(error) => OAuthAnswer::of(error),
        };
        Uncached(answer).into()
    }
}

/// Lets the metrics show outcomes that have not occurred yet.
pub(crate) fn register_counters() {
    metrics::describe_counter!(GRANTS, "Attempts of clients to get a token by outcome");
    for outcome in Outcome::ALL {
        metrics::counter!(GRANTS, "outcome" => outcome.as_str()).increment(0);
    }
}

fn request(
    mut form: Parameters,
    credentials: Option<ClientCredentials>,
    origin: Origin,
) -> Result<TokenRequest, OAuthError> {
    let asked = match Grant::from_name(&form.required("grant_type")?) {
        None => return Err(OAuthError::UnsupportedGrantType),
        Some(Grant::RefreshToken) => AskedGrant::RefreshToken(form.required("refresh_token")?.to_string()),
        Some(Grant::ClientCredentials) => AskedGrant::ClientCredentials {
            scope: form.take("scope").map(|scope| scope.to_string()),
            audience: audience(&mut form)?,
        },
    };
    Ok(TokenRequest { origin, credentials, asked })
}

/// A token is for one audience, whichever way that is named.
fn audience(form: &mut Parameters) -> Result<Option<String>, OAuthError> {
    match (form.take("resource"), form.take("audience")) {
        (Some(resource), Some(audience)) if resource != audience => Err(OAuthError::InvalidTarget),
        (Some(named), _) | (None, Some(named)) => Ok(Some(named.to_string())),
        (None, None) => Ok(None),
    }
}

fn worded(granted: Result<Granted, GrantError>) -> OAuthAnswer<Json<GrantedToken>> {
    let error = match granted {
        Ok(granted) => return OAuthAnswer::Done(Json(granted.into())),
        Err(GrantError::Client(error)) => return OAuthAnswer::not_let_in(error),
        Err(GrantError::Unavailable(cause) | GrantError::Refresh(RefreshError::Unavailable(cause))) => {
            return OAuthAnswer::Unavailable(outage::reported(&cause));
        }
        Err(GrantError::Unauthorized) => OAuthError::UnauthorizedClient("the client may not use this grant"),
        Err(GrantError::Target(TargetError::Scope)) => OAuthError::InvalidScope,
        Err(GrantError::Target(TargetError::Audience)) => OAuthError::InvalidTarget,
        Err(GrantError::Refresh(RefreshError::Unknown)) => OAuthError::InvalidGrant("the refresh token is not known"),
        Err(GrantError::Refresh(RefreshError::Expired)) => OAuthError::InvalidGrant("the session has expired"),
        Err(GrantError::Refresh(RefreshError::Ended)) => OAuthError::InvalidGrant("the session has ended"),
        Err(GrantError::Refresh(RefreshError::Reused)) => {
            OAuthError::InvalidGrant("the refresh token was used before; the session has ended")
        }
    };
    OAuthAnswer::of(error)
}

fn told(introspection: &Introspection) -> TokenStatus {
    match introspection {
        Introspection::Inactive => TokenStatus::default(),
        Introspection::User { claims, role } => TokenStatus::of_user(claims, *role),
        Introspection::Client(claims) => TokenStatus::of_client(claims),
        Introspection::Refresh(session) => TokenStatus::of_session(session),
    }
}

impl<T: Payload + IntoResponse> OAuthAnswer<T> {
    fn of(error: OAuthError) -> Self {
        match error {
            OAuthError::InvalidClient => Self::Unknown(Json(error.into()), BASIC_CHALLENGE.to_owned()),
            _ => Self::Refused(Json(error.into())),
        }
    }

    fn not_let_in(error: ClientAuthError) -> Self {
        match error {
            ClientAuthError::Invalid => Self::of(OAuthError::InvalidClient),
            ClientAuthError::Limited(Refusal { retry_after, .. }) => {
                Self::Limited(Problem::of(&kind::ADDRESS_LIMITED).retry_after(retry_after))
            }
            ClientAuthError::Unavailable(cause) => Self::Unavailable(outage::reported(&cause)),
        }
    }
}
