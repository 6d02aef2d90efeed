//! Recovery codes: what lets a user in once who has lost the authenticator app.

use sha2::{Digest, Sha256};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::base32;
use crate::field::FieldError;
use crate::user::UserId;

/// How many recovery codes a user is given at a time.
pub const RECOVERY_CODES: usize = 10;
/// Keeps what is hashed here apart from any other use of SHA-256. Never changes: codes that were given out depend on it.
const LABEL: &[u8] = b"jwksd:recovery-code:v1";
/// The bytes of a code: 80 bits.
const BYTES: usize = 10;
/// The characters of a code: five bits each.
const DIGITS: usize = 16;

/// A recovery code: 80 random bits. Zeroed when dropped; has no `Debug` and no way into a log.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct RecoveryCode([u8; BYTES]);

impl RecoveryCode {
    /// The code of these bytes, which must be random.
    pub const fn new(bytes: [u8; BYTES]) -> Self {
        Self(bytes)
    }

    /// Reads a code as somebody has typed it: neither case, spaces nor hyphens count.
    ///
    /// # Errors
    /// Names `field` where it is not a code.
    pub fn parse(field: &'static str, text: &str) -> Result<Self, FieldError> {
        let mut digits = Zeroizing::new([0; DIGITS]);
        let wrong = || FieldError::new(field, "must be 16 letters and digits, such as abcd-efgh-2345-wxyz");
        let mut given = text.bytes().filter(|byte| !b" -".contains(byte));
        for digit in digits.iter_mut() {
            *digit = given.next().ok_or_else(wrong)?;
        }
        if given.next().is_some() {
            return Err(wrong());
        }
        base32::decode(&*digits).map(Self).ok_or_else(wrong)
    }

    /// The code as its user is shown it, once: four groups of four characters.
    pub fn expose(&self) -> Zeroizing<String> {
        let digits = Zeroizing::new(base32::encode(&self.0).to_ascii_lowercase());
        let groups = [&digits[..4], &digits[4..8], &digits[8..12], &digits[12..]];
        Zeroizing::new(groups.join("-"))
    }

    /// What is kept of it as a code of `user`.
    pub fn hash(&self, user: UserId) -> RecoveryHash {
        let hash = Sha256::new().chain_update(LABEL).chain_update(user.0.to_be_bytes()).chain_update(self.0).finalize();
        RecoveryHash(hash.into())
    }
}

/// The SHA-256 hash of a recovery code of one user: enough to know it by, and nothing that could be shown. A code has 80 random
/// bits, so a slow hash would add nothing that matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RecoveryHash([u8; 32]);

impl RecoveryHash {
    /// The hash of these bytes.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const JANE: UserId = UserId(1);

    #[test]
    fn a_code_is_read_however_it_is_typed() {
        let code = RecoveryCode::new([0, 1, 2, 3, 4, 5, 6, 7, 8, 255]);
        let shown = code.expose();
        assert_eq!(*shown, "aaaq-eaye-auda-och7");
        for text in [shown.to_string(), shown.to_uppercase(), shown.replace('-', ""), shown.replace('-', " - ")] {
            let read = RecoveryCode::parse("recovery_code", &text).ok().unwrap();
            assert_eq!(read.hash(JANE), code.hash(JANE), "{text}");
        }
        for text in ["", "aaaa", "aaaa-aaaa-aaaa-aaa", "aaaa-aaaa-aaaa-aaaaa", "aaaa-aaaa-aaaa-aaa1", "ääääääää"]
        {
            let error = RecoveryCode::parse("recovery_code", text).err().unwrap();
            assert_eq!(error.field, "recovery_code", "{text}");
        }
    }

    #[test]
    fn a_code_is_its_users_alone() {
        let (one, other) = (RecoveryCode::new([1; 10]), RecoveryCode::new([2; 10]));
        assert_eq!(one.hash(JANE), one.hash(JANE));
        assert_ne!(one.hash(JANE), one.hash(UserId(2)));
        assert_ne!(one.hash(JANE), other.hash(JANE));
    }
}
