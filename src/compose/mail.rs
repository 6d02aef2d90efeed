//! What sends mails: the queue over SMTP, or the outbox of the dev profile.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use jwksd_domain::ports::{Clock, Entropy, Mailer};
use jwksd_http::{OutboxMail, ReadOutbox};
use jwksd_smtp::{Credentials, MailQueue, Outbox, QueueBounds, Security, ShownMail, SmtpOptions, SmtpTransport};

use crate::config::{MailTransport, SmtpServer, SmtpTls};

/// What sends mails.
#[derive(Clone)]
pub struct Mailing {
    /// Takes charge of them.
    pub mailer: Arc<dyn Mailer>,
    queue: Option<MailQueue>,
    outbox: Option<Arc<Outbox>>,
}

impl Mailing {
    /// Sends through `transport`.
    ///
    /// # Errors
    /// Fails where the sender is no address.
    pub fn through(
        transport: &MailTransport,
        clock: &Arc<dyn Clock>,
        entropy: &Arc<dyn Entropy>,
    ) -> anyhow::Result<Self> {
        match transport {
            MailTransport::Smtp(server, from) => {
                let transport = SmtpTransport::new(options(server, from)).context("--smtp-url and --mail-from")?;
                let (clock, entropy) = (Arc::clone(clock), Arc::clone(entropy));
                let queue = MailQueue::new(Arc::new(transport), QueueBounds::default(), clock, entropy);
                Ok(Self { mailer: Arc::new(queue.clone()), queue: Some(queue), outbox: None })
            }
            MailTransport::Outbox => {
                let outbox = Arc::new(Outbox::default());
                Ok(Self { mailer: Arc::clone(&outbox) as _, queue: None, outbox: Some(outbox) })
            }
        }
    }

    /// Sends by `mailer`, which tests choose themselves.
    pub fn over(mailer: Arc<dyn Mailer>) -> Self {
        Self { mailer, queue: None, outbox: None }
    }

    /// What reads the outbox, where there is one.
    pub fn read_outbox(&self) -> Option<ReadOutbox> {
        let outbox = Arc::clone(self.outbox.as_ref()?);
        Some(Arc::new(move || outbox.mails().into_iter().map(shown).collect()))
    }

    /// Delivers what waits, `within` at most, and takes no more; answers how many mails are lost.
    pub async fn close(&self, within: Duration) -> u32 {
        match &self.queue {
            Some(queue) => queue.drain(within).await,
            None => 0,
        }
    }
}

fn options(server: &SmtpServer, from: &str) -> SmtpOptions {
    let security = match server.tls {
        SmtpTls::FromTheStart => Security::Tls,
        SmtpTls::StartTls => Security::StartTls,
        SmtpTls::None => Security::None,
    };
    let credentials = server.credentials.clone().map(|(user, password)| Credentials { user, password });
    SmtpOptions { host: server.host.clone(), port: server.port, security, credentials, from: from.to_owned() }
}

fn shown(mail: ShownMail) -> OutboxMail {
    let ShownMail { at, to, subject, text, html } = mail;
    OutboxMail { at: at.to_string(), to, subject: subject.to_owned(), text, html }
}
