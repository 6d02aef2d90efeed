//! The use cases over the ports. Which adapter is behind a port is not known here.

mod clients;
mod lab;
mod mail;
mod second_factor;
mod sessions;
mod tokens;

use std::sync::Arc;

use jwksd_domain::ports::AuditLog;
use jwksd_domain::usecase::{
    AddUser, AddUserParts, AuthenticateToken, ChangePassword, ChangePasswordParts, ChangeRing, ChangeUser,
    ChangeUserParts, Changes, CheckHealth, CheckPassword, CheckPasswordParts, CheckSecondFactor, CleanUpKeys,
    DecoyHashes, ExportKey, FindUser, ImportKey, IssueDemoToken, IssueToken, Keyring, ListAuditLog, ListKeys,
    ListUsers, LogIn, LogInParts, MintToken, Noticed, OpenKeys, PublishKeys, PublishStatusList, RegisterUser,
    RegisterUserParts, ResealSecrets, RevokeKey, RewrapKeys, RotateKeys, SeedDemoClient, SeedDemoUsers,
};
use jwksd_domain::user::DemoUsers;

use crate::compose::{Mailing, Ports};
use crate::config::{Config, Profile};

pub use clients::ClientUseCases;
use clients::Shared;
pub use lab::LabUseCases;
pub use mail::{CodeUseCases, MailUseCases};
pub use second_factor::SecondFactorUseCases;
pub use sessions::SessionUseCases;

/// Everything that jwksd does.
#[derive(Clone)]
pub struct UseCases {
    /// The keys as this process knows them.
    pub keyring: Arc<Keyring>,
    /// Opens the stored keys at start.
    pub open_keys: Arc<OpenKeys>,
    /// Rotates the keys.
    pub rotate_keys: Arc<RotateKeys>,
    /// Revokes keys.
    pub revoke_key: Arc<RevokeKey>,
    /// Takes keys in.
    pub import_key: Arc<ImportKey>,
    /// Gives keys out.
    pub export_key: Arc<ExportKey>,
    /// Seals keys anew.
    pub rewrap_keys: Arc<RewrapKeys>,
    /// Publishes the keys.
    pub publish_keys: Arc<PublishKeys>,
    /// Publishes which tokens were called back.
    pub publish_status_list: Arc<PublishStatusList>,
    /// Erases expired keys.
    pub clean_up_keys: Arc<CleanUpKeys>,
    /// Lists the keys.
    pub list_keys: Arc<ListKeys>,
    /// What passwords are compared with where there is nobody.
    pub decoys: Arc<DecoyHashes>,
    /// Lets users in.
    pub log_in: Arc<LogIn>,
    /// What is done with sessions.
    pub sessions: SessionUseCases,
    /// What is done with clients, and for them.
    pub clients: ClientUseCases,
    /// Changes passwords of those who know theirs.
    pub change_password: Arc<ChangePassword>,
    /// What is done by mail, where mails can be sent.
    pub mail: Option<MailUseCases>,
    /// What is done with second factors.
    pub second_factors: SecondFactorUseCases,
    /// Adds users.
    pub add_user: Arc<AddUser>,
    /// Registers users.
    pub register_user: Arc<RegisterUser>,
    /// Lists users.
    pub list_users: Arc<ListUsers>,
    /// Finds one user.
    pub find_user: Arc<FindUser>,
    /// Changes users.
    pub change_user: Arc<ChangeUser>,
    /// Knows callers by their tokens.
    pub authenticate_token: Arc<AuthenticateToken>,
    /// Mints tokens on the command line.
    pub mint_token: Arc<MintToken>,
    /// Reads the audit log.
    pub list_audit_log: Arc<ListAuditLog>,
    /// Looks at what the server depends on.
    pub check_health: Arc<CheckHealth>,
    /// What the dev profile has beside.
    pub dev: Option<DevUseCases>,
}

/// What only the dev profile does.
#[derive(Clone)]
pub struct DevUseCases {
    /// Adds the demo users.
    pub seed_demo_users: Arc<SeedDemoUsers>,
    /// Adds the demo client.
    pub seed_demo_client: Arc<SeedDemoClient>,
    /// Gives anyone a token.
    pub issue_demo_token: Arc<IssueDemoToken>,
    /// Mints tokens that are wrong in one way.
    pub lab: LabUseCases,
}

impl UseCases {
    /// The use cases by `config`, over `ports`.
    pub fn new(config: &Config, ports: &Ports) -> Self {
        let changes = Arc::new(Changes::default());
        let ports = &noticed(ports.clone(), &changes);
        let Ports { stores, signer, custody, cipher, clock, entropy, .. } = ports.clone();
        let (users, audit) = (Arc::clone(&stores.users), Arc::clone(&stores.audit));
        let keyring = Arc::new(Keyring::new(Arc::clone(&stores.keys)));
        let change = Arc::new(ChangeRing::new(Arc::clone(&keyring), Arc::clone(&signer), Arc::clone(&clock)));
        let (rotate_keys, revoke_key) = key_changes(config, &change, &audit);
        let tokens = tokens::issuing(config, ports, &keyring, &rotate_keys);
        let add_user = adding(config, ports);
        let decoys = Arc::new(DecoyHashes::new(Arc::clone(&stores.password_hashes), &*entropy));
        let (ring, at) = (|| Arc::clone(&keyring), || Arc::clone(&clock));
        let check = password_check(config, ports, &decoys);
        let authenticate_token = tokens::authentication(config, ports, &keyring);
        let second_factors = SecondFactorUseCases::new(config, ports, &check);
        let second_factor = Arc::clone(&second_factors.check);
        let sessions = SessionUseCases::new(config, ports, &tokens, (&check, &second_factor));
        let shared = Shared {
            issue: Arc::clone(&tokens),
            authenticate: Arc::clone(&authenticate_token),
            keyring: Arc::clone(&keyring),
            changes,
            refresh: Arc::clone(&sessions.refresh),
        };
        let mailing =
            |mailing: &Mailing| MailUseCases::new(config, ports, &mailing.mailer, (&second_factor, &sessions.start));
        let publish_keys = Arc::new(PublishKeys::new(ring(), at(), config.keys.clone()));
        let lab = || LabUseCases::new(ports, (&tokens, &publish_keys), (&keyring, &change, &revoke_key));
        let dev = (config.profile == Profile::Dev).then(|| dev(config, ports, &tokens, lab()));
        let (log, keeper) = (|| Arc::clone(&audit), || Arc::clone(&custody));
        let secrets = Arc::new(ResealSecrets::new(stores.sealed_secrets, cipher));
        Self {
            open_keys: Arc::new(OpenKeys::new(ring(), signer, at())),
            publish_keys,
            publish_status_list: tokens::publishing(config, ports, &tokens),
            clean_up_keys: Arc::new(CleanUpKeys::new(Arc::clone(&change), log(), at())),
            export_key: Arc::new(ExportKey::new(ring(), keeper(), log(), at())),
            rewrap_keys: Arc::new(RewrapKeys::new(ring(), keeper(), secrets, log(), at())),
            import_key: importing(config, ports, &change),
            list_keys: Arc::new(ListKeys::new(ring(), at())),
            check_health: Arc::new(CheckHealth::new(ring(), at())),
            authenticate_token,
            list_users: Arc::new(ListUsers::new(Arc::clone(&users))),
            find_user: Arc::new(FindUser::new(users)),
            list_audit_log: Arc::new(ListAuditLog::new(Arc::clone(&audit))),
            mint_token: minting(config, ports, &tokens),
            register_user: registering(ports, &add_user),
            add_user,
            change_user: changing(config, ports),
            dev,
            clients: ClientUseCases::new(config, ports, shared),
            change_password: password_changing(config, ports, &check),
            mail: ports.mail.as_ref().map(mailing),
            sessions,
            log_in: logging_in(config, ports, &tokens, (&check, &second_factor)),
            second_factors,
            decoys,
            keyring,
            rotate_keys,
            revoke_key,
        }
    }
}

fn key_changes(
    config: &Config,
    change: &Arc<ChangeRing>,
    audit: &Arc<dyn AuditLog>,
) -> (Arc<RotateKeys>, Arc<RevokeKey>) {
    let rotate = RotateKeys::new(Arc::clone(change), Arc::clone(audit), config.keys.clone());
    (Arc::new(rotate), Arc::new(RevokeKey::new(Arc::clone(change), Arc::clone(audit), config.keys.clone())))
}

fn importing(config: &Config, ports: &Ports, change: &Arc<ChangeRing>) -> Arc<ImportKey> {
    let (custody, audit) = (Arc::clone(&ports.custody), Arc::clone(&ports.stores.audit));
    Arc::new(ImportKey::new(Arc::clone(change), custody, audit, config.keys.clone(), demo_users(config)))
}

fn minting(config: &Config, ports: &Ports, tokens: &Arc<IssueToken>) -> Arc<MintToken> {
    let (users, audit) = (Arc::clone(&ports.stores.users), Arc::clone(&ports.stores.audit));
    Arc::new(MintToken::new(users, audit, Arc::clone(tokens), Arc::clone(&ports.clock), demo_users(config)))
}

fn registering(ports: &Ports, add_user: &Arc<AddUser>) -> Arc<RegisterUser> {
    Arc::new(RegisterUser::new(RegisterUserParts {
        add: Arc::clone(add_user),
        limiter: Arc::clone(&ports.limiter),
        audit: Arc::clone(&ports.stores.audit),
        clock: Arc::clone(&ports.clock),
    }))
}

/// `ports`, of which changes are noticed that concern tokens.
fn noticed(mut ports: Ports, changes: &Arc<Changes>) -> Ports {
    let stores = &mut ports.stores;
    stores.users = Arc::new(Noticed::new(Arc::clone(&stores.users), changes));
    stores.sessions = Arc::new(Noticed::new(Arc::clone(&stores.sessions), changes));
    stores.clients = Arc::new(Noticed::new(Arc::clone(&stores.clients), changes));
    stores.revocations = Arc::new(Noticed::new(Arc::clone(&stores.revocations), changes));
    ports
}

/// Whether the profile lets demo users in.
const fn demo_users(config: &Config) -> DemoUsers {
    match config.profile {
        Profile::Dev => DemoUsers::Admitted,
        Profile::Prod => DemoUsers::Refused,
    }
}

fn password_check(config: &Config, ports: &Ports, decoys: &Arc<DecoyHashes>) -> Arc<CheckPassword> {
    Arc::new(CheckPassword::new(CheckPasswordParts {
        users: Arc::clone(&ports.stores.users),
        hasher: Arc::clone(&ports.hasher),
        decoys: Arc::clone(decoys),
        limiter: Arc::clone(&ports.limiter),
        demo_users: demo_users(config),
    }))
}

fn adding(config: &Config, ports: &Ports) -> Arc<AddUser> {
    Arc::new(AddUser::new(AddUserParts {
        users: Arc::clone(&ports.stores.users),
        hasher: Arc::clone(&ports.hasher),
        audit: Arc::clone(&ports.stores.audit),
        entropy: Arc::clone(&ports.entropy),
        clock: Arc::clone(&ports.clock),
        passwords: config.passwords,
    }))
}

fn changing(config: &Config, ports: &Ports) -> Arc<ChangeUser> {
    Arc::new(ChangeUser::new(ChangeUserParts {
        users: Arc::clone(&ports.stores.users),
        sessions: Arc::clone(&ports.stores.sessions),
        hasher: Arc::clone(&ports.hasher),
        audit: Arc::clone(&ports.stores.audit),
        entropy: Arc::clone(&ports.entropy),
        clock: Arc::clone(&ports.clock),
        passwords: config.passwords,
    }))
}

fn password_changing(config: &Config, ports: &Ports, check: &Arc<CheckPassword>) -> Arc<ChangePassword> {
    Arc::new(ChangePassword::new(ChangePasswordParts {
        check: Arc::clone(check),
        users: Arc::clone(&ports.stores.users),
        sessions: Arc::clone(&ports.stores.sessions),
        hasher: Arc::clone(&ports.hasher),
        limiter: Arc::clone(&ports.limiter),
        audit: Arc::clone(&ports.stores.audit),
        clock: Arc::clone(&ports.clock),
        passwords: config.passwords,
    }))
}

fn logging_in(
    config: &Config,
    ports: &Ports,
    tokens: &Arc<IssueToken>,
    (check, second_factor): (&Arc<CheckPassword>, &Arc<CheckSecondFactor>),
) -> Arc<LogIn> {
    Arc::new(LogIn::new(LogInParts {
        users: Arc::clone(&ports.stores.users),
        check: Arc::clone(check),
        second_factor: Arc::clone(second_factor),
        limiter: Arc::clone(&ports.limiter),
        audit: Arc::clone(&ports.stores.audit),
        tokens: Arc::clone(tokens),
        clock: Arc::clone(&ports.clock),
        demo_users: demo_users(config),
    }))
}

fn dev(config: &Config, ports: &Ports, tokens: &Arc<IssueToken>, lab: LabUseCases) -> DevUseCases {
    let users = || Arc::clone(&ports.stores.users);
    let clock = || Arc::clone(&ports.clock);
    let life = config.keys.demo_token_life.unwrap_or(config.keys.token_life);
    let (audit, tokens) = (Arc::clone(&ports.stores.audit), Arc::clone(tokens));
    let clients = Arc::clone(&ports.stores.clients);
    DevUseCases {
        lab,
        seed_demo_users: Arc::new(SeedDemoUsers::new(users(), Arc::clone(&ports.hasher), clock())),
        seed_demo_client: Arc::new(SeedDemoClient::new(clients, clock(), config.token_policy().audience)),
        issue_demo_token: Arc::new(IssueDemoToken::new(users(), audit, tokens, clock(), life)),
    }
}
