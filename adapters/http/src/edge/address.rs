//! The address of the client: the peer's, or what a trusted proxy says of it.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use ipnet::IpNet;
use poem::Request;
use poem::http::HeaderMap;

/// The address of whoever sent the request. `X-Forwarded-For` counts only where the peer is a trusted proxy, and is walked from its
/// end: the first address that is no trusted proxy is the client's. What is not an address ends the walk. `Forwarded` (RFC 7239) is
/// not read: a proxy that sets the one lets the other through as the client has sent it.
pub(super) fn client_address(request: &Request, trusted: &[IpNet]) -> IpAddr {
    let peer = request.remote_addr().as_socket_addr().map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), SocketAddr::ip);
    walk(peer.to_canonical(), request.headers(), trusted)
}

fn walk(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let is_trusted = |ip: &IpAddr| trusted.iter().any(|net| net.contains(ip));
    if !is_trusted(&peer) {
        return peer;
    }
    let lines: Vec<_> = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok()).collect();
    let mut client = peer;
    for hop in lines.iter().rev().flat_map(|line| line.rsplit(',')) {
        let Some(ip) = address(hop.trim()) else { break };
        client = ip.to_canonical();
        if !is_trusted(&client) {
            break;
        }
    }
    client
}

/// The address of a hop; some proxies write the port behind it, and brackets around an IPv6 address.
fn address(hop: &str) -> Option<IpAddr> {
    if let Ok(with_port) = hop.parse::<SocketAddr>() {
        return Some(with_port.ip());
    }
    let bare = hop.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    match bare {
        Some(in_brackets) => in_brackets.parse().ok().map(IpAddr::V6),
        None => hop.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(peer: &str, forwarded: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append("x-forwarded-for", line.parse().unwrap());
        }
        walk(peer.parse().unwrap(), &headers, &["10.0.0.0/8".parse().unwrap()]).to_string()
    }

    #[test]
    fn a_stranger_is_not_believed() {
        assert_eq!(client("192.0.2.9", &["198.51.100.1"]), "192.0.2.9");
    }

    #[test]
    fn a_trusted_proxy_names_the_last_stranger() {
        assert_eq!(client("10.0.0.1", &["203.0.113.7, 198.51.100.1, 10.1.1.1"]), "198.51.100.1");
        assert_eq!(client("10.0.0.1", &["203.0.113.7", "198.51.100.1"]), "198.51.100.1");
        assert_eq!(client("10.0.0.1", &["198.51.100.1, unknown"]), "10.0.0.1");
        assert_eq!(client("10.0.0.1", &[]), "10.0.0.1");
    }

    #[test]
    fn a_port_behind_an_address_is_passed_over() {
        for (hop, expected) in [
            ("203.0.113.9:4711", "203.0.113.9"),
            ("[2001:db8::1]:443", "2001:db8::1"),
            ("[2001:db8::1]", "2001:db8::1"),
            ("2001:db8::1", "2001:db8::1"),
            ("[::ffff:203.0.113.9]:443", "203.0.113.9"),
            ("203.0.113.7, 203.0.113.9:4711, 10.1.1.1:80", "203.0.113.9"),
        ] {
            assert_eq!(client("10.0.0.1", &[hop]), expected, "{hop}");
        }
        for hop in ["203.0.113.9:", "203.0.113.9:x", "203.0.113.9:99999", "[203.0.113.9]", "[2001:db8::1", "[]", ":443"]
        {
            assert_eq!(client("10.0.0.1", &[hop]), "10.0.0.1", "{hop} is no address");
        }
    }
}
