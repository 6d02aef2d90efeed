//! Tokens over the ports: issuing them, knowing them, and telling which were called back.

use std::sync::Arc;

use jwksd_domain::usecase::{
    AuthenticateToken, AuthenticateTokenParts, IssueToken, IssueTokenParts, Keyring, PublishStatusList, RotateKeys,
    StatusEntries,
};

use super::demo_users;
use crate::compose::Ports;
use crate::config::Config;

/// What issues every token.
pub(super) fn issuing(
    config: &Config,
    ports: &Ports,
    keyring: &Arc<Keyring>,
    rotate_keys: &Arc<RotateKeys>,
) -> Arc<IssueToken> {
    let lists = Arc::clone(&ports.stores.status_lists);
    let parts = IssueTokenParts {
        keyring: Arc::clone(keyring),
        rotate: Arc::clone(rotate_keys),
        signer: Arc::clone(&ports.signer),
        entries: Arc::new(StatusEntries::new(lists, Arc::clone(&ports.entropy))),
        entropy: Arc::clone(&ports.entropy),
        clock: Arc::clone(&ports.clock),
    };
    Arc::new(IssueToken::new(parts, config.token_policy()))
}

/// What knows tokens.
pub(super) fn authentication(config: &Config, ports: &Ports, keyring: &Arc<Keyring>) -> Arc<AuthenticateToken> {
    let parts = AuthenticateTokenParts {
        keyring: Arc::clone(keyring),
        verifier: Arc::clone(&ports.verifier),
        users: Arc::clone(&ports.stores.users),
        sessions: Arc::clone(&ports.stores.sessions),
        clients: Arc::clone(&ports.stores.clients),
        revocations: Arc::clone(&ports.stores.revocations),
        clock: Arc::clone(&ports.clock),
    };
    Arc::new(AuthenticateToken::new(parts, config.token_policy(), demo_users(config)))
}

/// What tells which of them were called back.
pub(super) fn publishing(config: &Config, ports: &Ports, tokens: &Arc<IssueToken>) -> Arc<PublishStatusList> {
    let (lists, clock) = (Arc::clone(&ports.stores.status_lists), Arc::clone(&ports.clock));
    Arc::new(PublishStatusList::new(lists, Arc::clone(tokens), clock, config.status_list_ttl))
}
