//! What clients are called, and whom their tokens may be for.

use std::fmt;

use crate::field::FieldError;

/// The longest id of a client, in characters.
pub const CLIENT_ID_MAX: usize = 64;
const NAME_MAX: usize = 100;
const AUDIENCE_MAX: usize = 256;

/// The id of a client: 2 to 64 lower-case letters, digits and `. _ -`, the first of them a letter.
///
/// So it is never the id of a user, which is a number: the `sub` of a token tells the two apart (RFC 9068 section 5).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClientId(String);

impl ClientId {
    /// Checks an id.
    ///
    /// # Errors
    /// Names the field `client_id` where it is too short, too long, or has a character that is not allowed.
    pub fn parse(text: &str) -> Result<Self, FieldError> {
        let wrong = |why| Err(FieldError::new("client_id", why));
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c);
        match text.len() {
            0 | 1 => wrong("must have at least 2 characters"),
            n if n > CLIENT_ID_MAX => wrong("must have at most 64 characters"),
            _ if !text.starts_with(|c: char| c.is_ascii_lowercase()) => wrong("must begin with a lower-case letter"),
            _ if !text.chars().all(allowed) => wrong("may have lower-case ASCII letters, digits and . _ - only"),
            _ => Ok(Self(text.to_owned())),
        }
    }

    /// The id.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a client is, for people: 1 to 100 characters, none of them a control character.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientName(String);

impl ClientName {
    /// Checks a name.
    ///
    /// # Errors
    /// Names the field `name` where it is empty, too long, or has a control character.
    pub fn parse(text: &str) -> Result<Self, FieldError> {
        let wrong = |why| Err(FieldError::new("name", why));
        match text.chars().count() {
            0 => wrong("must not be empty"),
            n if n > NAME_MAX => wrong("must have at most 100 characters"),
            _ if text.chars().any(char::is_control) => wrong("must not have control characters"),
            _ => Ok(Self(text.to_owned())),
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whom a token is for (RFC 7519 section 4.1.3): a name or a URI of 1 to 256 printable ASCII characters, without a fragment
/// (RFC 8707 section 2).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Audience(String);

impl Audience {
    /// Checks an audience.
    ///
    /// # Errors
    /// Names the field `audiences` where it is empty, too long, or has a character that is not allowed.
    pub fn parse(text: &str) -> Result<Self, FieldError> {
        let wrong = |why| Err(FieldError::new("audiences", why));
        let allowed = |c: char| c.is_ascii_graphic() && !"\"\\#".contains(c);
        match text.len() {
            0 => wrong("must not be empty"),
            n if n > AUDIENCE_MAX => wrong("must have at most 256 characters each"),
            _ if !text.chars().all(allowed) => {
                wrong("may have printable ASCII characters only, without spaces, quotes, backslashes and #")
            }
            _ => Ok(Self(text.to_owned())),
        }
    }

    /// The audience.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_no_number_and_has_one_spelling() {
        for text in ["", "a", "1", "12", "1a", "-a", "Reports", "re ports", "ré", "a:b", "a\n", &"a".repeat(65)] {
            assert!(ClientId::parse(text).is_err(), "{text:?}");
        }
        for text in ["ab", "reports", "nightly-job.v2_x", &"a".repeat(64)] {
            assert_eq!(ClientId::parse(text).unwrap().as_str(), text);
        }
    }

    #[test]
    fn names_and_audiences_are_bounded() {
        assert!(ClientName::parse("").is_err() && ClientName::parse("a\u{7}").is_err());
        assert!(ClientName::parse(&"ü".repeat(101)).is_err() && ClientName::parse(&"ü".repeat(100)).is_ok());
        for text in ["", "https://a.example/#b", "a b", "é", "a\"b", &"a".repeat(257)] {
            assert!(Audience::parse(text).is_err(), "{text:?}");
        }
        assert!(Audience::parse("https://api.example.com/v1?x=1").is_ok() && Audience::parse("reports").is_ok());
    }
}
