//! Users: names, addresses and passwords that were checked when they were made.

use std::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::field::FieldError;
pub use crate::role::{Role, UserState};
use crate::time::Timestamp;

/// The longest user name that can be registered, in characters.
pub const USERNAME_MAX: usize = 64;
/// The longest name that is looked up at a login, in bytes: more than was ever registered, bounded all the same.
pub const LOGIN_NAME_MAX: usize = 256;
/// The longest e-mail address, in bytes (RFC 5321 section 4.5.3.1.3, less the angle brackets).
pub const EMAIL_MAX: usize = 254;
/// The longest password that is hashed at a login, in bytes: 128 characters of UTF-8 fit.
pub const PASSWORD_BYTES_MAX: usize = 512;

/// The id of a user in the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserId(pub i64);

/// A name that may be registered: 1 to 64 of the ASCII letters, digits and `. _ - @ +`, so that no two names look alike.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Username(String);

impl Username {
    /// Checks a name.
    ///
    /// # Errors
    /// Names the field `username` where it is empty, too long, or has a character that is not allowed.
    pub fn parse(text: &str) -> Result<Self, FieldError> {
        let allowed = |c: char| c.is_ascii_alphanumeric() || "._-@+".contains(c);
        match text.chars().count() {
            0 => Err(FieldError::new("username", "must not be empty")),
            n if n > USERNAME_MAX => Err(FieldError::new("username", "must have at most 64 characters")),
            _ if !text.chars().all(allowed) => {
                Err(FieldError::new("username", "may have ASCII letters, digits and . _ - @ + only"))
            }
            _ => Ok(Self(text.to_owned())),
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A name that someone logs in with. Wider than [`Username`], since adopted databases may hold names that we would not register.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LoginName(String);

impl LoginName {
    /// Checks a name.
    ///
    /// # Errors
    /// Names the field `username` where it is empty, longer than 256 bytes, or has a control character.
    pub fn parse(text: &str) -> Result<Self, FieldError> {
        if text.is_empty() {
            return Err(FieldError::new("username", "must not be empty"));
        }
        if text.len() > LOGIN_NAME_MAX {
            return Err(FieldError::new("username", "must have at most 256 bytes"));
        }
        if text.chars().any(char::is_control) {
            return Err(FieldError::new("username", "must not have control characters"));
        }
        Ok(Self(text.to_owned()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&Username> for LoginName {
    fn from(name: &Username) -> Self {
        Self(name.0.clone())
    }
}

/// An e-mail address: one `@` between a local part and a domain, printable ASCII, at most 254 bytes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Email(String);

impl Email {
    /// Checks an address. Whether mail arrives there, only mail can tell.
    ///
    /// # Errors
    /// Names the field `email` where it is not an address.
    pub fn parse(text: &str) -> Result<Self, FieldError> {
        let wrong = |why| Err(FieldError::new("email", why));
        if text.len() > EMAIL_MAX {
            return wrong("must have at most 254 bytes");
        }
        if !text.chars().all(|c| c.is_ascii_graphic() && !"<>()[],;:\\\"".contains(c)) {
            return wrong("may have printable ASCII characters only, without spaces and brackets");
        }
        match text.split_once('@') {
            Some((local, domain)) if !local.is_empty() && is_domain(domain) => Ok(Self(text.to_owned())),
            _ => wrong("must look like name@example.com"),
        }
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_domain(text: &str) -> bool {
    let label = |l: &str| {
        let hyphen_outside = l.starts_with('-') || l.ends_with('-');
        !l.is_empty() && !hyphen_outside && l.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    text.split('.').all(label)
}

/// A password as someone gave it. Zeroed when dropped; has no `Debug`, no `Display` and no way into a log.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Password(String);

impl Password {
    /// Takes a password as given at a login: any that could have been registered.
    ///
    /// # Errors
    /// Names the field `password` where it is empty or longer than 512 bytes.
    pub fn parse(mut text: String) -> Result<Self, FieldError> {
        let wrong = match text.len() {
            0 => "must not be empty",
            n if n > PASSWORD_BYTES_MAX => "must have at most 512 bytes",
            _ => return Ok(Self(text)),
        };
        text.zeroize();
        Err(FieldError::new("password", wrong))
    }

    /// The password itself: for hashing, and for the one answer that shows a generated one.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// The hash of a password in PHC string format.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(pub String);

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

impl PasswordHash {
    /// The hash of no password, for a user who has none: it is not of any kind that can be checked.
    pub fn of_none() -> Self {
        Self("!".to_owned())
    }
}

/// A user that is to be added.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// The name.
    pub username: Username,
    /// The address, if one was given.
    pub email: Option<Email>,
    /// Whether it is known to be the user's: that mail arrived there, or an administrator vouches for it.
    pub email_verified: bool,
    /// The hash of the password.
    pub password_hash: PasswordHash,
    /// What the user may do.
    pub role: Role,
    /// When the user was added.
    pub registered_at: Timestamp,
    /// Whether the user is one of the demo users of the dev profile, which no other profile lets in.
    pub demo: bool,
}

/// A user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The id in the store, and the `sub` of the user's tokens.
    pub id: UserId,
    /// The name; a plain string, since adopted databases may hold any.
    pub username: String,
    /// The address, if there is one.
    pub email: Option<String>,
    /// Whether it is known to be the user's.
    pub email_verified: bool,
    /// The hash of the password.
    pub password_hash: PasswordHash,
    /// What the user may do.
    pub role: Role,
    /// Whether the user may log in.
    pub state: UserState,
    /// When the user was added, in whole seconds.
    pub registered_at: Timestamp,
    /// When the user last logged in, in whole seconds.
    pub last_login_at: Option<Timestamp>,
    /// Whether this is a demo user of the dev profile.
    pub demo: bool,
}

impl User {
    /// Whether the user may have tokens, where demo users are admitted or not: the one rule of every way to a token.
    pub fn is_admitted(&self, demo: DemoUsers) -> bool {
        self.state == UserState::Active && (!self.demo || demo == DemoUsers::Admitted)
    }

    /// Whether this is still the user that was `known`, in all that tokens say and depend on: the id, the name, the role, the
    /// state, and being a demo user.
    pub fn has_the_rights_of(&self, known: &Self) -> bool {
        let rights = |user: &Self| (user.id, user.role, user.state, user.demo);
        rights(self) == rights(known) && self.username == known.username
    }
}

/// Whether the demo users of the dev profile are let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DemoUsers {
    /// They are: the dev profile.
    Admitted,
    /// They are not, also where the database still has them.
    Refused,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_could_be_mistaken_are_refused() {
        for name in
            ["", " ", "аdmin", "ad\0min", "a b", "x'; DROP TABLE users;--", "ａdmin", "a\u{202e}b", &"a".repeat(65)]
        {
            assert!(Username::parse(name).is_err(), "{name:?}");
        }
        for name in ["a", "userABC", "jane.doe@example.com", "c8b5f3a0-8f0e-4c7e-9d56-0a1b2c3d4e5f", &"a".repeat(64)] {
            assert!(Username::parse(name).is_ok(), "{name:?}");
        }
    }

    #[test]
    fn addresses_have_two_parts() {
        for text in [
            "",
            "a",
            "a@",
            "@b",
            "a@b@c",
            "a b@c.de",
            "a@-b.de",
            "a@b..de",
            "a\r\nBcc: x@y.z",
            &format!("{}@b.de", "a".repeat(250)),
        ] {
            assert!(Email::parse(text).is_err(), "{text:?}");
        }
        for text in ["a@b", "first.last+tag@example.co.uk"] {
            assert!(Email::parse(text).is_ok(), "{text:?}");
        }
    }
}
