//! What is done with sessions, over the ports.

use std::sync::Arc;

use jwksd_domain::usecase::{
    CheckPassword, CheckSecondFactor, EndSessions, IssueToken, ListSessions, LogInToSession, LogInToSessionParts,
    LogOut, LogOutParts, RefreshSession, RefreshSessionParts, SessionSecrets, StartSession, StartSessionParts,
};

use super::demo_users;
use crate::compose::Ports;
use crate::config::Config;

/// Everything that is done with sessions.
#[derive(Clone)]
pub struct SessionUseCases {
    /// Opens one for who was authenticated, however that was.
    pub start: Arc<StartSession>,
    /// Opens one for who shows a password.
    pub log_in: Arc<LogInToSession>,
    /// Keeps one going.
    pub refresh: Arc<RefreshSession>,
    /// Ends the one that a token is of.
    pub log_out: Arc<LogOut>,
    /// Lists one's own.
    pub list: Arc<ListSessions>,
    /// Ends one's own from elsewhere.
    pub end: Arc<EndSessions>,
}

impl SessionUseCases {
    /// The use cases by `config`, over `ports`; `tokens` and the two checks are those of the other logins.
    pub(super) fn new(
        config: &Config,
        ports: &Ports,
        tokens: &Arc<IssueToken>,
        (check, second_factor): (&Arc<CheckPassword>, &Arc<CheckSecondFactor>),
    ) -> Self {
        let Ports { stores, cipher, limiter, clock, entropy, .. } = ports.clone();
        let (sessions, audit) = (|| Arc::clone(&stores.sessions), || Arc::clone(&stores.audit));
        let at = || Arc::clone(&clock);
        let secrets = Arc::new(SessionSecrets::new(cipher, Arc::clone(&entropy)));
        let parts = StartSessionParts {
            sessions: sessions(),
            secrets: Arc::clone(&secrets),
            tokens: Arc::clone(tokens),
            entropy,
        };
        let start = Arc::new(StartSession::new(parts, config.sessions));
        Self {
            log_in: Arc::new(LogInToSession::new(LogInToSessionParts {
                check: Arc::clone(check),
                second_factor: Arc::clone(second_factor),
                start: Arc::clone(&start),
                users: Arc::clone(&stores.users),
                limiter,
                audit: audit(),
                clock: at(),
            })),
            start,
            refresh: Arc::new(RefreshSession::new(RefreshSessionParts {
                journal: Arc::clone(&stores.session_journal),
                sessions: sessions(),
                secrets: Arc::clone(&secrets),
                tokens: Arc::clone(tokens),
                audit: audit(),
                clock: at(),
                policy: config.sessions,
                demo_users: demo_users(config),
            })),
            log_out: Arc::new(LogOut::new(LogOutParts {
                sessions: sessions(),
                revocations: Arc::clone(&stores.revocations),
                secrets,
                audit: audit(),
                clock: at(),
            })),
            list: Arc::new(ListSessions::new(sessions(), at())),
            end: Arc::new(EndSessions::new(sessions(), audit(), at())),
        }
    }
}
