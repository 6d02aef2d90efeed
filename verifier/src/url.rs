//! Which addresses are asked for keys: over TLS, or on this machine.

use std::net::{Ipv4Addr, Ipv6Addr};

/// Why an address is not asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UrlError {
    /// It is no absolute `https` or `http` address of a host, or has a user or a fragment.
    #[error("not an absolute https address without user and fragment")]
    Malformed,
    /// It is `http` to another machine: whoever is in between could put in keys of their own.
    #[error("plain http to another machine, where anybody in between could put in other keys")]
    Plain,
}

/// Whether `http` may lead to other machines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PlainHttp {
    Loopback,
    Anywhere,
}

/// Checks that `url` may be asked.
pub(crate) fn check(url: &str, plain: PlainHttp) -> Result<(), UrlError> {
    let (scheme, authority, rest) = parts(url).ok_or(UrlError::Malformed)?;
    let is_clean = url.bytes().all(|byte| byte.is_ascii_graphic());
    if !is_clean || authority.contains('@') || rest.contains('#') || host(authority).is_empty() {
        return Err(UrlError::Malformed);
    }
    match scheme {
        "https" => Ok(()),
        "http" if plain == PlainHttp::Anywhere || is_loopback(host(authority)) => Ok(()),
        "http" => Err(UrlError::Plain),
        _ => Err(UrlError::Malformed),
    }
}

/// The scheme, the authority and the rest of an address.
pub(crate) fn parts(url: &str) -> Option<(&str, &str, &str)> {
    let (scheme, rest) = url.split_once("://")?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    Some((scheme, &rest[..end], &rest[end..]))
}

/// The host without its port; of an IPv6 address with its brackets.
fn host(authority: &str) -> &str {
    match authority.rfind(':') {
        Some(colon) if !authority.ends_with(']') => &authority[..colon],
        _ => authority,
    }
}

fn is_loopback(host: &str) -> bool {
    let v6 = || host.strip_prefix('[')?.strip_suffix(']')?.parse::<Ipv6Addr>().ok();
    host == "localhost"
        || host.parse::<Ipv4Addr>().is_ok_and(|v4| v4.is_loopback())
        || v6().is_some_and(|v6| v6.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tls_or_this_machine() {
        for good in [
            "https://a.example",
            "https://a.example:8443/x?y",
            "http://127.0.0.1:8080/x",
            "http://[::1]/",
            "http://localhost",
        ] {
            assert_eq!(check(good, PlainHttp::Loopback), Ok(()), "{good}");
        }
        for plain in
            ["http://a.example/", "http://10.0.0.1", "http://127.0.0.1.a.example/", "http://localhost.a.example"]
        {
            assert_eq!(check(plain, PlainHttp::Loopback), Err(UrlError::Plain), "{plain}");
            assert_eq!(check(plain, PlainHttp::Anywhere), Ok(()), "{plain}");
        }
        let malformed = [
            "",
            "a.example",
            "ftp://a.example",
            "HTTPS://a.example",
            "https://",
            "https:///x",
            "https://a@b/",
            "https://a/#b",
            "https://a/ b",
            "file:///x",
        ];
        for malformed in malformed {
            assert_eq!(check(malformed, PlainHttp::Anywhere), Err(UrlError::Malformed), "{malformed}");
        }
    }
}
