//! The OpenAPI document: what poem-openapi generates, with the problems added that extractors and the edge answer with.

use std::collections::BTreeSet;

use jwksd_domain::client::{DEMO_CLIENT, DEMO_CLIENT_SECRET, demo_secret};
use jwksd_domain::user::DemoUsers;
use serde_json::{Map, Value, json};

use crate::extract::{ADMINISTRATOR_SCHEME, BEARER_SCHEME, FORM, OPTIONAL_BEARER_SCHEME};
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

/// The example of a key where one that everybody can read must not be taken in.
const HOW_A_KEY_IS_MADE: &str = "what `openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048` prints";

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
        let forms = schemas_of_forms(&document);
        match offers.demo_users {
            DemoUsers::Admitted => name_demo_credentials(&mut document),
            DemoUsers::Refused => replace_demo_examples(&mut document),
        }
        if !offers.has_codes {
            remove_codes(&mut document);
        }
        for schema in forms {
            document.pointer_mut(&schema).map(fill_in);
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

/// Where the schemas of forms are.
fn schemas_of_forms(document: &Value) -> BTreeSet<String> {
    let paths = document["paths"].as_object().into_iter().flat_map(Map::values);
    let operations = paths.filter_map(Value::as_object).flat_map(Map::values);
    let forms = operations.filter_map(|operation| operation["requestBody"]["content"].get(FORM));
    let references = forms.filter_map(|form| form["schema"]["$ref"].as_str());
    references.map(|reference| reference.trim_start_matches('#').to_owned()).collect()
}

/// Swagger UI fills in the fields of a form one by one, with their own examples, and where there is none with a word of its own. One that
/// is empty is not sent.
fn fill_in(schema: &mut Value) {
    let example = schema["example"].clone();
    let properties = schema["properties"].as_object_mut();
    for (name, property) in properties.into_iter().flatten() {
        if let Value::Object(property) = property {
            property.insert("example".to_owned(), example.get(name).cloned().unwrap_or_else(|| json!("")));
        }
    }
}

/// Says who is let in everywhere, beside where credentials are asked for.
fn name_demo_credentials(document: &mut Value) {
    for (scheme, who) in [
        ("bearer", "`POST /auth` with `admin` and `password` gives one that opens every call.".to_owned()),
        ("client", format!("`{DEMO_CLIENT}` and `{DEMO_CLIENT_SECRET}` are let in.")),
    ] {
        let described = document.pointer_mut(&format!("/components/securitySchemes/{scheme}/description"));
        if let Some(Value::String(description)) = described {
            *description += &format!(" In the dev profile {who}");
        }
    }
}

/// Without demo users, the demo client and the key that everybody knows, the examples must not name any.
fn replace_demo_examples(document: &mut Value) {
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
    let password = json!({ "password": "correct horse battery" });
    for (schema, other) in [
        ("TotpEnrolment", password.clone()),
        ("Proof", password),
        (
            "PasswordChange",
            json!({ "current_password": "staple battery horse", "new_password": "correct horse battery" }),
        ),
        ("RotationRequest", json!({ "force": false })),
        ("KeyImport", json!({ "pem": HOW_A_KEY_IS_MADE })),
    ] {
        if let Some(example) = document.pointer_mut(&format!("/components/schemas/{schema}/example")) {
            *example = other;
        }
    }
    let secret_id = demo_secret().map_or_else(String::new, |secret| secret.hash().id().to_string());
    let other_clients = [
        (DEMO_CLIENT, "nightly-reports"),
        (DEMO_CLIENT_SECRET, "0123456789-abcdefghijklmnopqrstuvwxyzABCDEF"),
        (&secret_id, "5f2b9c0e7a41d386"),
    ];
    replace(document, &other_clients);
}

/// Replaces every text that is one of the first of a pair by the second.
fn replace(value: &mut Value, pairs: &[(&str, &str)]) {
    match value {
        Value::String(text) => {
            if let Some((_, other)) = pairs.iter().find(|(text_of, _)| text_of == text) {
                (*other).clone_into(text);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| replace(item, pairs)),
        Value::Object(members) => members.values_mut().for_each(|member| replace(member, pairs)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
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
