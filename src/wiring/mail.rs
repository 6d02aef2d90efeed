//! What is done by mail, over the ports.

use std::sync::Arc;

use jwksd_domain::ports::Mailer;
use jwksd_domain::usecase::{
    CheckSecondFactor, LogInWithCode, LogInWithCodeParts, MailRequestParts, OneTimeCodes, RequestPasswordReset,
    RequestSignInCode, ResetPassword, ResetPasswordParts, StartSession,
};

use super::demo_users;
use crate::compose::Ports;
use crate::config::Config;

/// Everything that is done where mails can be sent.
#[derive(Clone)]
pub struct MailUseCases {
    /// Mails what passwords are set anew with.
    pub request_password_reset: Arc<RequestPasswordReset>,
    /// Sets passwords anew.
    pub reset_password: Arc<ResetPassword>,
    /// Logins with codes, where they are offered.
    pub codes: Option<CodeUseCases>,
}

/// Logins with codes that are mailed.
#[derive(Clone)]
pub struct CodeUseCases {
    /// Mails codes.
    pub request: Arc<RequestSignInCode>,
    /// Opens sessions for who shows one.
    pub log_in: Arc<LogInWithCode>,
}

impl MailUseCases {
    /// The use cases by `config`, over `ports` and `mailer`; the second factor and the start of a session are those of every login.
    pub(super) fn new(
        config: &Config,
        ports: &Ports,
        mailer: &Arc<dyn Mailer>,
        (second_factor, start): (&Arc<CheckSecondFactor>, &Arc<StartSession>),
    ) -> Self {
        let Ports { stores, cipher, hasher, limiter, clock, entropy, .. } = ports.clone();
        let (users, sessions) = (|| Arc::clone(&stores.users), || Arc::clone(&stores.sessions));
        let (audit, at, limits) = (|| Arc::clone(&stores.audit), || Arc::clone(&clock), || Arc::clone(&limiter));
        let codes = Arc::new(OneTimeCodes::new(Arc::clone(&stores.codes), cipher, Arc::clone(&entropy)));
        let requests = || MailRequestParts {
            codes: Arc::clone(&codes),
            mailer: Arc::clone(mailer),
            limiter: limits(),
            audit: audit(),
            clock: at(),
        };
        let (page, demo_users) = (config.mail.reset_page.clone(), demo_users(config));
        Self {
            request_password_reset: Arc::new(RequestPasswordReset::new(requests(), users(), page, demo_users)),
            reset_password: Arc::new(ResetPassword::new(ResetPasswordParts {
                codes: Arc::clone(&codes),
                users: users(),
                sessions: sessions(),
                hasher,
                limiter: limits(),
                audit: audit(),
                clock: at(),
                passwords: config.passwords,
                demo_users,
            })),
            codes: config.mail.otp_login.then(|| CodeUseCases {
                request: Arc::new(RequestSignInCode::new(requests())),
                log_in: Arc::new(LogInWithCode::new(LogInWithCodeParts {
                    codes: Arc::clone(&codes),
                    second_factor: Arc::clone(second_factor),
                    start: Arc::clone(start),
                    users: users(),
                    sessions: sessions(),
                    limiter: limits(),
                    audit: audit(),
                    entropy,
                    clock: at(),
                    demo_users,
                })),
            }),
        }
    }
}
