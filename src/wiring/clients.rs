//! What is done for clients, over the ports.

use std::sync::Arc;

use jwksd_domain::usecase::{
    AddClient, AddClientParts, AuthenticateClient, AuthenticateToken, ChangeClient, ChangeClientParts, Changes,
    FindSession, GrantToken, GrantTokenParts, IntrospectToken, IntrospectTokenParts, IssueToken, Keyring, ListClients,
    RefreshSession, RevokeToken, RevokeTokenParts, SessionSecrets,
};

use super::demo_users;
use crate::compose::Ports;
use crate::config::Config;

/// Everything that is done with clients, and for them.
#[derive(Clone)]
pub struct ClientUseCases {
    /// Lists them.
    pub list: Arc<ListClients>,
    /// Adds one.
    pub add: Arc<AddClient>,
    /// Changes one.
    pub change: Arc<ChangeClient>,
    /// Grants one a token.
    pub grant: Arc<GrantToken>,
    /// Tells one whether a token is active.
    pub introspect: Arc<IntrospectToken>,
    /// Calls a token back for one.
    pub revoke: Arc<RevokeToken>,
}

/// What others do too.
pub(super) struct Shared {
    /// Issues tokens.
    pub(super) issue: Arc<IssueToken>,
    /// Knows whom tokens are of.
    pub(super) authenticate: Arc<AuthenticateToken>,
    /// The keys.
    pub(super) keyring: Arc<Keyring>,
    /// What this process changes.
    pub(super) changes: Arc<Changes>,
    /// Keeps sessions going.
    pub(super) refresh: Arc<RefreshSession>,
}

impl ClientUseCases {
    /// The use cases by `config`, over `ports` and what is `shared`.
    pub(super) fn new(config: &Config, ports: &Ports, shared: Shared) -> Self {
        let Ports { stores, cipher, limiter, clock, entropy, .. } = ports.clone();
        let (clients, audit) = (|| Arc::clone(&stores.clients), || Arc::clone(&stores.audit));
        let (users, at) = (|| Arc::clone(&stores.users), || Arc::clone(&clock));
        let authenticate = Arc::new(AuthenticateClient::new(clients(), limiter, demo_users(config)));
        let secrets = Arc::new(SessionSecrets::new(cipher, entropy));
        let find_session = Arc::new(FindSession::new(Arc::clone(&stores.sessions), secrets));
        Self {
            list: Arc::new(ListClients::new(clients())),
            add: adding(config, ports),
            change: changing(ports),
            grant: Arc::new(GrantToken::new(GrantTokenParts {
                authenticate: Arc::clone(&authenticate),
                tokens: shared.issue,
                refresh: shared.refresh,
                audit: audit(),
                clock: at(),
            })),
            introspect: Arc::new(IntrospectToken::new(IntrospectTokenParts {
                authenticate: Arc::clone(&authenticate),
                tokens: Arc::clone(&shared.authenticate),
                sessions: Arc::clone(&find_session),
                users: users(),
                audit: audit(),
                clock: at(),
                keyring: shared.keyring,
                changes: shared.changes,
                policy: config.sessions,
                demo_users: demo_users(config),
            })),
            revoke: Arc::new(RevokeToken::new(RevokeTokenParts {
                authenticate,
                tokens: shared.authenticate,
                find_session,
                sessions: Arc::clone(&stores.sessions),
                revocations: Arc::clone(&stores.revocations),
                audit: audit(),
                clock: at(),
            })),
        }
    }
}

fn adding(config: &Config, ports: &Ports) -> Arc<AddClient> {
    let parts = AddClientParts {
        clients: Arc::clone(&ports.stores.clients),
        audit: Arc::clone(&ports.stores.audit),
        entropy: Arc::clone(&ports.entropy),
        clock: Arc::clone(&ports.clock),
    };
    Arc::new(AddClient::new(parts, config.token_policy().audience))
}

fn changing(ports: &Ports) -> Arc<ChangeClient> {
    Arc::new(ChangeClient::new(ChangeClientParts {
        clients: Arc::clone(&ports.stores.clients),
        audit: Arc::clone(&ports.stores.audit),
        entropy: Arc::clone(&ports.entropy),
        clock: Arc::clone(&ports.clock),
    }))
}
