//! The outbox of the dev profile: mails go to the log and into a list, and nowhere else.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use jwksd_domain::mail::Mail;
use jwksd_domain::ports::{MailError, Mailer};
use jwksd_domain::time::Timestamp;

use crate::letter::Letter;

/// How many mails are kept; older ones are forgotten.
const KEPT: usize = 50;

/// A mail as the outbox shows it.
#[derive(Clone)]
pub struct ShownMail {
    /// When it was written.
    pub at: Timestamp,
    /// Who would have received it.
    pub to: String,
    /// The subject.
    pub subject: &'static str,
    /// The plain text.
    pub text: String,
    /// The HTML.
    pub html: String,
}

/// Keeps the last mails in memory.
#[derive(Default)]
pub struct Outbox {
    mails: Mutex<VecDeque<ShownMail>>,
}

impl Outbox {
    /// The mails that are kept, newest first.
    pub fn mails(&self) -> Vec<ShownMail> {
        self.table().iter().cloned().collect()
    }

    fn table(&self) -> MutexGuard<'_, VecDeque<ShownMail>> {
        self.mails.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Mailer for Outbox {
    async fn send(&self, mail: Mail) -> Result<(), MailError> {
        let Letter { subject, text, html } = Letter::of(&mail);
        let to = mail.to.as_str().to_owned();
        tracing::info!(mail.to = to, mail.subject = subject, "a mail for the outbox of the dev profile:\n{}", *text);
        let shown = ShownMail { at: mail.written_at, to, subject, text: text.to_string(), html: html.to_string() };
        let mut mails = self.table();
        mails.push_front(shown);
        mails.truncate(KEPT);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use jwksd_domain::otp::SignInCode;
    use jwksd_domain::user::Email;

    use super::*;

    #[tokio::test]
    async fn the_last_mails_are_kept_newest_first() {
        let outbox = Outbox::default();
        for seconds in 0..60 {
            let (to, code) = (Email::parse("jane@example.com").unwrap(), SignInCode::parse("012345").unwrap());
            outbox.send(Mail::sign_in(to, code, Timestamp::from_unix_seconds(seconds))).await.unwrap();
        }
        let instants: Vec<_> = outbox.mails().iter().map(|mail| mail.at.unix_seconds()).collect();
        assert_eq!(instants, (10..60).rev().collect::<Vec<_>>());
    }
}
