//! The token in the link that sets a password anew.

use base64ct::{Base64UrlUnpadded, Encoding};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::OtpId;

const ID: usize = 16;
const SECRET: usize = 32;
/// Where the token goes in the URL of the page.
const PLACE: &str = "{token}";

/// A token for setting a password anew: which code it is, and 256 random bits. Zeroed when dropped; has no `Debug`.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct ResetToken {
    #[zeroize(skip)]
    id: OtpId,
    secret: [u8; SECRET],
}

impl ResetToken {
    /// The token of these bytes, which must be random.
    pub const fn new(id: OtpId, random: [u8; SECRET]) -> Self {
        Self { id, secret: random }
    }

    /// Takes apart what somebody presents.
    pub fn parse(text: &str) -> Option<Self> {
        let mut bytes = Zeroizing::new([0; ID + SECRET]);
        let length = Base64UrlUnpadded::decode(text, &mut *bytes).ok()?.len();
        let (id, secret) = bytes.split_first_chunk::<ID>()?;
        let token = Self { id: OtpId::new(*id), secret: *secret.first_chunk()? };
        (length == ID + SECRET).then_some(token)
    }

    /// The token as its holder presents it: 64 characters of base64url.
    pub fn expose(&self) -> Zeroizing<String> {
        let bytes = Zeroizing::new([&self.id.bytes()[..], &self.secret].concat());
        Zeroizing::new(Base64UrlUnpadded::encode_string(&bytes))
    }

    /// Which code it is.
    pub const fn id(&self) -> OtpId {
        self.id
    }

    pub(super) const fn secret(&self) -> &[u8; SECRET] {
        &self.secret
    }
}

/// The page on which people set a password anew: a URL with `{token}` where the token goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResetPage(String);

impl ResetPage {
    /// Checks such a URL.
    ///
    /// # Errors
    /// Says what is wrong, worded to follow the text that was given.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let is_web = text.starts_with("https://") || text.starts_with("http://");
        if !is_web || !text.chars().all(|c| c.is_ascii_graphic()) {
            return Err("is no http or https URL");
        }
        match text.matches(PLACE).count() {
            1 => Ok(Self(text.to_owned())),
            _ => Err("must have {token} once, where the token goes"),
        }
    }

    /// The link for `token`, whose characters need no escaping in a URL.
    pub fn link(&self, token: &ResetToken) -> Zeroizing<String> {
        Zeroizing::new(self.0.replacen(PLACE, &token.expose(), 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token() -> ResetToken {
        ResetToken::new(OtpId::new([1; 16]), [0xff; 32])
    }

    #[test]
    fn what_is_written_is_read_and_nothing_else() {
        let given = token().expose();
        let read = ResetToken::parse(&given).unwrap();
        assert_eq!((read.id(), read.secret, given.len()), (OtpId::new([1; 16]), [0xff; 32], 64));
        let (longer, shorter) = (format!("{}AA", &*given), given[..62].to_owned());
        for text in ["", "x", "a.b.c", &longer, &shorter, &format!("{}==", &*given), &"A".repeat(100_000)] {
            assert!(ResetToken::parse(text).is_none(), "{text:.100}");
        }
    }

    #[test]
    fn a_page_has_one_place_for_the_token() {
        let page = ResetPage::parse("https://app.example.com/reset?token={token}#form").unwrap();
        assert_eq!(*page.link(&token()), format!("https://app.example.com/reset?token={}#form", &*token().expose()));
        for text in ["", "app.example.com/{token}", "javascript:{token}", "https://a/{token} ", "https://a/\n{token}"] {
            assert_eq!(ResetPage::parse(text), Err("is no http or https URL"), "{text:?}");
        }
        for text in ["https://app.example.com/reset", "https://a/{token}/{token}"] {
            assert!(ResetPage::parse(text).unwrap_err().contains("once"), "{text}");
        }
    }
}
