//! The OpenAPI document: the committed one is the served one (I10), and it says who may call what.

use std::collections::{BTreeMap, BTreeSet};

use expect_test::expect_file;
use serde_json::{Value, json};

use crate::every_answer::OAUTH_CALLS;
use crate::test_app::{TestApp, config};
use crate::wire::Call;

/// Every operation of a document: its method, a path at which it is, and what it says.
pub(crate) fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let paths = document["paths"].as_object().unwrap().iter();
    let each = paths.flat_map(|(path, operations)| {
        let operations = operations.as_object().unwrap().iter();
        operations.map(|(method, operation)| (method.to_uppercase(), filled(path), operation.clone()))
    });
    each.collect()
}

/// A path that `template` stands for: 1 is the value of every parameter.
fn filled(template: &str) -> String {
    let segment = |text: &str| if text.starts_with('{') { "1".to_owned() } else { text.to_owned() };
    template.split('/').map(segment).collect::<Vec<_>>().join("/")
}

#[tokio::test]
async fn the_committed_document_is_the_served_one() {
    let app = TestApp::dev().await;
    let served = app.get("/openapi.json").await;
    assert_eq!(served.header("content-type"), "application/json");
    expect_file!["../../openapi/jwksd.json"].assert_eq(served.text());
}

#[tokio::test]
async fn it_does_not_depend_on_the_configuration() {
    let flags = [("issuer", "http://other.example"), ("signing-algorithm", "EdDSA"), ("listen", "127.0.0.1:9")];
    let (usual, other) = (TestApp::dev().await, TestApp::with(&flags).await);
    let served = usual.get("/openapi.json").await;
    assert_eq!(served.body, other.get("/openapi.json").await.body);
    let printed = jwksd::compose::openapi_document(&config(&[])).unwrap();
    assert_eq!(served.text(), printed, "`jwksd openapi` prints the same");
}

#[tokio::test]
async fn every_operation_asks_for_what_it_needs() {
    let document = TestApp::dev().await.get("/openapi.json").await.json();
    let (mut bearer, mut basic, mut either) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    let mut client = BTreeSet::new();
    for (method, path, operation) in operations(&document) {
        match operation["security"].to_string().as_str() {
            "null" | "[]" => {}
            r#"[{"bearer":[]}]"# => drop(bearer.insert(format!("{method} {path}"))),
            r#"[{},{"bearer":[]}]"# => drop(either.insert(format!("{method} {path}"))),
            r#"[{},{"client":[]}]"# => drop(client.insert(path)),
            r#"[{},{"basic":[]}]"# => drop(basic.insert(format!("{method} {path}"))),
            other => panic!("{method} {path}: {other}"),
        }
    }
    let administration = operations(&document).into_iter().filter(|(_, path, _)| path.starts_with("/admin/"));
    let mut expected: BTreeSet<_> = administration.map(|(method, path, _)| format!("{method} {path}")).collect();
    let own = [
        "GET /userinfo",
        "GET /auth/sessions",
        "DELETE /auth/sessions",
        "DELETE /auth/sessions/1",
        "POST /auth/password",
        "GET /auth/totp",
        "POST /auth/totp",
        "DELETE /auth/totp",
        "POST /auth/totp/confirm",
        "POST /auth/totp/recovery-codes",
    ];
    expected.extend(own.map(str::to_owned));
    assert_eq!(bearer, expected);
    assert_eq!(either, ["POST /auth/logout".to_owned()].into());
    assert_eq!(client, OAUTH_CALLS.map(str::to_owned).into());
    assert_eq!(basic, ["POST /api/v1/auth", "POST /auth"].map(str::to_owned).into());
}

#[tokio::test]
async fn operations_are_named_once_and_described() {
    let document = TestApp::dev().await.get("/openapi.json").await.json();
    let mut ids: BTreeMap<String, u32> = BTreeMap::new();
    let tags = document["tags"].as_array().unwrap();
    let known: BTreeSet<_> = tags.iter().map(|tag| tag["name"].as_str().unwrap()).collect();
    assert_eq!(known.len(), tags.len(), "each tag once");
    for (method, path, operation) in operations(&document) {
        *ids.entry(operation["operationId"].as_str().unwrap().to_owned()).or_default() += 1;
        assert!(operation["summary"].as_str().is_some_and(|text| !text.is_empty()), "{method} {path}");
        let tags = operation["tags"].as_array().unwrap();
        assert!(tags.len() == 1 && known.contains(tags[0].as_str().unwrap()), "{method} {path}");
    }
    assert!(ids.values().all(|count| *count == 1), "{ids:?}");
}

/// The example of a schema, or of the one that it refers to.
pub(crate) fn example<'a>(document: &'a Value, schema: &'a Value) -> Option<&'a Value> {
    let named = schema["$ref"].as_str().and_then(|name| document.pointer(name.trim_start_matches('#')));
    named.unwrap_or(schema).get("example")
}

/// Parameters of a query may be left out, and whoever presses "Execute" gets the whole list where they have no example. A parameter of
/// the path without one says which call tells it. That the examples work is shown in `examples.rs`.
#[tokio::test]
async fn every_body_and_every_parameter_of_a_path_has_an_example_or_says_where_to_take_it_from() {
    for app in [TestApp::dev().await, TestApp::prod().await] {
        let document = app.get("/openapi.json").await.json();
        for (method, path, operation) in operations(&document) {
            for (kind, body) in operation["requestBody"]["content"].as_object().into_iter().flatten() {
                let found = example(&document, &body["schema"]);
                assert!(found.is_some(), "{method} {path}: add #[oai(example)] to what it takes as {kind}");
            }
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            for parameter in parameters.filter(|parameter| parameter["in"] == "path") {
                let found = example(&document, &parameter["schema"]).is_some();
                let is_told = parameter["description"].as_str().is_some_and(|text| text.contains("`GET /"));
                assert!(
                    found || is_told,
                    "{method} {path}: {} needs an example, or a call that lists it",
                    parameter["name"]
                );
            }
        }
    }
}

/// `TestApp::send` compares what the stores hold before and after (I8).
#[tokio::test]
async fn every_get_answers_and_changes_nothing() {
    for app in [TestApp::dev().await, TestApp::prod().await] {
        let admin = if app.log_in("admin", "password").await.status == 200 { app.admin().await } else { String::new() };
        let document = app.get("/openapi.json").await.json();
        // The first token begins the first status list.
        app.send(Call::post("/register").json(&json!({ "username": "newcomer", "password": "correct horse battery" })))
            .await;
        app.token_of("newcomer", "correct horse battery").await;
        let reads = operations(&document).into_iter().filter(|(method, ..)| method == "GET");
        let a_key = format!("/admin/keys/{}", app.jwks().await.kids()[0]);
        for (_, path, operation) in reads {
            let path = match path.as_str() {
                "/admin/keys/1" => a_key.clone(),
                "/lab/jwks/1" => "/lab/jwks/wrong-use".to_owned(),
                _ => path,
            };
            let is_open = operation["security"].is_null() || !admin.is_empty();
            for method in ["GET", "HEAD"] {
                let answer = app.send(Call::new(method, &path).bearer(&admin)).await;
                assert_eq!(answer.status, if is_open { 200 } else { 401 }, "{method} {path}");
            }
        }
    }
}

#[tokio::test]
async fn the_pages_are_served() {
    let app = TestApp::dev().await;
    for path in ["/", "/docs"] {
        let answer = app.send(Call::get(path)).await;
        assert_eq!((answer.status, answer.header("location")), (307, "/docs/"), "{path}");
    }
    let page = app.get("/docs/").await;
    assert!(page.header("content-type").starts_with("text/html") && page.text().contains("swagger-ui"));
    assert!(page.header("content-security-policy").contains("default-src 'self'"));
    assert!(app.get("/docs/swagger-initializer.js").await.text().contains("/openapi.json"));
}

#[tokio::test]
async fn every_problem_is_documented_as_one() {
    let document = TestApp::dev().await.get("/openapi.json").await.json();
    for (method, path, operation) in operations(&document) {
        for (status, response) in operation["responses"].as_object().unwrap() {
            let is_health = path == "/health/ready" && status == "503";
            let is_oauth = OAUTH_CALLS.contains(&path.as_str()) && ["400", "401"].contains(&status.as_str());
            if status.as_str() >= "400" && !is_health && !is_oauth {
                let content = response["content"].as_object().unwrap();
                assert!(content.contains_key("application/problem+json"), "{method} {path} {status}");
            }
        }
    }
}
