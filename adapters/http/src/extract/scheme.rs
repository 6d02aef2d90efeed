//! How credentials in the `Authorization` header are described in the document.

use poem_openapi::registry::{MetaSecurityScheme, Registry};

/// Describes `scheme` of HTTP (RFC 9110 section 11.1) under a name; `format` is that of a bearer token.
pub(crate) fn register(
    registry: &mut Registry,
    name: &'static str,
    (scheme, format): (&'static str, Option<&'static str>),
    description: &'static str,
) {
    let described = MetaSecurityScheme {
        ty: "http",
        description: Some(description),
        name: None,
        key_in: None,
        scheme: Some(scheme),
        bearer_format: format,
        flows: None,
        openid_connect_url: None,
    };
    registry.create_security_scheme(name, described);
}
