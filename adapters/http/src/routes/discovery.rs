//! The public keys, and the documents that lead to them: only what exists is named there.

use std::sync::Arc;

use jwksd_domain::client::Grant;
use jwksd_domain::key::PublicJwk;
use jwksd_domain::usecase::PublishKeys;
use poem::http::HeaderMap;
use poem::{IntoResponse, Response};
use poem_openapi::registry::{MetaHeader, MetaMediaType, MetaResponse, MetaResponses, Registry};
use poem_openapi::types::Type;
use poem_openapi::{ApiResponse, Object, OpenApi};

use super::Capability;
use crate::jwks::{JSON, JWK_SET, Jwks};
use crate::reply::Json;

/// A public key (RFC 7517). Which members it has beside the first four depends on `kty`.
#[derive(Object)]
#[oai(rename = "Jwk", skip_serializing_if_is_none)]
pub(crate) struct JwkBody {
    /// The type of key: `RSA`, `EC` or `OKP`.
    kty: String,
    /// The id of the key: its RFC 7638 thumbprint.
    kid: String,
    /// What it is for: `sig`.
    r#use: String,
    /// The algorithm that it is for.
    alg: String,
    /// The modulus of an RSA key.
    n: Option<String>,
    /// The exponent of an RSA key.
    e: Option<String>,
    /// The curve of an EC or OKP key.
    crv: Option<String>,
    /// The x coordinate of an EC key, or an OKP key itself.
    x: Option<String>,
    /// The y coordinate of an EC key.
    y: Option<String>,
}

impl From<&PublicJwk> for JwkBody {
    /// Read off the JSON that the key itself makes, so that there is one rule for it.
    fn from(jwk: &PublicJwk) -> Self {
        let json = serde_json::to_value(jwk).unwrap_or_default();
        let member = |name: &str| json.get(name).and_then(|value| value.as_str()).map(str::to_owned);
        let text = |name: &str| member(name).unwrap_or_default();
        Self {
            kty: text("kty"),
            kid: text("kid"),
            r#use: text("use"),
            alg: text("alg"),
            n: member("n"),
            e: member("e"),
            crv: member("crv"),
            x: member("x"),
            y: member("y"),
        }
    }
}

/// The public keys (RFC 7517 section 5).
#[derive(Object)]
#[oai(rename = "JwkSet")]
struct JwkSetBody {
    /// The keys: the one that signs, the one that signs next, and those that have signed tokens which are still valid.
    keys: Vec<JwkBody>,
}

/// The JWKS as it was rendered, or that the client has it already.
pub(crate) struct JwksAnswer(pub(crate) Response);

impl IntoResponse for JwksAnswer {
    fn into_response(self) -> Response {
        self.0
    }
}

impl ApiResponse for JwksAnswer {
    fn meta() -> MetaResponses {
        let header = |name: &str, description: &str| MetaHeader {
            name: name.to_owned(),
            description: Some(description.to_owned()),
            required: true,
            deprecated: false,
            schema: String::schema_ref(),
        };
        let headers = || {
            vec![
                header("Cache-Control", "How long a cache may keep the set: never beyond its next change."),
                header("ETag", "The entity tag of the set, for If-None-Match."),
            ]
        };
        let content = |content_type| MetaMediaType { content_type, schema: JwkSetBody::schema_ref() };
        let response = |status, description, content| MetaResponse {
            description,
            status: Some(status),
            status_range: None,
            content,
            headers: headers(),
        };
        MetaResponses {
            responses: vec![
                response(200, "The public keys.", vec![content(JSON), content(JWK_SET)]),
                response(304, "The client has the set already.", Vec::new()),
            ],
        }
    }

    fn register(registry: &mut Registry) {
        JwkSetBody::register(registry);
    }
}

/// How clients show who they are (RFC 7591 section 2).
const CLIENT_METHODS: [&str; 2] = ["client_secret_basic", "client_secret_post"];

/// What an authorization server tells of itself (RFC 8414, OpenID Connect Discovery 1.0).
#[derive(Clone, Object)]
pub(crate) struct ServerMetadata {
    /// The issuer, byte for byte as it stands in the `iss` claim.
    issuer: String,
    /// Where the public keys are.
    jwks_uri: String,
    /// Where clients get tokens.
    token_endpoint: String,
    /// How they show there who they are.
    token_endpoint_auth_methods_supported: Vec<String>,
    /// Where clients ask whether a token is active (RFC 7662).
    introspection_endpoint: String,
    /// How they show there who they are.
    introspection_endpoint_auth_methods_supported: Vec<String>,
    /// Where clients call tokens back (RFC 7009).
    revocation_endpoint: String,
    /// How they show there who they are.
    revocation_endpoint_auth_methods_supported: Vec<String>,
    /// Where the status lists are told (draft-ietf-oauth-status-list section 9.1).
    status_list_aggregation_endpoint: String,
    /// Where the claims of a token are told.
    userinfo_endpoint: String,
    /// The interactive documentation.
    service_documentation: String,
    /// No authorization endpoint: no response types.
    response_types_supported: Vec<String>,
    /// The ways to a token.
    grant_types_supported: Vec<String>,
    /// Subjects are the same for every audience.
    subject_types_supported: Vec<String>,
    /// The algorithms of the published keys.
    id_token_signing_alg_values_supported: Vec<String>,
    /// The scopes that users' tokens carry.
    scopes_supported: Vec<String>,
    /// The claims that users' tokens carry.
    claims_supported: Vec<String>,
}

impl ServerMetadata {
    /// What the server at `issuer` tells of itself.
    pub(crate) fn new(issuer: &str) -> Self {
        let url = |path: &str| format!("{}{path}", issuer.trim_end_matches('/'));
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        Self {
            issuer: issuer.to_owned(),
            jwks_uri: url("/.well-known/jwks.json"),
            token_endpoint: url("/oauth/token"),
            token_endpoint_auth_methods_supported: texts(&CLIENT_METHODS),
            introspection_endpoint: url("/introspect"),
            introspection_endpoint_auth_methods_supported: texts(&CLIENT_METHODS),
            revocation_endpoint: url("/revoke"),
            revocation_endpoint_auth_methods_supported: texts(&CLIENT_METHODS),
            status_list_aggregation_endpoint: url("/status-lists"),
            userinfo_endpoint: url("/userinfo"),
            service_documentation: url("/docs"),
            response_types_supported: Vec::new(),
            grant_types_supported: Grant::ALL.map(|grant| grant.as_str().to_owned()).into(),
            subject_types_supported: texts(&["public"]),
            id_token_signing_alg_values_supported: Vec::new(),
            scopes_supported: texts(&["read", "write", "admin"]),
            claims_supported: texts(&[
                "iss",
                "sub",
                "aud",
                "iat",
                "nbf",
                "exp",
                "jti",
                "sid",
                "sessionId",
                "username",
                "role",
                "scope",
                "amr",
                "status",
            ]),
        }
    }
}

/// A discovery document.
#[derive(ApiResponse)]
pub(crate) enum MetadataAnswer {
    /// What the server tells of itself.
    #[oai(status = 200)]
    Metadata(Json<ServerMetadata>),
}

/// The public keys and the discovery documents.
pub(crate) struct Discovery {
    /// Answers the JWKS.
    pub(crate) jwks: Arc<Jwks>,
    /// Publishes the keys.
    pub(crate) publish_keys: Arc<PublishKeys>,
    /// What the server tells of itself, but for the algorithms.
    pub(crate) metadata: ServerMetadata,
}

impl Discovery {
    fn metadata(&self) -> MetadataAnswer {
        let mut algorithms: Vec<_> = self.publish_keys.run().keys.iter().map(PublicJwk::algorithm).collect();
        algorithms.sort_unstable();
        algorithms.dedup();
        let names = algorithms.into_iter().map(|algorithm| algorithm.to_string()).collect();
        let known = self.metadata.clone();
        MetadataAnswer::Metadata(Json(ServerMetadata { id_token_signing_alg_values_supported: names, ..known }))
    }
}

#[OpenApi]
impl Discovery {
    /// Get the public keys.
    #[oai(path = "/.well-known/jwks.json", method = "get", operation_id = "getJwks", tag = "Capability::Keys")]
    async fn jwks(&self, headers: &HeaderMap) -> JwksAnswer {
        JwksAnswer(self.jwks.respond(headers))
    }

    /// Get the authorization server's metadata (RFC 8414).
    #[oai(
        path = "/.well-known/oauth-authorization-server",
        method = "get",
        operation_id = "getAuthorizationServerMetadata",
        tag = "Capability::Keys"
    )]
    async fn authorization_server(&self) -> MetadataAnswer {
        self.metadata()
    }

    /// Get the OpenID provider's metadata (OpenID Connect Discovery 1.0).
    #[oai(
        path = "/.well-known/openid-configuration",
        method = "get",
        operation_id = "getOpenIdConfiguration",
        tag = "Capability::Keys"
    )]
    async fn openid_configuration(&self) -> MetadataAnswer {
        self.metadata()
    }
}
