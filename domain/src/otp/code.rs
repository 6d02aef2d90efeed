//! The six digits of a login by e-mail.

use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::field::FieldError;

/// How many codes there are.
const CODES: u32 = 1_000_000;

/// Six digits. Zeroed when dropped; has no `Debug` and no way into a log.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct SignInCode(u32);

impl SignInCode {
    /// The code that random bytes come to, each as likely as any other: of the 4,294,967,296 values the last 967,296, which would
    /// make some codes likelier, come to none, and other bytes must be drawn.
    pub fn draw(random: [u8; 4]) -> Option<Self> {
        let number = u32::from_be_bytes(random);
        (number < u32::MAX / CODES * CODES).then_some(Self(number % CODES))
    }

    /// Takes a code as somebody types it.
    ///
    /// # Errors
    /// Names the field `otp` where it is not six digits.
    pub fn parse(text: &str) -> Result<Self, FieldError> {
        let is_code = text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_digit());
        let number = text.parse().ok().filter(|_| is_code);
        number.map(Self).ok_or(FieldError::new("otp", "must be six digits"))
    }

    /// The digits: for the one mail that tells them, and for hashing.
    pub fn expose(&self) -> Zeroizing<String> {
        Zeroizing::new(format!("{:06}", self.0))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop_assert_eq, proptest};

    use super::*;

    #[test]
    fn the_bytes_that_would_favor_some_codes_come_to_none() {
        let digits = |number: u32| SignInCode::draw(number.to_be_bytes()).map(|code| code.expose().to_string());
        assert_eq!(digits(0).as_deref(), Some("000000"));
        assert_eq!(digits(999_999).as_deref(), Some("999999"));
        assert_eq!(digits(1_000_007).as_deref(), Some("000007"));
        assert_eq!(digits(4_293_999_999).as_deref(), Some("999999"), "the last code of the last whole million");
        for number in [4_294_000_000, u32::MAX] {
            assert_eq!(digits(number), None, "{number}");
        }
    }

    #[test]
    fn a_code_is_six_digits_and_nothing_else() {
        for text in ["", "12345", "1234567", "12345a", "+12345", " 12345", "12 456", "１２３４５６", "-00001", "0x1234"]
        {
            assert_eq!(SignInCode::parse(text).err().map(|error| error.field), Some("otp"), "{text:?}");
        }
    }

    proptest! {
        #![proptest_config(crate::laws::config())]

        #[test]
        fn what_is_mailed_can_be_typed(number in 0_u32..4_294_000_000) {
            let drawn = SignInCode::draw(number.to_be_bytes()).unwrap();
            let typed = SignInCode::parse(&drawn.expose()).unwrap();
            prop_assert_eq!(drawn.0, typed.0);
        }
    }
}
