//! Asking for a mail with which a password is set anew.

use std::sync::Arc;

use super::{MailRequestError, MailRequestParts, Outage};
use crate::audit::{AuditEntry, Event, Origin, Outcome};
use crate::limit::Allowance;
use crate::mail::Mail;
use crate::otp::ResetPage;
use crate::ports::{UserLookup, UserRepository};
use crate::user::{DemoUsers, Email};

/// Mails tokens to users who have lost their password.
pub struct RequestPasswordReset {
    parts: MailRequestParts,
    users: Arc<dyn UserRepository>,
    page: Option<ResetPage>,
    demo_users: DemoUsers,
}

impl RequestPasswordReset {
    /// Mails tokens by `parts` to those of `users` who ask for one, as a link to `page` where there is one.
    pub fn new(
        parts: MailRequestParts,
        users: Arc<dyn UserRepository>,
        page: Option<ResetPage>,
        demo_users: DemoUsers,
    ) -> Self {
        Self { parts, users, page, demo_users }
    }

    /// Mails a token to `email`, if a user is known by it who may log in; the one before is no good any more. For an address that
    /// nobody is known by all the same is done but the mail, so the duration tells nothing.
    ///
    /// # Errors
    /// See [`MailRequestError`].
    pub async fn run(&self, email: &Email, origin: Origin) -> Result<Allowance, MailRequestError> {
        let now = self.parts.clock.now();
        let mut entry = AuditEntry::new(now, origin, Event::PasswordResetRequested, Outcome::Success);
        entry.name = Some(email.as_str().to_owned());
        let result = self.attempt(email, &mut entry).await;
        entry.outcome = result.as_ref().map_or_else(MailRequestError::outcome, |(_, outcome)| *outcome);
        self.parts.audit.append(entry).await.map_err(Outage::from)?;
        result.map(|(allowance, _)| allowance)
    }

    async fn attempt(&self, email: &Email, entry: &mut AuditEntry) -> Result<(Allowance, Outcome), MailRequestError> {
        let allowance = self.parts.spend(email, entry).await?;
        let found = self.users.find(UserLookup::Email(email)).await.map_err(Outage::from)?;
        entry.user_id = found.as_ref().map(|user| user.id);
        let token = self.parts.codes.make_token(email, entry.at).await?;
        let outcome = match found.filter(|user| user.is_admitted(self.demo_users)) {
            Some(_) => {
                let mail = Mail::password_reset(email.clone(), &token, self.page.as_ref(), entry.at);
                self.parts.mail(mail).await
            }
            None => Outcome::NotFound,
        };
        Ok((allowance, outcome))
    }
}
