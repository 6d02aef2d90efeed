//! What happens when somebody opens `/docs` in the dev profile, presses "Try it out" and "Execute", and changes nothing: every
//! operation succeeds. A few need what only this installation knows; here it is fetched from where the document says.

use serde_json::{Value, json};

use crate::document::example;
use crate::second_factor::{Authenticator, of_user};
use crate::test_app::{Signatures, TestApp};
use crate::wire::{Answer, Call};

/// What does not work as it stands, and why not.
const NEEDS: [(&str, &str); 12] = [
    ("getKey", "a kid is made of the key: GET /admin/keys lists it"),
    ("revokeKey", "a kid is made of the key: GET /admin/keys lists it"),
    ("endSession", "the id of a session is random: GET /auth/sessions lists it"),
    ("refreshSession", "a refresh token is good once: POST /auth/login gives it"),
    ("resetPassword", "the token is good once: GET /dev/outbox has the mail that tells it"),
    ("confirmTotp", "the code is of this half minute: the authenticator app shows it"),
    ("renewRecoveryCodes", "there is no second factor yet: POST /auth/totp and its confirmation add one"),
    ("removeTotp", "there is no second factor yet: POST /auth/totp and its confirmation add one"),
    ("resetTotp", "there is no second factor yet: its user adds one"),
    ("retireClientSecret", "the only secret of a client stays: POST /admin/clients/{client_id}/secrets adds another"),
    ("getStatusList", "the first token begins the first list: any login"),
    ("importKey", "the key is of the type that RS256 asks for, and the others are tried with a faster one"),
];

/// One operation of the document with what Swagger UI fills in.
struct Operation {
    method: String,
    template: String,
    described: Value,
}

/// What a person types over what is filled in.
#[derive(Default)]
struct Typed {
    /// The parameters of the path, by name.
    path: Vec<(&'static str, String)>,
    /// Members of the body.
    body: Vec<(&'static str, String)>,
    /// What is given to "Authorize"; a token of the administrator where nothing is.
    bearer: Option<String>,
}

impl Operation {
    fn all(document: &Value) -> Vec<Self> {
        let paths = document["paths"].as_object().unwrap().iter();
        let each = paths.flat_map(|(path, operations)| {
            operations.as_object().unwrap().iter().map(|(method, described)| Self {
                method: method.to_uppercase(),
                template: path.clone(),
                described: described.clone(),
            })
        });
        each.collect()
    }

    fn id(&self) -> &str {
        self.described["operationId"].as_str().unwrap()
    }

    fn asks_for_bearer(&self) -> bool {
        self.described["security"].to_string().contains("bearer")
    }

    /// The requests that "Execute" sends, one for each type of the body; `None` where Swagger UI asks for a parameter first.
    fn calls(&self, document: &Value, typed: &Typed) -> Option<Vec<Call>> {
        let mut path = self.template.clone();
        for parameter in self.described["parameters"].as_array().into_iter().flatten() {
            let name = parameter["name"].as_str().unwrap();
            let by_hand = typed.path.iter().find(|(typed, _)| *typed == name).map(|(_, value)| json!(value));
            match (by_hand.or_else(|| example(document, &parameter["schema"]).cloned()), parameter["in"].as_str()) {
                (Some(value), Some("path")) => path = path.replace(&format!("{{{name}}}"), &plain(&value)),
                (None, Some("path")) => return None,
                (Some(_), _) => panic!("{path}: the example of {name} is to be sent too"),
                (None, _) => {}
            }
        }
        let call = || Call::new(&self.method, &path);
        let bodies = self.described["requestBody"]["content"].as_object().into_iter().flatten();
        let calls = bodies.map(|(kind, body)| {
            if kind != "application/json" {
                return call().form(&form(document, &body["schema"]));
            }
            let mut value = example(document, &body["schema"]).unwrap().clone();
            typed.body.iter().for_each(|(name, text)| value[*name] = json!(text));
            call().json(&value)
        });
        let calls: Vec<_> = calls.collect();
        Some(if calls.is_empty() { vec![call()] } else { calls })
    }

    /// Presses it, each type of the body at an app of its own that `prepared` has made ready.
    async fn press(&self, prepared: impl AsyncFn() -> (TestApp, Typed)) -> Vec<Answer> {
        let (mut answers, mut kinds) = (Vec::new(), 1);
        while answers.len() < kinds {
            let (app, typed) = prepared().await;
            let document = app.get("/openapi.json").await.json();
            let Some(mut calls) = self.calls(&document, &typed) else { return Vec::new() };
            kinds = calls.len();
            let call = calls.remove(answers.len());
            let call = match typed.bearer {
                Some(token) => call.bearer(&token),
                None if self.asks_for_bearer() => call.bearer(&admin_session(&app).await),
                None => call,
            };
            answers.push(app.send(call).await);
        }
        answers
    }

    fn succeeded(&self, answers: &[Answer]) -> bool {
        let is_documented = |status: u16| !self.described["responses"][status.to_string()].is_null();
        !answers.is_empty() && answers.iter().all(|answer| answer.status < 400 && is_documented(answer.status))
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A form as Swagger UI fills it in: each field with its own example, and where there is none with a word of its own. What is empty
/// is not sent.
fn form(document: &Value, schema: &Value) -> String {
    let schema = document.pointer(schema["$ref"].as_str().unwrap().trim_start_matches('#')).unwrap();
    let fields = schema["properties"].as_object().unwrap().iter();
    let filled = fields.map(|(name, field)| (name, field.get("example").map_or_else(|| "string".to_owned(), plain)));
    let sent = filled.filter(|(_, text)| !text.is_empty());
    sent.map(|(name, text)| format!("{name}={}", text.replace(' ', "+"))).collect::<Vec<_>>().join("&")
}

/// The access token that the administrator types into "Authorize".
async fn admin_session(app: &TestApp) -> String {
    app.open_session("admin", "password").await.access
}

/// The app and what is typed, where an operation needs something.
async fn prepared(id: &str) -> (TestApp, Typed) {
    let app = match id {
        "importKey" => TestApp::signing(Signatures::Real, &[("signing-algorithm", "RS256")]).await,
        _ => TestApp::dev().await,
    };
    let mut typed = Typed::default();
    match id {
        "getKey" | "revokeKey" => {
            let keys = app.read_as_admin("/admin/keys").await;
            let key = keys["keys"].as_array().unwrap().iter().find(|key| key["purpose"] == "signing").unwrap().clone();
            typed.path.push(("kid", plain(&key["kid"])));
        }
        "endSession" => {
            let token = admin_session(&app).await;
            let sessions = app.send(Call::get("/auth/sessions").bearer(&token)).await.json();
            typed.path.push(("sid", plain(&sessions["sessions"][0]["sid"])));
        }
        "refreshSession" => typed.body.push(("refresh_token", app.open_session("admin", "password").await.refresh)),
        "resetPassword" => typed.body.push(("token", reset_token(&app).await)),
        "confirmTotp" => {
            let token = admin_session(&app).await;
            let enrolment = Call::post("/auth/totp").bearer(&token).json(&json!({ "password": "password" }));
            let secret = plain(&app.send(enrolment).await.json()["secret"]);
            typed.body.push(("code", Authenticator::of_secret(&secret).code(&app)));
        }
        "renewRecoveryCodes" | "removeTotp" => typed.bearer = Some(of_user(&app, "admin", "password").await.2),
        "resetTotp" => drop(of_user(&app, "Jane", "pass123").await),
        "retireClientSecret" => {
            let call = Call::post("/admin/clients/demo-client/secrets").bearer(&app.admin().await);
            assert_eq!(app.send(call).await.status, 201);
        }
        "getStatusList" => drop(app.admin().await),
        _ => {}
    }
    (app, typed)
}

/// What the mail tells after `POST /register` and `POST /auth/request-password-reset` as they stand.
async fn reset_token(app: &TestApp) -> String {
    let document = app.get("/openapi.json").await.json();
    for path in ["/register", "/auth/request-password-reset"] {
        let operation = Operation::all(&document).into_iter().find(|operation| operation.template == path).unwrap();
        let call = operation.calls(&document, &Typed::default()).unwrap().remove(0);
        assert!(app.send(call).await.status < 300, "{path}");
    }
    app.newest_secret("jane.doe@example.com").await
}

#[tokio::test]
async fn every_operation_works_as_it_stands_or_is_known_to_need_something() {
    let document = TestApp::dev().await.get("/openapi.json").await.json();
    for operation in Operation::all(&document) {
        let id = operation.id();
        let answers = operation.press(async || (TestApp::dev().await, Typed::default())).await;
        let told: Vec<_> = answers.iter().map(|answer| (answer.status, answer.text())).collect();
        let is_listed = NEEDS.iter().any(|(known, _)| *known == id);
        let hint = "give it an example that works, or say in NEEDS what it needs";
        assert_eq!(operation.succeeded(&answers), !is_listed, "{id}: {told:?}: {hint}");
    }
}

#[tokio::test]
async fn what_needs_something_works_with_it() {
    let document = TestApp::dev().await.get("/openapi.json").await.json();
    let operations = Operation::all(&document);
    for (id, why) in NEEDS {
        let operation = operations.iter().find(|operation| operation.id() == id).unwrap();
        let answers = operation.press(async || prepared(id).await).await;
        let told: Vec<_> = answers.iter().map(|answer| (answer.status, answer.text())).collect();
        assert!(operation.succeeded(&answers), "{id}: {why}: {told:?}");
    }
}
