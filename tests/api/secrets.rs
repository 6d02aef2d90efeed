//! What must stay secret is in no log line and in no answer but the one that is made for it (I9).

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64ct::{Base64, Encoding};
use jwksd::compose::Stores;
use jwksd_domain::ports::Purpose;
use serde_json::json;
use std::sync::atomic::Ordering;
use tracing_subscriber::fmt::MakeWriter;

use crate::clients::Machine;
use crate::mailbox::prod_with_mail;
use crate::second_factor::{Authenticator, recovery_codes};
use crate::test_app::{Around, ENCRYPTION_KEY, Signatures, TestApp, config};
use crate::wire::Call;

const PASSWORD: &str = "planted-Secret-7431";
const WRONG_PASSWORD: &str = "planted-Wrong-9152";

/// Everything that was logged.
#[derive(Clone, Default)]
struct Captured(Arc<Mutex<Vec<u8>>>);

impl Captured {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl io::Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Captured {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// Every kind of request that has to do with a secret; answers the bodies that must hold none, and the secrets that others were shown.
async fn use_everything(app: &TestApp) -> (Vec<String>, [String; 7]) {
    let credentials = |password: &str| json!({ "username": "planted", "password": password });
    let registered = app.send(Call::post("/register").json(&credentials(PASSWORD))).await;
    assert_eq!(registered.status, 201);
    let token = app.log_in("planted", PASSWORD).await.token();
    let admin = app.admin().await;
    let (spent, other) = (app.open_session("planted", PASSWORD).await, app.open_session("planted", PASSWORD).await);
    let next = app.refresh(&spent.refresh).await.tokens();
    let (factor, recovery) = second_factor(app, &token).await;
    let with = |token: &str| json!({ "refresh_token": token });
    let machine = Machine::reports(app).await;
    let own = machine.token(app).await;
    let mut calls = vec![
        Call::post("/register").json(&credentials(PASSWORD)),
        Call::post("/register").json(&json!({ "username": PASSWORD, "email": PASSWORD, "password": WRONG_PASSWORD })),
        Call::post("/auth").json(&credentials(WRONG_PASSWORD)),
        Call::post("/auth").json(&json!({ "username": "planted", "password": { PASSWORD: WRONG_PASSWORD } })),
        Call::post("/auth").body(format!("{{\"username\":\"planted\",\"password\":\"{PASSWORD}")),
        Call::post("/auth").form(&format!("username=planted&password={WRONG_PASSWORD}")),
        Call::post("/auth").basic("planted", WRONG_PASSWORD),
        Call::post("/auth").header("authorization", &format!("Basic {PASSWORD}")),
        Call::get("/userinfo").bearer(&token),
        Call::get("/userinfo").bearer(&format!("{token}x")),
        Call::get("/admin/keys").bearer(&token),
        Call::post("/auth/login").json(&credentials(WRONG_PASSWORD)),
        Call::post("/auth/refresh").json(&with(&format!("{}x", next.refresh))),
        Call::post("/auth/refresh").body(format!("{{\"refresh_token\":\"{}", next.refresh)),
        Call::get("/auth/sessions").bearer(&next.access),
        Call::post("/auth/logout").json(&with(&spent.refresh)),
        Call::get("/auth/totp").bearer(&token),
        Call::post("/auth").json(&json!({ "username": "planted", "password": PASSWORD, "recovery_code": recovery })),
        Call::post("/auth").json(&json!({ "username": "planted", "password": PASSWORD, "totp": factor })),
        Call::new("DELETE", "/auth/totp").bearer(&token).json(&json!({ "recovery_code": recovery })),
        Call::post("/auth/refresh").json(&with(&next.refresh)),
    ];
    calls.extend(calls_of(&machine, &own, &next.refresh));
    let paths = [
        "/admin/keys",
        "/admin/users",
        "/admin/clients",
        "/admin/auth-logs",
        "/metrics",
        "/jwks.json",
        "/openapi.json",
    ];
    calls.extend(paths.map(|path| Call::get(path).bearer(&admin)));
    calls.push(Call::post("/admin/keys/rotate").bearer(&admin));
    let mut bodies = Vec::new();
    for call in calls {
        bodies.push(app.send(call).await.text().to_owned());
    }
    app.stores.broken.store(true, Ordering::SeqCst);
    let call = Call::post("/auth").json(&credentials(PASSWORD));
    bodies.push(app.send_while_down(call).await.text().to_owned());
    bodies.push(app.send_while_down(Call::get("/userinfo").bearer(&token)).await.text().to_owned());
    bodies.push(app.send_while_down(Call::post("/auth/refresh").json(&with(&other.refresh))).await.text().to_owned());
    let signature_of = |token: &str| token.rsplit('.').next().unwrap().to_owned();
    let (one, two) = (signature_of(&token), signature_of(&own));
    (bodies, [one, two, machine.secret, next.refresh.clone(), other.refresh.clone(), factor, recovery])
}

/// The secret of a second factor that was confirmed, and a recovery code.
async fn second_factor(app: &TestApp, token: &str) -> (String, String) {
    let enrolled = app.send(Call::post("/auth/totp").bearer(token).json(&json!({ "password": PASSWORD }))).await;
    let secret = enrolled.json()["secret"].as_str().unwrap().to_owned();
    let code = Authenticator::of_secret(&secret).code(app);
    // So that the attempts that follow are not refused before anybody looks at them.
    app.wait(Duration::from_secs(10));
    let confirmed = app.send(Call::post("/auth/totp/confirm").bearer(token).json(&json!({ "code": code }))).await;
    (secret, recovery_codes(&confirmed).remove(0))
}

/// What a client does with its secret, with its token `own` and with the refresh token `entrusted`.
fn calls_of(machine: &Machine, own: &str, entrusted: &str) -> Vec<Call> {
    vec![
        machine.call("/oauth/token", &format!("client_secret={}", machine.secret)),
        machine.call("/oauth/token", &format!("grant_type=client_credentials&scope={}", machine.secret)),
        machine.call("/oauth/token", &format!("grant_type=refresh_token&refresh_token={}", entrusted)),
        machine.call("/introspect", &format!("token={own}")),
        machine.call("/introspect", &format!("token={}", entrusted)),
        machine.call("/revoke", &format!("token={}", entrusted)),
        machine.call("/revoke", &format!("token={own}")),
        Call::post("/introspect").basic(&machine.id, PASSWORD).form(&format!("token={own}")),
        Call::post("/introspect").header("authorization", &format!("Basic {}", machine.secret)).form("token=x"),
        Call::get("/userinfo").bearer(own),
    ]
}

/// Also that of the JWKS, which is answered without a span. Told here, since only one test can capture what a process logs.
async fn every_line_has_its_request_id(app: &TestApp, captured: &Captured) {
    for path in ["/.well-known/jwks.json", "/auth/jwks", "/jwks.json", "/health/live", "/nothing"] {
        let id = format!("line-of{}", path.replace('/', "-"));
        app.send(Call::get(path).header("x-request-id", &id)).await;
        let logged = captured.text();
        let line = logged.lines().find(|line| line.contains(&id) && line.contains("request answered"));
        assert!(line.is_some_and(|line| line.contains("request.id=")), "{path}: no line with {id}");
    }
}

/// What a mail tells is in the mail and nowhere else. Told here for the same reason. A code is left out: six digits occur in a log
/// by chance.
async fn what_is_mailed_stays_in_the_mail(captured: &Captured) {
    let app = TestApp::with(&prod_with_mail()).await;
    let (address, password) = ("planted@example.com", "planted-Reset-5507");
    let account = json!({ "username": "planted", "email": address, "password": PASSWORD });
    assert_eq!(app.send(Call::post("/register").json(&account)).await.status, 201);
    assert_eq!(app.request_reset(address).await.status, 202);
    let token = app.mailbox.last_to(address).unwrap();
    let reset =
        |password: &str| Call::post("/auth/reset-password").json(&json!({ "token": token, "new_password": password }));
    let broken =
        Call::post("/auth/reset-password").body(format!("{{\"token\":\"{token}\",\"new_password\":\"{password}"));
    let mut bodies = Vec::new();
    for call in [reset("short"), broken, reset(password), reset(password)] {
        bodies.push(app.send(call).await.text().to_owned());
    }
    assert_eq!(app.log_in("planted", password).await.status, 200);
    bodies.push(captured.text());
    for secret in [token.as_str(), &token[22..], password] {
        assert!(bodies.iter().all(|text| !text.contains(secret)), "{secret} is in a log or an answer");
    }
}

#[tokio::test]
async fn planted_secrets_are_nowhere_to_be_found() {
    let captured = Captured::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(captured.clone())
        .finish();
    // For the whole process: what the other tests log meanwhile must not hold the secrets either.
    tracing::subscriber::set_global_default(subscriber).unwrap();
    let app = TestApp::signing(Signatures::Real, &[("encryption-key", ENCRYPTION_KEY)]).await;
    every_line_has_its_request_id(&app, &captured).await;
    what_is_mailed_stays_in_the_mail(&captured).await;
    let (bodies, shown) = use_everything(&app).await;
    let logged = captured.text();
    assert!(logged.contains("request answered"), "the log was captured: {logged}");
    assert!(logged.contains("disk I/O error"), "the cause of an outage is logged");
    let raw_key = String::from_utf8(Base64::decode_vec(ENCRYPTION_KEY).unwrap()).unwrap();
    // The one private key that an answer may have: it is in the document for everybody to read, and signs in the dev profile only.
    let example = include_str!("../../adapters/http/src/example_key.pem").replace('\n', "\\n");
    let shows_example = bodies.iter().filter(|body| body.contains(&example)).count();
    assert_eq!(shows_example, 1, "the document has it");
    let bodies: Vec<_> = bodies.iter().map(|body| body.replace(&example, "")).collect();
    let fixed = [PASSWORD, WRONG_PASSWORD, ENCRYPTION_KEY, &raw_key, "$plain$", "PRIVATE KEY"];
    for secret in fixed.into_iter().chain(shown.iter().map(String::as_str)) {
        assert!(!logged.contains(secret), "{secret} is in the log:\n{logged}");
        for body in &bodies {
            assert!(!body.contains(secret), "{secret} is in an answer: {body}");
        }
    }
}

/// Whoever seals something new gives `jwksd keys rewrap` the way to it: see "Seal another kind of secret" in CONTRIBUTING.md.
#[tokio::test]
async fn everything_that_is_sealed_is_sealed_anew_with_the_keys() {
    for url in ["memory:", "sqlite::memory:"] {
        let flags = [&[("database-url", url)][..], &prod_with_mail()].concat();
        let stores = Stores::open(&config(&flags)).await.unwrap();
        let around = Around { stores: stores.clone(), clock: Arc::default(), seed: 7 };
        let app = TestApp::among(around, Signatures::Fake, &flags).await.unwrap();
        let account = json!({ "username": "planted", "email": "planted@example.com", "password": PASSWORD });
        assert_eq!(app.send(Call::post("/register").json(&account)).await.status, 201);
        let token = app.open_session("planted", PASSWORD).await.access;
        second_factor(&app, &token).await;
        assert_eq!(app.request_reset("planted@example.com").await.status, 202);
        // The private halves are in the ring.
        let (mut covered, mut after) = (vec![Purpose::SigningKey], None);
        while let Some(next) = stores.sealed_secrets.page(after, 1).await.unwrap().pop() {
            covered.push(next.context.purpose());
            after = Some(next.context);
        }
        covered.dedup();
        assert_eq!(covered, Purpose::ALL, "{url}: SealedSecrets shows a purpose that is in use");
    }
}
