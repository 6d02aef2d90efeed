//! Where the mails of a test's app arrive: in its outbox, or, where it has a mail server, in a mailbox of the test.

use std::sync::Arc;

use jwksd::compose::Mailing;
use jwksd::config::{Config, MailTransport};
use jwksd_domain::ports::{Clock, Entropy};
use jwksd_testkit::FakeMailer;
use serde_json::json;

use crate::test_app::{PROD, TestApp};
use crate::wire::{Answer, Call};

/// What an app in the prod profile is started with that can mail.
pub(crate) fn prod_with_mail() -> Vec<(&'static str, &'static str)> {
    let mail = [("smtp-url", "smtps://mail.example.com"), ("mail-from", "no-reply@example.com")];
    PROD.into_iter().chain(mail).collect()
}

/// What an app with this configuration mails by: nothing goes over a network.
pub(crate) fn mailing(
    config: &Config,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
) -> (Arc<FakeMailer>, Option<Mailing>) {
    let mailbox = Arc::new(FakeMailer::default());
    let mailing = config.mail.transport.as_ref().map(|transport| match transport {
        MailTransport::Smtp(..) => Mailing::over(Arc::clone(&mailbox) as _),
        MailTransport::Outbox => Mailing::through(transport, &clock, &entropy).unwrap(),
    });
    (mailbox, mailing)
}

impl TestApp {
    /// Asks for a code to log in with.
    pub(crate) async fn request_otp(&self, email: &str) -> Answer {
        self.send(Call::post("/auth/request-otp").json(&json!({ "email": email }))).await
    }

    /// Asks for a mail with which a password is set anew.
    pub(crate) async fn request_reset(&self, email: &str) -> Answer {
        self.send(Call::post("/auth/request-password-reset").json(&json!({ "email": email }))).await
    }

    /// A code that was just mailed to `email`, which the outbox shows.
    pub(crate) async fn code_for(&self, email: &str) -> String {
        assert_eq!(self.request_otp(email).await.status, 202);
        self.newest_secret(email).await
    }

    /// What the newest mail of the outbox tells `email`: the line that is set apart.
    pub(crate) async fn newest_secret(&self, email: &str) -> String {
        let outbox = self.get("/dev/outbox").await.json();
        let mail = &outbox["mails"][0];
        assert_eq!(mail["to"], email);
        let secret = mail["text"].as_str().unwrap().lines().find_map(|line| line.strip_prefix("    ")).unwrap();
        assert!(mail["html"].as_str().unwrap().contains(secret), "{mail}");
        secret.to_owned()
    }

    /// A login with a code.
    pub(crate) async fn log_in_with_code(&self, email: &str, otp: &str) -> Answer {
        self.send(Call::post("/auth/login").json(&json!({ "email": email, "otp": otp }))).await
    }
}
