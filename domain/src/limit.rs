//! Quotas: how many tries pass at once, and how fast more are granted.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::time::Duration;

use crate::user::{Email, UserId};

/// `burst` tries pass at once, then one more each `every` (GCRA).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// How many pass at once; at least one.
    pub burst: NonZeroU32,
    /// How long it takes until one more passes; more than zero.
    pub every: Duration,
}

/// The quota of each kind of bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quotas {
    /// Of [`Bucket::Address`].
    pub address: Quota,
    /// Of [`Bucket::Registration`].
    pub registration: Quota,
    /// Of [`Bucket::Account`].
    pub account: Quota,
    /// Of [`Bucket::Mail`].
    pub mail: Quota,
    /// Of [`Bucket::SecondFactor`].
    pub second_factor: Quota,
}

/// What is counted: the tries of one address, or the failures at one account or its second factor.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Bucket {
    /// Authentication attempts from an address, see [`Bucket::address`].
    Address(IpAddr),
    /// Registrations from an address, see [`Bucket::registration`]: beside its logins, so that neither uses up the other.
    Registration(IpAddr),
    /// Failed logins at the account of this name, known or not.
    Account(String),
    /// Mails to an e-mail address, known or not, see [`Bucket::mail`].
    Mail(String),
    /// Attempts to show a second factor at the account of this user; a success gives them back.
    SecondFactor(UserId),
}

impl Bucket {
    /// The bucket of the authentication attempts of an address.
    pub fn address(ip: IpAddr) -> Self {
        Self::Address(subscriber(ip))
    }

    /// The bucket of failures at the account of an e-mail address.
    pub fn account_of(email: &Email) -> Self {
        Self::Account(email.as_str().to_ascii_lowercase())
    }

    /// The bucket of the mails to an e-mail address, in any ASCII case.
    pub fn mail(email: &Email) -> Self {
        Self::Mail(email.as_str().to_ascii_lowercase())
    }

    /// The bucket of the registrations of an address.
    pub fn registration(ip: IpAddr) -> Self {
        Self::Registration(subscriber(ip))
    }
}

/// Whose address it is: an IPv4 address stands for itself, also where it is mapped into IPv6, and an IPv6 address for all of its
/// /64, since one subscriber has at least that many.
fn subscriber(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V4(v4) => IpAddr::V4(v4),
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64)),
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
        let registration = |ip: &str| Bucket::registration(ip.parse().unwrap());
        assert_eq!(registration("2001:db8:1:2::1"), registration("2001:db8:1:2:ffff::9"));
        assert_ne!(registration("192.0.2.1"), bucket("192.0.2.1"));
    }
}
