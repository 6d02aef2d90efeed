//! What does not go together, and what the operator should know.

use std::path::PathBuf;

use super::{Config, Hashing, Profile, SmtpServer, TlsFiles};

/// Parameters of Argon2id that OWASP's Password Storage Cheat Sheet holds for equally strong: memory in KiB, and passes.
const OWASP: [(u32, u32); 5] = [(47_104, 1), (19_456, 2), (12_288, 3), (9_216, 4), (7_168, 5)];

/// What is missing where codes are to be mailed and cannot.
pub(super) const NO_MAIL_SERVER: &str = "--smtp-url must be set in the prod profile where --otp-login is on: put the mail server, such as smtp://user:password@mail.example.com:587, into JWKSD_SMTP_URL, and the sender into JWKSD_MAIL_FROM";

/// The certificate and its key, which come together or not at all.
pub(super) fn tls(cert: Option<PathBuf>, key: Option<PathBuf>, problems: &mut Vec<String>) -> Option<TlsFiles> {
    match (cert, key) {
        (Some(certificate), Some(key)) => return Some(TlsFiles { certificate, key }),
        (Some(_), None) => problems.push("--tls-cert needs --tls-key, the private key of the certificate".to_owned()),
        (None, Some(_)) => problems.push("--tls-key needs --tls-cert, the certificate of the key".to_owned()),
        (None, None) => {}
    }
    None
}

/// The server and the sender, which come together or not at all.
pub(super) fn mail(has_server: bool, has_sender: bool) -> Option<String> {
    match (has_server, has_sender) {
        (true, false) => Some("--smtp-url needs --mail-from, such as `jwksd <no-reply@example.com>`".to_owned()),
        (false, true) => Some("--mail-from needs --smtp-url, the mail server".to_owned()),
        (true, true) | (false, false) => None,
    }
}

/// Adds a problem for every combination that cannot work, and a warning for every one that can but should be known.
pub(super) fn combinations(config: &mut Config, allows_remote_dev: bool, problems: &mut Vec<String>) {
    // Where a value could not be read its default stands in for it, which says nothing about how the values go together.
    if problems.is_empty() {
        let impossible = config.keys.check().err().unwrap_or_default();
        problems.extend(impossible.iter().map(|problem| format!("--{problem}")));
    }
    problems.extend(argon2_bounds(config.hashing));
    if config.database.file().is_none() {
        config.warnings.push(
            "The database is in memory: keys, users and the audit log are gone when the server stops.".to_owned(),
        );
    }
    if config.mail.server().is_some_and(SmtpServer::is_open_to_others) {
        config
            .warnings
            .push("Mails go to the mail server in the clear: whoever sits between can read their codes.".to_owned());
    }
    match config.profile {
        Profile::Dev => dev(config, allows_remote_dev, problems),
        Profile::Prod => prod(config, allows_remote_dev, problems),
    }
}

fn dev(config: &mut Config, allows_remote_dev: bool, problems: &mut Vec<String>) {
    config.warnings.push(
        "The dev profile lets anyone have a token, and has users and a client with known passwords: never put it where others reach it."
            .to_owned(),
    );
    if !config.listen.ip().is_loopback() {
        if allows_remote_dev {
            // Where, the start says itself: the port may be one that is free by then.
            config
                .warnings
                .push("The dev profile listens beyond loopback, because --allow-remote-dev is set.".to_owned());
        } else {
            problems.push(format!(
                "--listen: {} is not loopback, and the dev profile gives tokens to anyone; set --profile prod, or --allow-remote-dev if you mean it",
                config.listen
            ));
        }
    }
    if !is_strong(config.hashing) {
        config.warnings.push("Password hashes are weaker than OWASP recommends: fit for tests only.".to_owned());
    }
}

fn prod(config: &mut Config, allows_remote_dev: bool, problems: &mut Vec<String>) {
    // What is set and cannot be read has been told of.
    let is_told = |option: &str, problems: &[String]| problems.iter().any(|problem| problem.starts_with(option));
    if config.encryption.current.is_none() && !is_told("--encryption-key:", problems) {
        problems.push(
            "--encryption-key must be set in the prod profile: put the output of `openssl rand -base64 32` into JWKSD_ENCRYPTION_KEY, and keep it, since stored keys open with nothing else"
                .to_owned(),
        );
    }
    match &config.issuer {
        None if is_told("--issuer:", problems) => {}
        None => problems.push(
            "--issuer must be set in the prod profile: put the URL at which clients reach this server, such as https://auth.example.com, into JWKSD_ISSUER"
                .to_owned(),
        ),
        Some(issuer) if !issuer.starts_with("https://") => {
            config.warnings.push("The issuer is not an https URL: whoever sits between can replace the keys.".to_owned());
        }
        Some(_) => {}
    }
    if allows_remote_dev {
        problems.push("--allow-remote-dev belongs to the dev profile; leave it out in the prod profile".to_owned());
    }
    if !is_strong(config.hashing) {
        problems.push(
            "--argon2-memory-kib and --argon2-iterations are weaker than OWASP recommends: at least 19456 and 2, or 47104 and 1"
                .to_owned(),
        );
    }
}

/// The bounds of RFC 9106 section 3.1, and no more memory than a hash could sensibly have.
fn argon2_bounds(hashing: Hashing) -> Option<String> {
    let Hashing { memory_kib, iterations, parallelism, .. } = hashing;
    if parallelism > 255 || iterations > 1000 || memory_kib > 4 * 1024 * 1024 {
        return Some(
            "--argon2-parallelism may be 255, --argon2-iterations 1000 and --argon2-memory-kib 4194304 at most"
                .to_owned(),
        );
    }
    (memory_kib < 8 * parallelism)
        .then(|| "--argon2-memory-kib must be at least eight times --argon2-parallelism".to_owned())
}

fn is_strong(hashing: Hashing) -> bool {
    OWASP.iter().any(|(memory_kib, iterations)| hashing.memory_kib >= *memory_kib && hashing.iterations >= *iterations)
}
