//! Quotas: how many tries pass at once, and how fast more are granted.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::time::Duration;

/// `burst` tries pass at once, then one more each `every` (GCRA).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// How many pass at once; at least one.
    pub burst: NonZeroU32,
    /// How long it takes until one more passes; more than zero.
    pub every: Duration,
}

/// What is counted: the tries of one address, or the failures at one account.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Bucket {
    /// Authentication attempts from an address, see [`Bucket::address`].
    Address(IpAddr),
    /// Failed logins at the account of this name, known or not.
    Account(String),
}

impl Bucket {
    /// The bucket of an address: an IPv4 address by itself, also where it is mapped into IPv6, and an IPv6 address with the
    /// rest of its /64, since one subscriber has at least that many.
    pub fn address(ip: IpAddr) -> Self {
        match ip.to_canonical() {
            IpAddr::V4(v4) => Self::Address(IpAddr::V4(v4)),
            IpAddr::V6(v6) => Self::Address(IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64))),
        }
    }
}

/// A try passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// The burst of the quota.
    pub limit: u32,
    /// How many more pass at once now.
    pub remaining: u32,
    /// How long until the whole burst passes again.
    pub reset_after: Duration,
}

/// A try was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The burst of the quota.
    pub limit: u32,
    /// How long until one try passes.
    pub retry_after: Duration,
    /// How long until the whole burst passes again.
    pub reset_after: Duration,
}

impl fmt::Display for Quota {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = self.every.as_millis();
        if millis.is_multiple_of(1000) {
            write!(f, "burst={},every={}s", self.burst, millis / 1000)
        } else {
            write!(f, "burst={},every={millis}ms", self.burst)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_subscriber_is_one_address() {
        let bucket = |ip: &str| Bucket::address(ip.parse().unwrap());
        assert_eq!(bucket("::ffff:192.0.2.1"), bucket("192.0.2.1"));
        assert_eq!(bucket("2001:db8:1:2::1"), bucket("2001:db8:1:2:ffff::9"));
        assert_ne!(bucket("2001:db8:1:2::1"), bucket("2001:db8:1:3::1"));
    }
}
