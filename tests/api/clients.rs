//! Clients as the stories need them: added over HTTP, with the secret that was shown.

use serde_json::{Value, json};

use crate::test_app::TestApp;
use crate::wire::{Answer, Call};

/// Whom the tokens of the usual client are for.
pub(crate) const API: &str = "https://api.example.com";

/// A client and its secret.
#[derive(Clone)]
pub(crate) struct Machine {
    pub(crate) id: String,
    pub(crate) secret: String,
}

impl Machine {
    /// Adds the client that `body` describes.
    pub(crate) async fn of(app: &TestApp, body: &Value) -> Self {
        let answer = app.send(Call::post("/admin/clients").bearer(&app.admin().await).json(body)).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        let text = |name: &str| answer.json()[name].as_str().unwrap().to_owned();
        Self { id: text("client_id"), secret: text("client_secret") }
    }

    /// One that may have tokens of its own, for two audiences.
    pub(crate) async fn reports(app: &TestApp) -> Self {
        let audiences = [API, "https://other.example.com"];
        Self::of(app, &json!({ "client_id": "reports", "scopes": ["read", "write"], "audiences": audiences })).await
    }

    /// One that was entrusted with the sessions of users.
    pub(crate) async fn web_app(app: &TestApp) -> Self {
        Self::of(app, &json!({ "client_id": "web-app", "grant_types": ["refresh_token"] })).await
    }

    /// A call of it.
    pub(crate) fn call(&self, path: &str, form: &str) -> Call {
        Call::post(path).basic(&self.id, &self.secret).form(form)
    }

    /// What it is answered when it asks for a token.
    pub(crate) async fn ask(&self, app: &TestApp, form: &str) -> Answer {
        app.send(self.call("/oauth/token", form)).await
    }

    /// A token of its own.
    pub(crate) async fn token(&self, app: &TestApp) -> String {
        access_token(&self.ask(app, "grant_type=client_credentials").await)
    }

    /// What it is told of a token.
    pub(crate) async fn introspect(&self, app: &TestApp, token: &str) -> Value {
        let answer = app.send(self.call("/introspect", &format!("token={token}"))).await;
        assert_eq!((answer.status, answer.header("cache-control")), (200, "no-store"), "{}", answer.text());
        answer.json()
    }

    /// What it is answered when it calls a token back.
    pub(crate) async fn revoke(&self, app: &TestApp, token: &str) -> Answer {
        app.send(self.call("/revoke", &format!("token={token}"))).await
    }
}

/// The access token that was granted.
pub(crate) fn access_token(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["access_token"].as_str().unwrap().to_owned()
}

/// The status, and the code of the OAuth error.
pub(crate) fn oauth_error(answer: &Answer) -> (u16, String) {
    (answer.status, answer.json()["error"].as_str().unwrap_or_default().to_owned())
}
