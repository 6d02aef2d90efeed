//! What the HTTP adapter is given.

use std::sync::Arc;

use jwksd_http::{CodeParts, DevParts, HttpParts, HttpSettings, MailParts, RenderMetrics};

use tokio::sync::watch;

use super::{Mailing, Ports};
use crate::config::Config;
use crate::wiring::{DevUseCases, MailUseCases, UseCases};

/// What the HTTP adapter translates for.
pub(super) fn parts(
    config: &Config,
    ports: &Ports,
    cases: &UseCases,
    (render_metrics, stopping): (RenderMetrics, watch::Receiver<bool>),
) -> HttpParts {
    HttpParts {
        settings: HttpSettings {
            issuer: config.token_policy().issuer,
            trusted_proxies: config.trusted_proxies.clone(),
            cors_origins: config.cors_origins.clone(),
            body_timeout: config.timeouts.body,
        },
        publish_keys: Arc::clone(&cases.publish_keys),
        publish_status_list: Arc::clone(&cases.publish_status_list),
        log_in: Arc::clone(&cases.log_in),
        log_in_to_session: Arc::clone(&cases.sessions.log_in),
        refresh_session: Arc::clone(&cases.sessions.refresh),
        log_out: Arc::clone(&cases.sessions.log_out),
        list_sessions: Arc::clone(&cases.sessions.list),
        end_sessions: Arc::clone(&cases.sessions.end),
        list_clients: Arc::clone(&cases.clients.list),
        add_client: Arc::clone(&cases.clients.add),
        change_client: Arc::clone(&cases.clients.change),
        grant_token: Arc::clone(&cases.clients.grant),
        introspect_token: Arc::clone(&cases.clients.introspect),
        revoke_token: Arc::clone(&cases.clients.revoke),
        change_password: Arc::clone(&cases.change_password),
        find_totp: Arc::clone(&cases.second_factors.find),
        enrol_totp: Arc::clone(&cases.second_factors.enrol),
        confirm_totp: Arc::clone(&cases.second_factors.confirm),
        renew_recovery_codes: Arc::clone(&cases.second_factors.renew),
        remove_totp: Arc::clone(&cases.second_factors.remove),
        reset_totp: Arc::clone(&cases.second_factors.reset),
        mail: cases.mail.as_ref().map(mail_parts),
        read_outbox: ports.mail.as_ref().and_then(Mailing::read_outbox),
        register_user: Arc::clone(&cases.register_user),
        add_user: Arc::clone(&cases.add_user),
        authenticate_token: Arc::clone(&cases.authenticate_token),
        list_keys: Arc::clone(&cases.list_keys),
        rotate_keys: Arc::clone(&cases.rotate_keys),
        revoke_key: Arc::clone(&cases.revoke_key),
        import_key: Arc::clone(&cases.import_key),
        clean_up_keys: Arc::clone(&cases.clean_up_keys),
        list_audit_log: Arc::clone(&cases.list_audit_log),
        list_users: Arc::clone(&cases.list_users),
        find_user: Arc::clone(&cases.find_user),
        change_user: Arc::clone(&cases.change_user),
        check_health: Arc::clone(&cases.check_health),
        render_metrics,
        dev: cases.dev.as_ref().map(|dev| dev_parts(dev, stopping)),
    }
}

fn dev_parts(cases: &DevUseCases, stopping: watch::Receiver<bool>) -> DevParts {
    DevParts {
        issue_demo_token: Arc::clone(&cases.issue_demo_token),
        request_specimen: Arc::clone(&cases.lab.request),
        misshape_keys: Arc::clone(&cases.lab.misshape),
        certify_stranger: Arc::clone(&cases.lab.certify),
        stopping,
    }
}

fn mail_parts(cases: &MailUseCases) -> MailParts {
    MailParts {
        request_password_reset: Arc::clone(&cases.request_password_reset),
        reset_password: Arc::clone(&cases.reset_password),
        codes: cases
            .codes
            .as_ref()
            .map(|codes| CodeParts { request: Arc::clone(&codes.request), log_in: Arc::clone(&codes.log_in) }),
    }
}
