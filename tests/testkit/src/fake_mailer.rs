//! A mailer whose mails a test reads.

use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use jwksd_domain::mail::{Mail, Message, ResetAdvice};
use jwksd_domain::ports::{MailError, Mailer};

use crate::suites::mailer::{Arrivals, ArrivedMail};

/// Keeps what it is given; its words are the secret and nothing else.
pub struct FakeMailer {
    room: usize,
    mails: Mutex<Vec<(String, String)>>,
}

impl FakeMailer {
    /// A mailer that takes so many mails and no more.
    pub const fn with_room(room: usize) -> Self {
        Self { room, mails: Mutex::new(Vec::new()) }
    }

    /// The secret of the last mail to that address.
    pub fn last_to(&self, address: &str) -> Option<String> {
        self.table().iter().rfind(|(to, _)| to == address).map(|(_, secret)| secret.clone())
    }

    /// How many mails it was given.
    pub fn count(&self) -> usize {
        self.table().len()
    }

    fn table(&self) -> MutexGuard<'_, Vec<(String, String)>> {
        self.mails.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for FakeMailer {
    /// A mailer that takes every mail.
    fn default() -> Self {
        Self::with_room(usize::MAX)
    }
}

#[async_trait]
impl Mailer for FakeMailer {
    async fn send(&self, mail: Mail) -> Result<(), MailError> {
        let mut mails = self.table();
        if mails.len() >= self.room {
            return Err(MailError::Full);
        }
        let secret = match mail.message {
            Message::SignInCode(code) => code.expose().to_string(),
            Message::PasswordReset(ResetAdvice::Link(secret) | ResetAdvice::Token(secret)) => secret.to_string(),
        };
        mails.push((mail.to.as_str().to_owned(), secret));
        Ok(())
    }
}

#[async_trait]
impl Arrivals for FakeMailer {
    async fn wait_for(&self, _: usize) -> Vec<ArrivedMail> {
        let mails = self.table().clone().into_iter();
        mails.map(|(to, secret)| ArrivedMail { to, text: secret.clone(), html: secret }).collect()
    }
}
