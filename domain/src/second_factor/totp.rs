//! Time-based one-time passwords (RFC 6238) as authenticator apps make them: SHA-1, six digits, thirty seconds.

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::base32;
use crate::field::FieldError;
use crate::time::Timestamp;

/// How many bytes a secret has: the 160 bits that RFC 4226 section 4 recommends.
const SECRET: usize = 20;
/// How many seconds a code is for (RFC 6238 section 5.2).
const PERIOD: u64 = 30;
/// How many digits a code has.
const DIGITS: usize = 6;
/// How many steps a clock may be off, and a person slow, in either direction (RFC 6238 section 6).
const WINDOW: u64 = 1;
/// The most characters of the name of an account that an app is told, so that a QR code holds every name.
const ACCOUNT_MAX: usize = 64;

/// The secret of an authenticator app: 160 random bits. Zeroed when dropped; has no `Debug` and no way into a log.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct TotpSecret([u8; SECRET]);

/// Thirty seconds, by their number since the Unix epoch: what RFC 6238 section 4.2 calls `T`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Step(pub u64);

/// The six digits of a code. Zeroed when dropped; has no `Debug`, since one that was not used is a secret for a while.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Code([u8; DIGITS]);

impl TotpSecret {
    /// The secret of these bytes, which must be random.
    pub const fn new(bytes: [u8; SECRET]) -> Self {
        Self(bytes)
    }

    /// The secret of these bytes, if they are as many as a secret has.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// The secret itself: for sealing it.
    pub const fn expose(&self) -> &[u8; SECRET] {
        &self.0
    }

    /// The secret as it is typed into an app that reads no QR code: 32 characters of base32.
    pub fn base32(&self) -> Zeroizing<String> {
        Zeroizing::new(base32::encode(&self.0))
    }

    /// The code of `step`: the last digits of a number that is cut out of an HMAC (RFC 4226 section 5.3).
    pub fn code(&self, step: Step) -> Code {
        let mut mac = Hmac::<Sha1>::new_from_slice(&self.0).expect("HMAC takes keys of any length");
        mac.update(&step.0.to_be_bytes());
        let hash: [u8; 20] = mac.finalize().into_bytes().into();
        let offset = usize::from(hash[19] & 0x0f);
        let cut = hash[offset..offset + 4].iter().fold(0, |number, byte| number << 8 | u32::from(*byte)) & 0x7fff_ffff;
        let mut rest = cut;
        let mut digits = [b'0'; DIGITS];
        for digit in digits.iter_mut().rev() {
            *digit += (rest % 10) as u8;
            rest /= 10;
        }
        Code(digits)
    }
}

impl Step {
    /// The step that `now` is in; before 1970 the first.
    pub fn at(now: Timestamp) -> Self {
        Self(u64::try_from(now.unix_seconds()).unwrap_or(0) / PERIOD)
    }
}

impl Code {
    /// Reads a code as somebody has typed it; spaces do not count, since apps show one in the middle.
    ///
    /// # Errors
    /// Names `field` where it is not six digits.
    pub fn parse(field: &'static str, text: &str) -> Result<Self, FieldError> {
        let mut digits = [0; DIGITS];
        let mut given = text.bytes().filter(|byte| *byte != b' ');
        for digit in &mut digits {
            *digit = given.next().filter(u8::is_ascii_digit).ok_or(FieldError::new(field, "must be six digits"))?;
        }
        match given.next() {
            None => Ok(Self(digits)),
            Some(_) => Err(FieldError::new(field, "must be six digits")),
        }
    }

    /// The digits: for showing them, which only whoever has the secret needs.
    pub fn expose(&self) -> &str {
        std::str::from_utf8(&self.0).expect("ASCII digits are UTF-8")
    }
}

impl PartialEq for Code {
    /// Looks at every digit, wherever the first difference is.
    fn eq(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).fold(0, |differences, (one, other)| differences | (one ^ other)) == 0
    }
}

/// The step that `code` is of, if it is of the present step or one beside it, and of a later one than `last`, the last whose code
/// was taken: no code is taken twice, and none that is older than one that was (RFC 6238 section 5.2).
pub fn accepted_step(secret: &TotpSecret, code: &Code, now: Timestamp, last: Option<Step>) -> Option<Step> {
    let Step(present) = Step::at(now);
    let steps = (present.saturating_sub(WINDOW)..=present.saturating_add(WINDOW)).map(Step);
    // Every step is looked at, so that the time tells nothing of which one it was.
    let fitting = steps.filter(|step| secret.code(*step) == *code).max()?;
    last.is_none_or(|last| fitting > last).then_some(fitting)
}

/// What an app shows as the issuer: the host of the issuer's URL. A colon must not be in it, since one parts it from the account.
pub fn issuer_name(issuer: &str) -> &str {
    let rest = issuer.split_once("://").map_or(issuer, |(_, rest)| rest);
    let host = rest.split(['/', ':', '?', '#']).next().unwrap_or_default();
    if host.is_empty() || host.starts_with('[') { "jwksd" } else { host }
}

/// What authenticator apps read from a QR code: the secret, and what to show it as (Key URI Format).
pub fn otpauth_uri(secret: &TotpSecret, issuer: &str, account: &str) -> Zeroizing<String> {
    let account: String = account.chars().take(ACCOUNT_MAX).collect();
    let (issuer, account, secret) = (percent_encoded(issuer), percent_encoded(&account), secret.base32());
    Zeroizing::new(format!(
        "otpauth://totp/{issuer}:{account}?secret={}&issuer={issuer}&algorithm=SHA1&digits={DIGITS}&period={PERIOD}",
        *secret
    ))
}

/// All but the unreserved characters of RFC 3986 section 2.3 as `%` and two digits.
fn percent_encoded(text: &str) -> String {
    let encode = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    };
    text.bytes().map(encode).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret() -> TotpSecret {
        TotpSecret::new(*b"12345678901234567890")
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix_seconds(seconds)
    }

    fn accepted(of: u64, now: i64, last: Option<u64>) -> Option<u64> {
        accepted_step(&secret(), &secret().code(Step(of)), at(now), last.map(Step)).map(|Step(step)| step)
    }

    /// RFC 4226 appendix D.
    #[test]
    fn the_vectors_of_counters() {
        let codes =
            ["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"];
        for (step, code) in (0..).zip(codes) {
            assert_eq!(secret().code(Step(step)).expose(), code, "step {step}");
        }
    }

    /// RFC 6238 appendix B for SHA-1: the last six of its eight digits, which are those of the same number.
    #[test]
    fn the_vectors_of_times() {
        let vectors = [
            (59, "94287082"),
            (1_111_111_109, "07081804"),
            (1_111_111_111, "14050471"),
            (1_234_567_890, "89005924"),
            (2_000_000_000, "69279037"),
            (20_000_000_000, "65353130"),
        ];
        for (seconds, code) in vectors {
            assert_eq!(secret().code(Step::at(at(seconds))).expose(), &code[2..], "{seconds}");
        }
    }

    #[test]
    fn a_code_is_taken_one_step_early_and_one_late() {
        let (first, last) = (1000 * 30 - 30, 1000 * 30 + 59);
        assert_eq!(accepted(1000, first, None), Some(1000), "from when the step before begins");
        assert_eq!(accepted(1000, last, None), Some(1000), "until the step after ends");
        assert_eq!(accepted(1000, first - 1, None), None);
        assert_eq!(accepted(1000, last + 1, None), None);
        assert_eq!(accepted(0, -5, None), Some(0), "a clock that was never set");
    }

    #[test]
    fn no_code_is_taken_twice_nor_one_before_it() {
        let now = 1000 * 30;
        assert_eq!(accepted(1000, now, Some(999)), Some(1000));
        assert_eq!(accepted(1000, now, Some(1000)), None);
        assert_eq!(accepted(999, now, Some(1000)), None);
        assert_eq!(accepted(1001, now, Some(1000)), Some(1001));
    }

    #[test]
    fn codes_are_read_as_people_type_them() {
        for text in ["287082", "287 082", " 287082 "] {
            assert!(Code::parse("totp", text).is_ok_and(|code| code == secret().code(Step(1))), "{text}");
        }
        for text in ["", "28708", "2870822", "28708x", "+28708", "２８７０８２", "287\u{a0}082", &"1".repeat(10_000)]
        {
            assert_eq!(Code::parse("totp", text).err().unwrap().field, "totp", "{text:.20}");
        }
    }

    #[test]
    fn apps_are_told_what_to_show() {
        assert_eq!(
            *otpauth_uri(&secret(), issuer_name("https://auth.example.com/tenant"), "jané doe:x"),
            "otpauth://totp/auth.example.com:jan%C3%A9%20doe%3Ax?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
             &issuer=auth.example.com&algorithm=SHA1&digits=6&period=30"
        );
        for (issuer, name) in
            [("http://127.0.0.1:8080", "127.0.0.1"), ("https://[::1]:8080", "jwksd"), ("", "jwksd"), ("x", "x")]
        {
            assert_eq!(issuer_name(issuer), name);
        }
        assert!(otpauth_uri(&secret(), "x", &"😀".repeat(256)).len() < 1000);
    }
}
