//! One list: how it is read, and what it says of a token (Token Status List sections 4, 5.1 and 7).

use std::time::Duration;

use miniz_oxide::inflate::decompress_to_vec_zlib_with_limit;
use serde::de::{Error, MapAccess};

use crate::claims::NumericDate;
use crate::json::{self, Object, Take};
use crate::{Fault, base64url};

/// The largest list that is read, in bytes: of 32 million tokens with a bit each.
const LIST_MAX: usize = 4 * 1024 * 1024;
/// For how long a list is kept that does not say so.
const TTL_DEFAULT: Duration = Duration::from_secs(300);
/// For how long a list is kept at least and at most, whatever it says.
const TTL_MIN: Duration = Duration::from_secs(5);
const TTL_MAX: Duration = Duration::from_secs(12 * 3600);
/// For how long a list is used at most while no other can be had.
const USED_MAX: Duration = Duration::from_secs(24 * 3600);

/// A list that is verified. Instants are durations since the beginning of 1970.
#[derive(Debug)]
pub(super) struct List {
    bits: u8,
    bytes: Vec<u8>,
    /// Until when it is not asked for again.
    fresh_until: Duration,
    /// From when on it says nothing any more.
    ends_at: Duration,
}

/// What a list must say of itself.
pub(super) struct Expected<'a> {
    pub(super) uri: &'a str,
    pub(super) issuer: &'a str,
    pub(super) leeway: Duration,
}

/// The claims of a Status List Token.
#[derive(Default)]
struct ListClaims {
    iss: Option<String>,
    sub: Option<String>,
    iat: Option<NumericDate>,
    exp: Option<NumericDate>,
    ttl: Option<u64>,
    status_list: Option<Encoded>,
}

/// The claim `status_list`.
#[derive(Default)]
struct Encoded {
    bits: Option<u8>,
    lst: Option<String>,
}

impl List {
    /// Reads the payload of a Status List Token whose signature is verified. Says what is wrong with it.
    pub(super) fn read(payload: &[u8], expected: &Expected<'_>, now: Duration) -> Result<Self, &'static str> {
        let claims = json::text(payload)
            .and_then(json::read::<ListClaims>)
            .map_err(|_| "its claims are not those of a list")?
            .taken;
        let seconds = |date: NumericDate| Duration::from_secs(date.0);
        let ends_at = claims.exp.map_or(Duration::MAX, |exp| seconds(exp) + expected.leeway);
        match claims.iat {
            _ if claims.sub.as_deref() != Some(expected.uri) => return Err("it is another list"),
            _ if claims.iss.is_some_and(|iss| iss != expected.issuer) => return Err("it is of another issuer"),
            _ if ends_at <= now => return Err("its time is over"),
            None => return Err("it does not say when it was issued"),
            Some(iat) if seconds(iat) > now + expected.leeway => return Err("its time has not come"),
            Some(_) => {}
        }
        let Some(Encoded { bits: Some(bits @ (1 | 2 | 4 | 8)), lst: Some(lst) }) = claims.status_list else {
            return Err("its statuses have not 1, 2, 4 or 8 bits");
        };
        let compressed = base64url::decode(&lst).ok_or("its statuses are no base64url")?;
        let bytes = decompress_to_vec_zlib_with_limit(&compressed, LIST_MAX)
            .map_err(|_| "its statuses cannot be inflated, or are too many")?;
        let ttl = claims.ttl.map_or(TTL_DEFAULT, Duration::from_secs).clamp(TTL_MIN, TTL_MAX);
        let ends_at = ends_at.min(now + USED_MAX);
        Ok(Self { bits, bytes, fresh_until: ends_at.min(now + ttl), ends_at })
    }

    /// What it says of the token at `index`.
    pub(super) fn check(&self, index: u64) -> Result<(), Fault> {
        let place = index.checked_mul(u64::from(self.bits)).ok_or(Fault::UnknownStatus)?;
        let byte =
            usize::try_from(place / 8).ok().and_then(|place| self.bytes.get(place)).ok_or(Fault::UnknownStatus)?;
        let status = (byte >> (place % 8)) & (u8::MAX >> (8 - self.bits));
        match status {
            0 => Ok(()),
            1 => Err(Fault::Revoked),
            2 => Err(Fault::Suspended),
            _ => Err(Fault::UnknownStatus),
        }
    }

    pub(super) fn is_fresh(&self, now: Duration) -> bool {
        now < self.fresh_until
    }

    pub(super) fn is_usable(&self, now: Duration) -> bool {
        now < self.ends_at
    }
}

impl<'de> Take<'de> for ListClaims {
    fn take<A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<bool, A::Error> {
        match name {
            "iss" => self.iss = Some(map.next_value()?),
            "sub" => self.sub = Some(map.next_value()?),
            "iat" => self.iat = Some(map.next_value()?),
            "exp" => self.exp = Some(map.next_value()?),
            "ttl" => match map.next_value()? {
                0 => return Err(A::Error::custom("`ttl` is a positive number (section 5.1)")),
                ttl => self.ttl = Some(ttl),
            },
            "status_list" => self.status_list = Some(map.next_value::<Object<'_, Encoded>>()?.taken),
            _ => return Ok(false),
        }
        Ok(true)
    }
}

impl<'de> Take<'de> for Encoded {
    fn take<A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<bool, A::Error> {
        match name {
            "bits" => self.bits = Some(map.next_value()?),
            "lst" => self.lst = Some(map.next_value()?),
            _ => return Ok(false),
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bits: u8, lst: &str) -> List {
        let payload = format!(r#"{{"sub":"u","iat":1,"status_list":{{"bits":{bits},"lst":"{lst}"}}}}"#);
        let expected = Expected { uri: "u", issuer: "i", leeway: Duration::ZERO };
        List::read(payload.as_bytes(), &expected, Duration::from_secs(1)).unwrap()
    }

    /// Section 4.2 of the draft, which packs the statuses 1 0 0 1 1 1 0 1 and 1 1 0 0 0 1 0 1 of sixteen tokens.
    #[test]
    fn a_bit_for_each_token_is_read_as_in_the_draft() {
        let list = read(1, "eNrbuRgAAhcBXQ");
        let is_revoked = [1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1].map(|bit| bit == 1);
        for (index, is_revoked) in (0..).zip(is_revoked) {
            assert_eq!(list.check(index), if is_revoked { Err(Fault::Revoked) } else { Ok(()) }, "{index}");
        }
        assert_eq!(list.check(16), Err(Fault::UnknownStatus));
        assert_eq!(list.check(u64::MAX), Err(Fault::UnknownStatus));
    }

    /// Section 4.3 of the draft, which packs the statuses 1 2 0 3, 0 1 0 1 and 1 2 3 3 of twelve tokens.
    #[test]
    fn two_bits_for_each_token_are_read_as_in_the_draft() {
        let list = read(2, "eNo76fITAAPfAgc");
        let statuses = [1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3];
        for (index, status) in (0..).zip(statuses) {
            let expected = match status {
                0 => Ok(()),
                1 => Err(Fault::Revoked),
                2 => Err(Fault::Suspended),
                _ => Err(Fault::UnknownStatus),
            };
            assert_eq!(list.check(index), expected, "{index}");
        }
    }
}
