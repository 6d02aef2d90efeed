//! Where mails go: the URL of a mail server, or the outbox of the dev profile.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use jwksd_domain::otp::ResetPage;
use percent_encoding::percent_decode_str;
use poem::http::Uri;
use zeroize::Zeroizing;

/// How a connection to a mail server is kept from being read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SmtpTls {
    /// By TLS from the start.
    FromTheStart,
    /// By STARTTLS, which must succeed.
    StartTls,
    /// Not at all.
    None,
}

/// A mail server. Has no `Debug`: it may hold a password.
#[derive(Clone)]
pub struct SmtpServer {
    /// Its name.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is kept from being read.
    pub tls: SmtpTls,
    /// Name and password, if it asks.
    pub credentials: Option<(String, Zeroizing<String>)>,
}

/// What mails go through.
#[derive(Clone)]
pub enum MailTransport {
    /// A mail server; the sender of the mails beside it.
    Smtp(SmtpServer, String),
    /// None: they are shown in the outbox of the dev profile.
    Outbox,
}

/// What is mailed, and how.
#[derive(Clone)]
pub struct MailSettings {
    /// What mails go through; `None` where nothing can be mailed.
    pub transport: Option<MailTransport>,
    /// Whether codes for logins are mailed.
    pub otp_login: bool,
    /// Where people set their passwords anew.
    pub reset_page: Option<ResetPage>,
}

impl MailSettings {
    /// The mail server, if mails go through one.
    pub fn server(&self) -> Option<&SmtpServer> {
        match &self.transport {
            Some(MailTransport::Smtp(server, _)) => Some(server),
            Some(MailTransport::Outbox) | None => None,
        }
    }
}

impl SmtpServer {
    /// Reads `smtp://` or `smtps://`, name and password (percent-encoded), host, port, and `?tls=none` or `?tls=starttls`.
    /// Without that, `smtp://` asks for STARTTLS, except of a server on loopback.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong =
            || "is no URL such as smtp://user:password@mail.example.com:587 or smtps://mail.example.com".to_owned();
        let uri = Uri::from_str(text).map_err(|_| wrong())?;
        let (authority, host) = uri.authority().zip(uri.host()).ok_or_else(wrong)?;
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        if host.is_empty() || !matches!(uri.path(), "" | "/") || text.contains('#') {
            return Err(wrong());
        }
        let (tls, default_port) = match (uri.scheme_str(), uri.query()) {
            (Some("smtps"), None) => (SmtpTls::FromTheStart, 465),
            (Some("smtp"), None) if is_loopback(&host) => (SmtpTls::None, 587),
            (Some("smtp"), None | Some("tls=starttls")) => (SmtpTls::StartTls, 587),
            (Some("smtp"), Some("tls=none")) => (SmtpTls::None, 587),
            (Some("smtp"), Some(_)) => return Err("may be followed by ?tls=none or ?tls=starttls only".to_owned()),
            _ => return Err(wrong()),
        };
        let credentials = authority.as_str().rsplit_once('@').map(|(who, _)| credentials(who)).transpose()?;
        Ok(Self { host, port: uri.port_u16().unwrap_or(default_port), tls, credentials })
    }

    /// Whether whoever sits between can read the mails.
    pub fn is_open_to_others(&self) -> bool {
        self.tls == SmtpTls::None && !is_loopback(&self.host)
    }
}

impl fmt::Display for SmtpServer {
    /// The URL without name and password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scheme, query) = match self.tls {
            SmtpTls::FromTheStart => ("smtps", ""),
            SmtpTls::StartTls => ("smtp", "?tls=starttls"),
            SmtpTls::None => ("smtp", "?tls=none"),
        };
        let who = if self.credentials.is_some() { "********@" } else { "" };
        let (open, close) = if self.host.contains(':') { ("[", "]") } else { ("", "") };
        write!(f, "{scheme}://{who}{open}{}{close}:{}{query}", self.host, self.port)
    }
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || IpAddr::from_str(host).is_ok_and(|ip| ip.is_loopback())
}

fn credentials(text: &str) -> Result<(String, Zeroizing<String>), String> {
    let decoded = |part: &str| percent_decode_str(part).decode_utf8().map(String::from);
    let pair = text.split_once(':').and_then(|(user, password)| {
        let (user, password) = (decoded(user).ok()?, decoded(password).ok()?);
        (!user.is_empty()).then(|| (user, Zeroizing::new(password)))
    });
    pair.ok_or_else(|| "must have user:password before the @, percent-encoded".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        SmtpServer::parse(text).map_or_else(|problem| problem, |server| server.to_string())
    }

    #[test]
    fn what_is_not_said_is_the_safe_thing() {
        assert_eq!(shown("smtps://mail.example.com"), "smtps://mail.example.com:465");
        assert_eq!(shown("smtp://mail.example.com"), "smtp://mail.example.com:587?tls=starttls");
        assert_eq!(shown("smtp://mail.example.com:25?tls=none"), "smtp://mail.example.com:25?tls=none");
        for host in ["localhost", "127.0.0.1", "[::1]"] {
            assert_eq!(shown(&format!("smtp://{host}:2525")), format!("smtp://{host}:2525?tls=none"));
            assert!(shown(&format!("smtp://{host}?tls=starttls")).ends_with("?tls=starttls"));
        }
        let open = |text| SmtpServer::parse(text).unwrap().is_open_to_others();
        assert!(open("smtp://10.0.0.1?tls=none") && !open("smtp://localhost") && !open("smtps://10.0.0.1"));
    }

    #[test]
    fn a_password_may_have_any_character_and_is_never_shown() {
        let server = SmtpServer::parse("smtps://me%40example.com:p%3A%2F%40%20w@mail.example.com:4650").unwrap();
        let (user, password) = server.credentials.clone().unwrap();
        assert_eq!((user.as_str(), password.as_str(), server.port), ("me@example.com", "p:/@ w", 4650));
        assert_eq!(server.to_string(), "smtps://********@mail.example.com:4650");
    }

    #[test]
    fn what_is_no_mail_server_is_refused() {
        for text in ["", "mail.example.com", "http://mail.example.com", "smtp://", "smtp://a/b", "smtps://a?tls=none"] {
            assert!(shown(text).contains("such as smtp://"), "{text}: {}", shown(text));
        }
        assert!(shown("smtp://a?tls=maybe").contains("?tls=starttls only"));
        for text in ["smtp://user@a", "smtp://:secret@a"] {
            assert!(shown(text).contains("user:password"), "{text}");
        }
    }
}
