//! From text to values. Each problem is worded to follow the text that was given.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use ipnet::IpNet;
use jwksd_domain::key::Algorithm;
use jwksd_domain::limit::Quota;
use poem::http::Uri;
use tracing_subscriber::filter::Targets;

/// Longer than anything that makes sense, and short enough that no sum overflows.
const LONGEST: Duration = Duration::from_secs(100 * 366 * 86_400);

/// A length of time such as `15m`.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || "is no duration such as 90s, 15m, 24h or 30d".to_owned();
    let duration = humantime::parse_duration(text).map_err(|_| wrong())?;
    if duration > LONGEST { Err("is longer than a hundred years".to_owned()) } else { Ok(duration) }
}

/// A length of time in whole seconds, as tokens and the life of keys are counted in.
pub(super) fn seconds(text: &str) -> Result<Duration, String> {
    match duration(text)? {
        duration if duration.subsec_nanos() == 0 => Ok(duration),
        _ => Err("must be a whole number of seconds".to_owned()),
    }
}

/// Whole seconds, one at least.
pub(super) fn positive_seconds(text: &str) -> Result<Duration, String> {
    positive_duration(text).and_then(|_| seconds(text))
}

/// A length of time that is not zero.
pub(super) fn positive_duration(text: &str) -> Result<Duration, String> {
    match duration(text)? {
        Duration::ZERO => Err("must be longer than nothing".to_owned()),
        duration => Ok(duration),
    }
}

/// A quota such as `burst=10,every=1s`.
pub(super) fn quota(text: &str) -> Result<Quota, String> {
    let wrong = || "is no quota such as burst=10,every=1s".to_owned();
    let (burst, every) = text.split_once(',').ok_or_else(wrong)?;
    let burst = burst.trim().strip_prefix("burst=").and_then(|n| NonZeroU32::from_str(n).ok()).ok_or_else(wrong)?;
    let every = every.trim().strip_prefix("every=").and_then(|d| positive_duration(d).ok()).ok_or_else(wrong)?;
    Ok(Quota { burst, every })
}

/// An address and a port.
pub(super) fn socket_address(text: &str) -> Result<SocketAddr, String> {
    let local = text.strip_prefix("localhost:").and_then(|port| port.parse().ok());
    let local = local.map(|port| SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port));
    local.or_else(|| text.parse().ok()).ok_or_else(|| "is no address and port such as 127.0.0.1:8080".to_owned())
}

/// A number of at least one.
pub(super) fn number(text: &str) -> Result<NonZeroU32, String> {
    text.parse().map_err(|_| "is no number from 1 on".to_owned())
}

/// On or off.
pub(super) fn switch(text: &str) -> Result<bool, String> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Ok(true),
        "false" | "0" | "no" | "off" => Ok(false),
        _ => Err("is neither true nor false".to_owned()),
    }
}

/// A signature algorithm.
pub(super) fn algorithm(text: &str) -> Result<Algorithm, String> {
    let names = Algorithm::ALL.map(Algorithm::as_str).join(", ");
    Algorithm::from_name(text).ok_or_else(|| format!("is none of {names}"))
}

/// The URL of an issuer (RFC 8414 section 2), kept byte for byte.
pub(super) fn issuer(text: &str) -> Result<String, String> {
    let wrong = || "is no http or https URL without query and fragment, such as https://auth.example.com".to_owned();
    let uri = Uri::from_str(text).map_err(|_| wrong())?;
    let is_http = matches!(uri.scheme_str(), Some("http" | "https"));
    let has_host =
        uri.authority().is_some_and(|authority| !authority.host().is_empty() && !authority.as_str().contains('@'));
    if is_http && has_host && !text.contains(['?', '#']) { Ok(text.to_owned()) } else { Err(wrong()) }
}

/// Text that is there and fits on one line.
pub(super) fn line(text: &str) -> Result<String, String> {
    if text.is_empty() || text.chars().any(char::is_control) {
        return Err("must be one line of text".to_owned());
    }
    Ok(text.to_owned())
}

/// The path of a file.
pub(super) fn path(text: &str) -> Result<PathBuf, String> {
    if text.is_empty() { Err("is no path".to_owned()) } else { Ok(PathBuf::from(text)) }
}

/// Networks in CIDR notation, or single addresses, comma-separated.
pub(super) fn networks(text: &str) -> Result<Vec<IpNet>, String> {
    let network = |item: &str| IpNet::from_str(item).or_else(|_| IpAddr::from_str(item).map(IpNet::from));
    list(text)
        .map(|item| network(item).map_err(|_| format!("has {item:?}, which is no network such as 10.0.0.0/8")))
        .collect()
}

/// Web origins (RFC 6454 section 6.2), comma-separated.
pub(super) fn origins(text: &str) -> Result<Vec<String>, String> {
    list(text).map(origin).collect()
}

fn origin(item: &str) -> Result<String, String> {
    let wrong = || format!("has {item:?}, which is no origin such as https://app.example.com");
    let uri = Uri::from_str(item).map_err(|_| wrong())?;
    match (uri.scheme_str(), uri.authority()) {
        (Some(scheme @ ("http" | "https")), Some(authority)) if item == format!("{scheme}://{authority}") => {
            Ok(item.to_ascii_lowercase())
        }
        _ => Err(wrong()),
    }
}

/// What is logged, by level and target.
pub(super) fn log_filter(text: &str) -> Result<Targets, String> {
    let wrong = || "is no level (error, warn, info, debug, trace, off) nor a list such as warn,jwksd=debug".to_owned();
    let known = ["off", "error", "warn", "info", "debug", "trace"];
    // `Targets` takes a lone word that is no level for the name of a target.
    let bare_words = list(text).filter(|item| !item.contains('='));
    if bare_words.clone().any(|word| !known.contains(&word.to_ascii_lowercase().as_str())) || text.is_empty() {
        return Err(wrong());
    }
    Targets::from_str(text).map_err(|_| wrong())
}

/// The items of a comma-separated list.
pub(super) fn list(text: &str) -> impl Iterator<Item = &str> + Clone {
    text.split(',').map(str::trim).filter(|item| !item.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_a_unit() {
        assert_eq!(duration("15m"), Ok(Duration::from_secs(900)));
        assert_eq!(duration("900000ms"), Ok(Duration::from_secs(900)));
        for text in ["", "15", "m", "-1s", "200y", "99999999999999999999d"] {
            assert!(duration(text).is_err(), "{text}");
        }
        assert!(seconds("1500ms").is_err());
    }

    #[test]
    fn quotas_read_as_they_are_shown() {
        for text in ["burst=10,every=1s", "burst=1,every=5s", "burst=3,every=250ms"] {
            assert_eq!(quota(text).unwrap().to_string(), text);
        }
        for text in ["", "10", "burst=0,every=1s", "burst=1,every=0s", "every=1s,burst=1", "burst=1"] {
            assert!(quota(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_issuer_is_kept_byte_for_byte() {
        for text in ["https://auth.example.com", "http://127.0.0.1:8080/", "https://Example.com/Tenant"] {
            assert_eq!(issuer(text).as_deref(), Ok(text));
        }
        for text in [
            "",
            "auth.example.com",
            "/a",
            "ftp://a.b",
            "https://",
            "https://a.b?c",
            "https://a.b/#",
            "https://u:p@a.b",
            "https://a b",
        ] {
            assert!(issuer(text).is_err(), "{text}");
        }
    }

    #[test]
    fn lists_are_checked_item_by_item() {
        assert_eq!(networks("10.0.0.0/8, ::1").unwrap().len(), 2);
        assert!(networks("10.0.0.0/8,nonsense").unwrap_err().contains("nonsense"));
        assert_eq!(origins("https://a.example:8443").unwrap(), ["https://a.example:8443"]);
        assert!(origins("https://a.example/path").is_err() && origins("*").is_err());
    }

    #[test]
    fn a_log_filter_is_a_level_or_a_list() {
        assert!(log_filter("info").is_ok() && log_filter("warn,jwksd=debug").is_ok());
        assert!(log_filter("loud").is_err() && log_filter("").is_err() && log_filter("a=loud").is_err());
    }
}
