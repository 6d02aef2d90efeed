//! Mails: what is to be told to whom. The words are found by whoever sends them.

use std::time::Duration;

use zeroize::Zeroizing;

use crate::otp::{OtpPurpose, ResetPage, ResetToken, SignInCode};
use crate::time::Timestamp;
use crate::user::Email;

/// What a mail tells. Has no `Debug`: each of them is a secret.
pub enum Message {
    /// The code for a login.
    SignInCode(SignInCode),
    /// How to set a password anew.
    PasswordReset(ResetAdvice),
}

/// How to set a password anew. Has no `Debug`: both are a secret.
pub enum ResetAdvice {
    /// At this link.
    Link(Zeroizing<String>),
    /// With this token, where no page is configured that people could be sent to.
    Token(Zeroizing<String>),
}

/// A mail. Has no `Debug`: it tells a secret.
pub struct Mail {
    /// Who is told.
    pub to: Email,
    /// What.
    pub message: Message,
    /// When it was written.
    pub written_at: Timestamp,
    /// From when on what it tells is over, so that it need not arrive any more.
    pub expires_at: Timestamp,
}

impl Mail {
    /// Tells `to` the code for a login.
    pub fn sign_in(to: Email, code: SignInCode, written_at: Timestamp) -> Self {
        let expires_at = written_at.plus(OtpPurpose::SignIn.life());
        Self { to, message: Message::SignInCode(code), written_at, expires_at }
    }

    /// Tells `to` how to set the password anew, on `page` where there is one.
    pub fn password_reset(to: Email, token: &ResetToken, page: Option<&ResetPage>, written_at: Timestamp) -> Self {
        let advice = match page {
            Some(page) => ResetAdvice::Link(page.link(token)),
            None => ResetAdvice::Token(token.expose()),
        };
        let expires_at = written_at.plus(OtpPurpose::PasswordReset.life());
        Self { to, message: Message::PasswordReset(advice), written_at, expires_at }
    }

    /// How long what it tells is good from when it was written.
    pub fn life(&self) -> Duration {
        self.expires_at.since(self.written_at)
    }
}
