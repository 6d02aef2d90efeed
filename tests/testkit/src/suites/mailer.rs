//! What every `Mailer` promises of the mails that it takes.

use std::sync::Arc;

use async_trait::async_trait;
use jwksd_domain::mail::Mail;
use jwksd_domain::otp::{OtpId, ResetPage, ResetToken, SignInCode};
use jwksd_domain::ports::Mailer;
use jwksd_domain::time::Timestamp;
use jwksd_domain::user::Email;

/// A mail as its receiver finds it.
pub struct ArrivedMail {
    /// Whom it went to.
    pub to: String,
    /// The plain text.
    pub text: String,
    /// The HTML.
    pub html: String,
}

/// Where mails arrive.
#[async_trait]
pub trait Arrivals: Send + Sync {
    /// Waits until so many have arrived, and answers them in any order.
    async fn wait_for(&self, count: usize) -> Vec<ArrivedMail>;
}

/// A mailer, and where its mails arrive.
pub struct MailerUnderTest {
    /// The mailer.
    pub mailer: Arc<dyn Mailer>,
    /// Where its mails arrive.
    pub arrivals: Arc<dyn Arrivals>,
}

/// Expands to the suite; `$make` is an async function that makes a
/// [`MailerUnderTest`](crate::suites::mailer::MailerUnderTest) that has sent nothing.
#[macro_export]
macro_rules! mailer_suite {
    ($make:ident) => {
        $crate::expand_cases!(
            mailer,
            $make,
            [tells_a_code_in_both_parts, tells_a_link_in_both_parts, tells_a_token_in_both_parts, tells_each_their_own]
        );
    };
}

/// The six digits of a login.
pub async fn tells_a_code_in_both_parts(subject: &MailerUnderTest) {
    subject.mailer.send(sign_in("jane@example.com", "012345")).await.unwrap();
    assert_told(&arrived(subject).await, "012345");
}

/// The link on which a password is set anew.
pub async fn tells_a_link_in_both_parts(subject: &MailerUnderTest) {
    let page = ResetPage::parse("https://app.example.com/reset/{token}").unwrap();
    subject.mailer.send(reset(Some(&page))).await.unwrap();
    let link = format!("https://app.example.com/reset/{}", &*token().expose());
    assert_told(&arrived(subject).await, &link);
}

/// The token alone, where there is no page.
pub async fn tells_a_token_in_both_parts(subject: &MailerUnderTest) {
    subject.mailer.send(reset(None)).await.unwrap();
    let mail = arrived(subject).await;
    assert_told(&mail, &token().expose());
    assert!(!mail.text.contains("://"), "{}", mail.text);
}

/// Nobody is told another's code.
pub async fn tells_each_their_own(subject: &MailerUnderTest) {
    let codes = [("jane@example.com", "000001"), ("o'neil+x@example.com", "000002"), ("jane@example.org", "000003")];
    for (to, code) in codes {
        subject.mailer.send(sign_in(to, code)).await.unwrap();
    }
    let arrived = subject.arrivals.wait_for(3).await;
    assert_eq!(arrived.len(), 3);
    for (to, code) in codes {
        let mail = arrived.iter().find(|mail| mail.to == to).unwrap();
        assert_told(mail, code);
    }
}

async fn arrived(subject: &MailerUnderTest) -> ArrivedMail {
    let mut mails = subject.arrivals.wait_for(1).await;
    assert_eq!(mails.len(), 1);
    mails.remove(0)
}

fn assert_told(mail: &ArrivedMail, secret: &str) {
    assert!(mail.text.contains(secret), "{secret} is not in the text: {}", mail.text);
    assert!(mail.html.contains(secret), "{secret} is not in the HTML: {}", mail.html);
}

fn sign_in(to: &str, code: &str) -> Mail {
    Mail::sign_in(Email::parse(to).unwrap(), SignInCode::parse(code).unwrap(), now())
}

fn reset(page: Option<&ResetPage>) -> Mail {
    Mail::password_reset(Email::parse("jane@example.com").unwrap(), &token(), page, now())
}

fn token() -> ResetToken {
    ResetToken::new(OtpId::new([7; 16]), [9; 32])
}

/// When the fakes' clocks begin.
fn now() -> Timestamp {
    Timestamp::from_unix_seconds(1_800_000_000)
}
