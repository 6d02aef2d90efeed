//! What can be attempted, and how it can end.

/// What was attempted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    /// A login with a password.
    Login,
    /// A token for the fixture user, which the dev profile gives to anyone.
    FixtureToken,
    /// A token of the lab, sound or wrong in one way, which the dev profile gives to anyone.
    SpecimenMinted,
    /// A refresh of a session.
    Refresh,
    /// A spent refresh token came again, which ended its session.
    TokenTheft,
    /// A logout.
    Logout,
    /// A user ended sessions from elsewhere.
    SessionsEnded,
    /// A token for a client, or the next tokens of a session for one.
    ClientToken,
    /// A token was called back.
    TokenRevoked,
    /// Somebody asked as a client whether a token is active, and was not let in.
    Introspection,
    /// A code for a login was asked for.
    OtpRequested,
    /// A login with a code that was mailed.
    OtpLogin,
    /// A user chose another password.
    PasswordChanged,
    /// A mail with which a password is set anew was asked for.
    PasswordResetRequested,
    /// A password was set anew with what a mail told.
    PasswordReset,
    /// A registration.
    Registration,
    /// A token minted on the command line.
    TokenMinted,
    /// The keys were rotated.
    KeysRotated,
    /// Expired keys were erased.
    KeysCleanedUp,
    /// A key was revoked.
    KeyRevoked,
    /// A key that was made elsewhere was taken in.
    KeyImported,
    /// Both halves of a key were given out.
    KeyExported,
    /// Private halves or other secrets were sealed anew with another encryption key.
    KeysRewrapped,
    /// A user was added, changed or disabled by an administrator.
    UserAdministered,
    /// A client was added, changed or disabled, or one of its secrets was.
    ClientAdministered,
    /// The secret of a second factor was made.
    TotpEnrolled,
    /// A second factor was shown for the first time, and is asked for from then on.
    TotpConfirmed,
    /// A second factor was removed, by its user or an administrator.
    TotpRemoved,
    /// Recovery codes were made in the place of those before.
    RecoveryCodesRenewed,
    /// A recovery code was spent, for what another entry tells of.
    RecoveryCodeUsed,
}

impl Event {
    /// Every event.
    pub const ALL: [Self; 30] = [
        Self::Login,
        Self::FixtureToken,
        Self::SpecimenMinted,
        Self::Refresh,
        Self::TokenTheft,
        Self::Logout,
        Self::SessionsEnded,
        Self::ClientToken,
        Self::TokenRevoked,
        Self::Introspection,
        Self::OtpRequested,
        Self::OtpLogin,
        Self::PasswordChanged,
        Self::PasswordResetRequested,
        Self::PasswordReset,
        Self::Registration,
        Self::TokenMinted,
        Self::KeysRotated,
        Self::KeysCleanedUp,
        Self::KeyRevoked,
        Self::KeyImported,
        Self::KeyExported,
        Self::KeysRewrapped,
        Self::UserAdministered,
        Self::ClientAdministered,
        Self::TotpEnrolled,
        Self::TotpConfirmed,
        Self::TotpRemoved,
        Self::RecoveryCodesRenewed,
        Self::RecoveryCodeUsed,
    ];

    /// The name of the event in tables, answers and metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::FixtureToken => "fixture_token",
            Self::SpecimenMinted => "specimen_minted",
            Self::Refresh => "refresh",
            Self::TokenTheft => "token_theft",
            Self::Logout => "logout",
            Self::SessionsEnded => "sessions_ended",
            Self::ClientToken => "client_token",
            Self::TokenRevoked => "token_revoked",
            Self::Introspection => "introspection",
            Self::OtpRequested => "otp_requested",
            Self::OtpLogin => "otp_login",
            Self::PasswordChanged => "password_changed",
            Self::PasswordResetRequested => "password_reset_requested",
            Self::PasswordReset => "password_reset",
            Self::Registration => "registration",
            Self::TokenMinted => "token_minted",
            Self::KeysRotated => "keys_rotated",
            Self::KeysCleanedUp => "keys_cleaned_up",
            Self::KeyRevoked => "key_revoked",
            Self::KeyImported => "key_imported",
            Self::KeyExported => "key_exported",
            Self::KeysRewrapped => "keys_rewrapped",
            Self::UserAdministered => "user_administered",
            Self::ClientAdministered => "client_administered",
            Self::TotpEnrolled => "totp_enrolled",
            Self::TotpConfirmed => "totp_confirmed",
            Self::TotpRemoved => "totp_removed",
            Self::RecoveryCodesRenewed => "recovery_codes_renewed",
            Self::RecoveryCodeUsed => "recovery_code_used",
        }
    }

    /// The event of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|event| event.as_str() == name)
    }
}

/// How an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It was done.
    Success,
    /// Name or password or code were wrong, or the user is disabled.
    BadCredentials,
    /// The password was right, and the second factor was not shown.
    SecondFactorRequired,
    /// The second factor was wrong, or used before.
    BadSecondFactor,
    /// The refresh token is none that was given out, or the token of a mail is none that is good.
    BadToken,
    /// The session is over, by age or for want of use.
    Expired,
    /// The session was ended before.
    SessionEnded,
    /// Somebody has a copy of a refresh token; its session was ended.
    Theft,
    /// There is no such session or user, or it is over.
    NotFound,
    /// Whoever asked is known, and may not have that.
    Refused,
    /// Too many attempts from the address.
    AddressLimited,
    /// Too many failures at the account.
    AccountLimited,
    /// Too many mails to the address.
    MailLimited,
    /// The name or the address is taken.
    Duplicate,
    /// It was so before; nothing was changed.
    AlreadyDone,
    /// The server had too much to do.
    Busy,
    /// Something that the server depends on was down.
    Failed,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Self; 17] = [
        Self::Success,
        Self::BadCredentials,
        Self::SecondFactorRequired,
        Self::BadSecondFactor,
        Self::BadToken,
        Self::Expired,
        Self::SessionEnded,
        Self::Theft,
        Self::NotFound,
        Self::Refused,
        Self::AddressLimited,
        Self::AccountLimited,
        Self::MailLimited,
        Self::Duplicate,
        Self::AlreadyDone,
        Self::Busy,
        Self::Failed,
    ];

    /// The name of the outcome in tables, answers and metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::BadCredentials => "bad_credentials",
            Self::SecondFactorRequired => "second_factor_required",
            Self::BadSecondFactor => "bad_second_factor",
            Self::BadToken => "bad_token",
            Self::Expired => "expired",
            Self::SessionEnded => "session_ended",
            Self::Theft => "theft",
            Self::NotFound => "not_found",
            Self::Refused => "refused",
            Self::AddressLimited => "address_limited",
            Self::AccountLimited => "account_limited",
            Self::MailLimited => "mail_limited",
            Self::Duplicate => "duplicate",
            Self::AlreadyDone => "already_done",
            Self::Busy => "busy",
            Self::Failed => "failed",
        }
    }

    /// The outcome of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.as_str() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back() {
        assert!(Event::ALL.into_iter().all(|e| Event::from_name(e.as_str()) == Some(e)));
        assert!(Outcome::ALL.into_iter().all(|o| Outcome::from_name(o.as_str()) == Some(o)));
    }
}
