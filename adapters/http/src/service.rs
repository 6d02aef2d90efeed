//! Putting the operations, the document, the documentation pages and the edge together.

use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;
use jwksd_domain::usecase::{
    AddClient, AddUser, AuthenticateToken, CertifyStranger, ChangeClient, ChangePassword, ChangeUser, CheckHealth,
    CleanUpKeys, ConfirmTotp, EndSessions, EnrolTotp, FindTotp, FindUser, GrantToken, ImportKey, IntrospectToken,
    IssueDemoToken, ListAuditLog, ListClients, ListKeys, ListSessions, ListUsers, LogIn, LogInToSession, LogInWithCode,
    LogOut, MisshapeKeys, PublishKeys, PublishStatusList, RefreshSession, RegisterUser, RemoveTotp, RenewRecoveryCodes,
    RequestPasswordReset, RequestSignInCode, RequestSpecimen, ResetPassword, ResetTotp, RevokeKey, RevokeToken,
    RotateKeys,
};
use jwksd_domain::user::DemoUsers;
use poem::endpoint::BoxEndpoint;
use poem::middleware::CatchPanic;
use poem::{Endpoint, EndpointExt, IntoResponse, Response};
use poem_openapi::{LicenseObject, OpenApi, OpenApiService};
use tokio::sync::watch;

use crate::docs;
use crate::document::{Document, Offers};
use crate::edge::{Edge, PathTable};
use crate::jwks::Jwks;
use crate::problem::{Problem, kind};
use crate::routes::accounts::{Accounts, Echo};
use crate::routes::administration::Administration;
use crate::routes::aliases::{Aliases, DevAliases};
use crate::routes::authentication::{Callers, DevAuthentication, ProdAuthentication};
use crate::routes::client_administration::ClientAdministration;
use crate::routes::client_secrets::ClientSecrets;
use crate::routes::codes::Codes;
use crate::routes::discovery::{Discovery, ServerMetadata};
use crate::routes::keys::Keys;
use crate::routes::lab::Lab;
use crate::routes::lab_key_sets::LabKeySets;
use crate::routes::oauth::OAuth;
use crate::routes::operations::{Operations, RenderMetrics};
use crate::routes::outbox::{DevOutbox, ReadOutbox};
use crate::routes::passwords::{PasswordResets, Passwords};
use crate::routes::second_factor::SecondFactors;
use crate::routes::second_factor_administration::SecondFactorAdministration;
use crate::routes::sessions::Sessions;
use crate::routes::status_lists::StatusLists;
use crate::routes::user_administration::UserAdministration;
use crate::routes::{oauth, session_tokens, tokens};

/// What the adapter is told.
#[derive(Clone, Debug)]
pub struct HttpSettings {
    /// The issuer, byte for byte.
    pub issuer: String,
    /// The proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// The origins whose scripts may read answers; the JWKS may be read by all.
    pub cors_origins: Vec<String>,
    /// How long the body of a request may take.
    pub body_timeout: Duration,
}

/// What the adapter translates for.
#[derive(Clone)]
pub struct HttpParts {
    /// What it is told.
    pub settings: HttpSettings,
    /// Publishes the keys.
    pub publish_keys: Arc<PublishKeys>,
    /// Publishes which tokens were called back.
    pub publish_status_list: Arc<PublishStatusList>,
    /// Lets users in.
    pub log_in: Arc<LogIn>,
    /// Lets users in to sessions.
    pub log_in_to_session: Arc<LogInToSession>,
    /// Keeps sessions going.
    pub refresh_session: Arc<RefreshSession>,
    /// Logs users out.
    pub log_out: Arc<LogOut>,
    /// Tells users of their sessions.
    pub list_sessions: Arc<ListSessions>,
    /// Ends sessions from elsewhere.
    pub end_sessions: Arc<EndSessions>,
    /// Changes passwords of those who know theirs.
    pub change_password: Arc<ChangePassword>,
    /// What is done by mail, where mails can be sent.
    pub mail: Option<MailParts>,
    /// Reads the outbox, where mails are shown instead of sent.
    pub read_outbox: Option<ReadOutbox>,
    /// Tells of second factors.
    pub find_totp: Arc<FindTotp>,
    /// Enrols second factors.
    pub enrol_totp: Arc<EnrolTotp>,
    /// Confirms second factors.
    pub confirm_totp: Arc<ConfirmTotp>,
    /// Makes recovery codes.
    pub renew_recovery_codes: Arc<RenewRecoveryCodes>,
    /// Removes second factors of those who ask.
    pub remove_totp: Arc<RemoveTotp>,
    /// Removes second factors of others.
    pub reset_totp: Arc<ResetTotp>,
    /// Adds users.
    pub add_user: Arc<AddUser>,
    /// Registers users.
    pub register_user: Arc<RegisterUser>,
    /// Knows callers by their tokens.
    pub authenticate_token: Arc<AuthenticateToken>,
    /// Lists the keys.
    pub list_keys: Arc<ListKeys>,
    /// Rotates the keys.
    pub rotate_keys: Arc<RotateKeys>,
    /// Revokes keys.
    pub revoke_key: Arc<RevokeKey>,
    /// Takes keys in.
    pub import_key: Arc<ImportKey>,
    /// Erases expired keys.
    pub clean_up_keys: Arc<CleanUpKeys>,
    /// Lists the clients.
    pub list_clients: Arc<ListClients>,
    /// Adds clients.
    pub add_client: Arc<AddClient>,
    /// Changes clients.
    pub change_client: Arc<ChangeClient>,
    /// Grants tokens to clients.
    pub grant_token: Arc<GrantToken>,
    /// Tells clients whether tokens are active.
    pub introspect_token: Arc<IntrospectToken>,
    /// Calls tokens back for clients.
    pub revoke_token: Arc<RevokeToken>,
    /// Reads the audit log.
    pub list_audit_log: Arc<ListAuditLog>,
    /// Lists the users.
    pub list_users: Arc<ListUsers>,
    /// Finds one user.
    pub find_user: Arc<FindUser>,
    /// Changes users.
    pub change_user: Arc<ChangeUser>,
    /// Looks at what the server depends on.
    pub check_health: Arc<CheckHealth>,
    /// Renders the metrics.
    pub render_metrics: RenderMetrics,
    /// What only the dev profile has.
    pub dev: Option<DevParts>,
}

/// What is there for learning and for testing verifiers.
#[derive(Clone)]
pub struct DevParts {
    /// Gives anyone a token.
    pub issue_demo_token: Arc<IssueDemoToken>,
    /// Gives anyone a token that is wrong in one way.
    pub request_specimen: Arc<RequestSpecimen>,
    /// Misshapes the published keys.
    pub misshape_keys: Arc<MisshapeKeys>,
    /// Certifies the stranger of the lab.
    pub certify_stranger: Arc<CertifyStranger>,
    /// Turns true when the server stops: what is sent slowly ends then.
    pub stopping: watch::Receiver<bool>,
}

/// What is done by mail.
#[derive(Clone)]
pub struct MailParts {
    /// Mails what passwords are set anew with.
    pub request_password_reset: Arc<RequestPasswordReset>,
    /// Sets passwords anew.
    pub reset_password: Arc<ResetPassword>,
    /// Logins with codes, where they are offered.
    pub codes: Option<CodeParts>,
}

/// Logins with codes that are mailed.
#[derive(Clone)]
pub struct CodeParts {
    /// Mails codes.
    pub request: Arc<RequestSignInCode>,
    /// Lets in who shows one.
    pub log_in: Arc<LogInWithCode>,
}

/// What the profile has or has not.
struct Profile {
    log_in: Arc<LogIn>,
    dev: Option<DevParts>,
    read_outbox: Option<ReadOutbox>,
    offers: Offers,
}

/// The endpoint that answers every request.
pub fn service(parts: HttpParts) -> impl Endpoint<Output = Response> + use<> {
    let settings = parts.settings.clone();
    tokens::register_counters();
    session_tokens::register_counters();
    oauth::register_counters();
    let jwks = Arc::new(Jwks::new(Arc::clone(&parts.publish_keys)));
    let authenticate = Arc::clone(&parts.authenticate_token);
    let (operations, document) = operations(parts, &jwks);
    let table = PathTable::of(&document);
    let route = docs::beside(operations, document.pretty());
    let panics = CatchPanic::new().with_handler(|_| Problem::of(&kind::INTERNAL).into_response());
    Edge::new(route.data(authenticate).with(panics), jwks, table, settings)
}

/// The OpenAPI document of what these parts serve, as indented JSON; independent of the issuer and the address.
pub fn document(parts: HttpParts) -> String {
    let jwks = Arc::new(Jwks::new(Arc::clone(&parts.publish_keys)));
    operations(parts, &jwks).1.pretty()
}

fn operations(parts: HttpParts, jwks: &Arc<Jwks>) -> (BoxEndpoint<'static>, Document) {
    let metadata = ServerMetadata::new(&parts.settings.issuer);
    let discovery = Discovery { jwks: Arc::clone(jwks), publish_keys: parts.publish_keys, metadata };
    let aliases = Aliases { jwks: Arc::clone(jwks), log_in: Arc::clone(&parts.log_in) };
    let keys = Keys {
        list: parts.list_keys,
        rotate: parts.rotate_keys,
        revoke: parts.revoke_key,
        import: parts.import_key,
        clean_up: parts.clean_up_keys,
    };
    let users = UserAdministration {
        list: parts.list_users,
        find: parts.find_user,
        add: parts.add_user,
        change: parts.change_user,
    };
    let clients = ClientAdministration {
        list: parts.list_clients,
        add: parts.add_client,
        change: Arc::clone(&parts.change_client),
    };
    let oauth = OAuth { grant: parts.grant_token, introspect: parts.introspect_token, revoke: parts.revoke_token };
    let clients = (clients, ClientSecrets(parts.change_client), oauth);
    let status_lists = StatusLists(parts.publish_status_list);
    let administration = Administration { list_audit_log: parts.list_audit_log };
    let operations = Operations { check_health: parts.check_health, render_metrics: parts.render_metrics };
    let echo = if parts.dev.is_some() { Echo::Given } else { Echo::Never };
    let accounts = Accounts { register: parts.register_user, echo };
    let codes = parts.mail.as_ref().and_then(|mail| mail.codes.clone());
    let sessions = Sessions {
        log_in: parts.log_in_to_session,
        log_in_with_code: codes.as_ref().map(|codes| Arc::clone(&codes.log_in)),
        refresh: parts.refresh_session,
        log_out: parts.log_out,
        list: parts.list_sessions,
        end: parts.end_sessions,
    };
    let second_factors = SecondFactors {
        find: parts.find_totp,
        enrol: parts.enrol_totp,
        confirm: parts.confirm_totp,
        renew: parts.renew_recovery_codes,
        remove: parts.remove_totp,
    };
    let (users, sessions) = ((users, SecondFactorAdministration(parts.reset_totp)), (sessions, second_factors));
    let (discovery, accounts) = ((discovery, status_lists), (accounts, Passwords(parts.change_password)));
    let common = (discovery, Callers, aliases, sessions, accounts, keys, administration, users, clients, operations);
    let demo_users = if parts.dev.is_some() { DemoUsers::Admitted } else { DemoUsers::Refused };
    let profile = Profile {
        log_in: parts.log_in,
        dev: parts.dev,
        read_outbox: parts.read_outbox,
        offers: Offers { demo_users, has_codes: codes.is_some() },
    };
    let Some(mail) = parts.mail else { return in_profile(common, profile) };
    let resets = PasswordResets { request: mail.request_password_reset, reset: mail.reset_password };
    match mail.codes {
        Some(codes) => in_profile((common, resets, Codes(codes.request)), profile),
        None => in_profile((common, resets), profile),
    }
}

/// The operations with those of the profile beside them.
fn in_profile<A: OpenApi + 'static>(api: A, profile: Profile) -> (BoxEndpoint<'static>, Document) {
    let Profile { log_in, dev, read_outbox, offers } = profile;
    let Some(dev) = dev else { return described((ProdAuthentication(log_in), api), offers) };
    let lab = Lab { request: dev.request_specimen };
    let (misshape, certify, stopping) = (dev.misshape_keys, dev.certify_stranger, dev.stopping);
    let lab = (lab, LabKeySets { misshape, certify, stopping });
    let api = (DevAuthentication(log_in), DevAliases(dev.issue_demo_token), lab, api);
    match read_outbox {
        Some(outbox) => described((DevOutbox(outbox), api), offers),
        None => described(api, offers),
    }
}

fn described<A: OpenApi + 'static>(api: A, offers: Offers) -> (BoxEndpoint<'static>, Document) {
    let licence = LicenseObject::new("MIT").url("https://spdx.org/licenses/MIT.html");
    let service = OpenApiService::new(api, "jwksd", env!("CARGO_PKG_VERSION"))
        .description("A self-hosted JWT issuer and JWKS server.")
        .license(licence)
        .server("/");
    let document = Document::of(&service.spec(), offers);
    (service.boxed(), document)
}
