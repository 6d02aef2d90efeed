//! The OpenAPI document: what poem-openapi generates, with the problems added that extractors and the edge answer with.

use jwksd_domain::user::DemoUsers;
use serde_json::{Map, Value, json};

use crate::extract::{ADMINISTRATOR_SCHEME, BEARER_SCHEME, OPTIONAL_BEARER_SCHEME};
use crate::oauth::CLIENT_SCHEME;
use crate::problem::MEDIA_TYPE;

/// Members of requests for which null counts as absent.
const NULLABLE: [&str; 6] = [
    "/components/schemas/LogOutRequest/properties/refresh_token",
    "/components/schemas/NewAccount/properties/email",
    "/components/schemas/NewAccount/properties/password",
    "/components/schemas/NewUser/properties/email",
    "/components/schemas/NewUser/properties/password",
    "/components/schemas/RotationRequest/properties/force",
];

/// What the document depends on.
#[derive(Clone, Copy)]
pub(crate) struct Offers {
    /// Whether examples may name demo users.
    pub(crate) demo_users: DemoUsers,
    /// Whether codes are mailed to log in with.
    pub(crate) has_codes: bool,
}

/// The document.
pub(crate) struct Document(Value);

impl Document {
    /// The document that was generated as `spec`, completed.
    pub(crate) fn of(spec: &str, offers: Offers) -> Self {
        let mut document: Value = serde_json::from_str(spec).expect("poem-openapi writes JSON");
        for operations in members(&mut document, "/paths") {
            for (method, operation) in operations.as_object_mut().into_iter().flatten() {
                if method != "get" {
                    add(operation, 408, "The body did not arrive in time.");
                    add(operation, 413, "The body has more than 64 KiB.");
                }
                complete(operation);
            }
        }
        for pointer in NULLABLE {
            if let Some(Value::Object(property)) = document.pointer_mut(pointer) {
                property.insert("nullable".to_owned(), Value::Bool(true));
            }
        }
        for schema in members(&mut document, "/components/schemas") {
            members(schema, "/properties").for_each(refer_plainly);
        }
        if offers.demo_users == DemoUsers::Refused {
            replace_demo_credentials(&mut document);
        }
        if !offers.has_codes {
            remove_codes(&mut document);
        }
        sort_tags(&mut document);
        Self(document)
    }

    /// The document as indented JSON with a newline at its end.
    pub(crate) fn pretty(&self) -> String {
        let text = serde_json::to_string_pretty(&self.0).expect("a value always serializes");
        text + "\n"
    }

    /// Each path with its methods in upper case.
    pub(crate) fn paths(&self) -> Vec<(String, Vec<String>)> {
        let paths = self.0["paths"].as_object();
        let methods = |operations: &Value| {
            operations.as_object().into_iter().flat_map(Map::keys).map(|method| method.to_uppercase()).collect()
        };
        paths.into_iter().flatten().map(|(path, operations)| (path.clone(), methods(operations))).collect()
    }
}

/// Adds the problems of an operation that its own answers do not tell of.
fn complete(operation: &mut Value) {
    let schemes = security(operation);
    if schemes.iter().any(|scheme| scheme == BEARER_SCHEME || scheme == ADMINISTRATOR_SCHEME) {
        add(operation, 401, "No bearer token was given, or it is not valid.");
        add(operation, 503, "Something that the server depends on is down.");
    }
    if schemes.iter().any(|scheme| scheme == ADMINISTRATOR_SCHEME) {
        add(operation, 403, "The caller has not the role admin, or is no user.");
        operation["security"] = json!([{ BEARER_SCHEME: [] }]);
    }
    if schemes.iter().any(|scheme| scheme == BEARER_SCHEME || scheme == OPTIONAL_BEARER_SCHEME) {
        add(operation, 403, "The token is a client's, and the call is for users.");
    }
    if schemes.iter().any(|scheme| scheme == OPTIONAL_BEARER_SCHEME) {
        operation["security"] = json!([{}, { BEARER_SCHEME: [] }]);
    }
    if schemes.iter().any(|scheme| scheme == CLIENT_SCHEME) {
        operation["security"] = json!([{}, { CLIENT_SCHEME: [] }]);
    }
    if schemes.iter().any(|scheme| scheme == "basic") {
        operation["security"] = json!([{}, { "basic": [] }]);
    }
    if operation.get("requestBody").is_some() {
        add(operation, 400, "The body is malformed, or a field is not what it must be.");
        add(operation, 415, "The body is of a content type that is not read here.");
    }
    if operation.get("parameters").is_some() {
        add(operation, 400, "A parameter is not what it must be.");
    }
    add(operation, 500, "The server failed.");
    let responses = operation["responses"].as_object_mut();
    responses.into_iter().for_each(Map::sort_keys);
}

fn security(operation: &Value) -> Vec<String> {
    let alternatives = operation.get("security").and_then(Value::as_array).into_iter().flatten();
    alternatives.filter_map(Value::as_object).flat_map(Map::keys).cloned().collect()
}

fn add(operation: &mut Value, status: u16, description: &str) {
    let schema = json!({ "$ref": "#/components/schemas/Problem" });
    let response = json!({ "description": description, "content": { MEDIA_TYPE: { "schema": schema } } });
    if let Some(responses) = operation["responses"].as_object_mut() {
        responses.entry(status.to_string()).or_insert(response);
    }
}

/// poem-openapi describes a member of a named type twice: beside the reference and, as a schema of its own, together with it. Of the
/// second, some generators of clients can make nothing.
fn refer_plainly(property: &mut Value) {
    if let Some(Value::Array(parts)) = property.get_mut("allOf") {
        parts.retain(|part| part.get("$ref").is_some());
    }
}

/// Without demo users the examples must not name any.
fn replace_demo_credentials(document: &mut Value) {
    for (schema, name) in [
        ("Credentials", "username"),
        ("CredentialsForm", "username"),
        ("CamelCredentials", "userName"),
        ("CamelCredentialsForm", "userName"),
        ("SessionCredentials", "username"),
    ] {
        if let Some(example) = document.pointer_mut(&format!("/components/schemas/{schema}/example")) {
            *example = json!({ name: "jane.doe", "password": "correct horse battery" });
        }
    }
    for schema in ["TotpEnrolment", "Proof"] {
        if let Some(example) = document.pointer_mut(&format!("/components/schemas/{schema}/example")) {
            *example = json!({ "password": "correct horse battery" });
        }
    }
}

/// Where no codes are mailed a login has no place for them.
fn remove_codes(document: &mut Value) {
    let properties = document.pointer_mut("/components/schemas/SessionCredentials/properties");
    if let Some(properties) = properties.and_then(Value::as_object_mut) {
        properties.retain(|name, _| name != "email" && name != "otp");
    }
}

fn sort_tags(document: &mut Value) {
    if let Some(tags) = document["tags"].as_array_mut() {
        tags.sort_by_key(|tag| tag["name"].as_str().unwrap_or_default().to_owned());
    }
}

fn members<'a>(document: &'a mut Value, pointer: &str) -> impl Iterator<Item = &'a mut Value> {
    document.pointer_mut(pointer).and_then(Value::as_object_mut).into_iter().flat_map(Map::values_mut)
}
