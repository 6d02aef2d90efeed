//! The outbox and the queue over SMTP keep the contract of the mailer, and what the transport makes of a server's answers.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod server;

use std::sync::Arc;

use async_trait::async_trait;
use jwksd_domain::mail::Mail;
use jwksd_domain::otp::SignInCode;
use jwksd_domain::ports::Clock;
use jwksd_domain::time::Timestamp;
use jwksd_domain::user::Email;
use jwksd_smtp::{
    Letter, MailQueue, Outbox, Parcel, QueueBounds, Security, SmtpOptions, SmtpTransport, Transport, TransportError,
};
use jwksd_testkit::suites::mailer::{Arrivals, ArrivedMail, MailerUnderTest};
use jwksd_testkit::{ManualClock, SeededEntropy};
use server::SmtpServer;

jwksd_testkit::mailer_suite!(queue_over_smtp);

mod outbox {
    //! The same suite over the outbox.

    use super::{Arc, MailerUnderTest, Outbox, Shown};

    jwksd_testkit::mailer_suite!(outbox);

    async fn outbox() -> MailerUnderTest {
        let outbox = Arc::new(Outbox::default());
        MailerUnderTest { mailer: Arc::clone(&outbox) as _, arrivals: Arc::new(Shown(outbox)) }
    }
}

struct Shown(Arc<Outbox>);

#[async_trait]
impl Arrivals for Shown {
    async fn wait_for(&self, _: usize) -> Vec<ArrivedMail> {
        let mails = self.0.mails().into_iter();
        mails.map(|mail| ArrivedMail { to: mail.to, text: mail.text, html: mail.html }).collect()
    }
}

async fn queue_over_smtp() -> MailerUnderTest {
    let server = SmtpServer::start("250 taken").await;
    let clock: Arc<dyn Clock> = Arc::new(ManualClock::default());
    let transport = Arc::new(transport(&server));
    let queue = MailQueue::new(transport, QueueBounds::default(), clock, Arc::new(SeededEntropy::new(1)));
    MailerUnderTest { mailer: Arc::new(queue), arrivals: server }
}

fn transport(server: &SmtpServer) -> SmtpTransport {
    let options = SmtpOptions {
        host: "127.0.0.1".to_owned(),
        port: server.port(),
        security: Security::None,
        credentials: None,
        from: "jwksd <no-reply@example.com>".to_owned(),
    };
    SmtpTransport::new(options).unwrap()
}

fn parcel() -> Parcel {
    let (to, now) = (Email::parse("jane@example.com").unwrap(), Timestamp::from_unix_seconds(1_800_000_000));
    let mail = Mail::sign_in(to.clone(), SignInCode::parse("012345").unwrap(), now);
    Parcel { to, written_at: now, id: "00ff".to_owned(), letter: Letter::of(&mail) }
}

#[tokio::test]
async fn a_mail_says_who_it_is_from_and_that_nobody_wrote_it() {
    let server = SmtpServer::start("250 taken").await;
    transport(&server).deliver(&parcel()).await.unwrap();
    let raw = server.raw_mails().remove(0);
    for line in [
        "From: jwksd <no-reply@example.com>",
        "To: jane@example.com",
        "Message-ID: <00ff@example.com>",
        "Auto-Submitted: auto-generated",
        "Date: Fri, 15 Jan 2027 08:00:00 +0000",
    ] {
        assert!(raw.contains(&format!("{line}\r\n")), "{line} is not in: {raw}");
    }
}

#[tokio::test]
async fn what_a_server_refuses_for_good_is_told_from_what_it_refuses_now() {
    let full = SmtpServer::start("452 too much mail").await;
    assert!(matches!(transport(&full).deliver(&parcel()).await, Err(TransportError::Unavailable(_))));
    let closed = SmtpServer::start("550 no such user").await;
    assert!(matches!(transport(&closed).deliver(&parcel()).await, Err(TransportError::Refused(_))));
}

#[tokio::test]
async fn a_server_without_starttls_is_given_nothing() {
    let server = SmtpServer::start("250 taken").await;
    let options = SmtpOptions {
        host: "127.0.0.1".to_owned(),
        port: server.port(),
        security: Security::StartTls,
        credentials: None,
        from: "no-reply@example.com".to_owned(),
    };
    assert!(SmtpTransport::new(options).unwrap().deliver(&parcel()).await.is_err());
    assert!(server.raw_mails().is_empty());
}

#[test]
fn a_sender_must_be_an_address() {
    for from in ["", "nobody", "a@b c@d", "x\r\nBcc: y@example.com"] {
        let options = SmtpOptions {
            host: "127.0.0.1".to_owned(),
            port: 25,
            security: Security::None,
            credentials: None,
            from: from.to_owned(),
        };
        assert!(SmtpTransport::new(options).is_err(), "{from:?}");
    }
}
