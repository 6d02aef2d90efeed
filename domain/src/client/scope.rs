//! Scopes, as clients are allowed and ask for them (RFC 6749 section 3.3).

use std::collections::BTreeSet;
use std::fmt;

use crate::field::FieldError;

/// The most scopes of a client.
pub const SCOPES_MAX: usize = 32;
const SCOPE_MAX: usize = 64;

/// One scope: 1 to 64 printable ASCII characters but the space, the quotation mark and the backslash.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Scope(String);

impl Scope {
    /// Checks a scope.
    ///
    /// # Errors
    /// Names the field `scopes` where it is empty, too long, or has a character that is not allowed.
    pub fn parse(text: &str) -> Result<Self, FieldError> {
        let wrong = |why| Err(FieldError::new("scopes", why));
        match text.len() {
            0 => wrong("must not be empty"),
            n if n > SCOPE_MAX => wrong("must have at most 64 characters each"),
            _ if !text.chars().all(|c| c.is_ascii_graphic() && !"\"\\".contains(c)) => {
                wrong("may have printable ASCII characters only, without spaces, quotes and backslashes")
            }
            _ => Ok(Self(text.to_owned())),
        }
    }

    /// The scope.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A set of scopes, in the order of their bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScopeSet(BTreeSet<Scope>);

impl ScopeSet {
    /// The set of these scopes.
    ///
    /// # Errors
    /// Names the field `scopes` where one is malformed or there are more than 32.
    pub fn of<'a>(scopes: impl IntoIterator<Item = &'a str>) -> Result<Self, FieldError> {
        let scopes = scopes.into_iter().map(Scope::parse).collect::<Result<BTreeSet<_>, _>>()?;
        match scopes.len() {
            n if n > SCOPES_MAX => Err(FieldError::new("scopes", "must be at most 32")),
            _ => Ok(Self(scopes)),
        }
    }

    /// The set that a text of scopes with single spaces between them stands for.
    ///
    /// # Errors
    /// Those of [`ScopeSet::of`].
    pub fn parse(text: &str) -> Result<Self, FieldError> {
        Self::of(text.split(' '))
    }

    /// Whether all of `other` are among them.
    pub fn includes(&self, other: &Self) -> bool {
        other.0.is_subset(&self.0)
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(Scope::as_str)
    }
}

impl fmt::Display for ScopeSet {
    /// With single spaces between them, as a token carries them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, scope) in self.iter().enumerate() {
            write!(f, "{}{scope}", if i == 0 { "" } else { " " })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_has_no_order_and_no_doubles() {
        let set = ScopeSet::parse("write read write").unwrap();
        assert_eq!(set, ScopeSet::of(["read", "write"]).unwrap());
        assert_eq!(set.to_string(), "read write");
        assert!(set.includes(&ScopeSet::parse("read").unwrap()) && !set.includes(&ScopeSet::parse("admin").unwrap()));
    }

    #[test]
    fn what_is_no_scope_is_refused() {
        for text in ["", " ", "read ", "read  write", "re\"ad", "re\\ad", "ré", "read\twrite", &"a".repeat(65)] {
            assert!(ScopeSet::parse(text).is_err(), "{text:?}");
        }
        let many: Vec<_> = (0..33).map(|n| n.to_string()).collect();
        assert!(ScopeSet::of(many.iter().map(String::as_str)).is_err());
        assert!(ScopeSet::of(many[..32].iter().map(String::as_str)).is_ok());
    }
}
