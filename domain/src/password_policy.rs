//! Which passwords may be chosen (NIST SP 800-63B-4 section 3.1.1.2): long enough, and not among the commonest. Nothing is said
//! of digits or capitals.

use crate::field::FieldError;
use crate::user::Password;

/// The shortest that the shortest password may be made, in characters (section 3.1.1.2: eight where a second factor is asked for).
pub const PASSWORD_MIN: usize = 8;
/// The longest that it may be made: passwords of 64 characters must be allowed.
pub const PASSWORD_MIN_MAX: usize = 64;
/// The longest password, in characters.
pub const PASSWORD_MAX: usize = 128;

/// Those of the 20,000 commonest passwords that have eight characters or more, sorted, in lower case: from the list that Royce
/// Williams made of leaked ones, as Django ships it.
const COMMON: &str = include_str!("common_passwords.txt");

/// Which passwords may be chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PasswordPolicy {
    /// The shortest, in characters; from [`PASSWORD_MIN`] to [`PASSWORD_MIN_MAX`].
    pub min_length: usize,
}

impl PasswordPolicy {
    /// Checks a password that someone chooses for the user of this name.
    ///
    /// # Errors
    /// Names the field `password` where it is too short, too long, among the commonest, or the name itself.
    pub fn check(self, password: &Password, username: &str) -> Result<(), FieldError> {
        let wrong = |why| Err(FieldError::new("password", why));
        match password.expose().chars().count() {
            n if n < self.min_length => {
                let problem = format!("must have at least {} characters", self.min_length).into();
                return Err(FieldError { field: "password", problem });
            }
            n if n > PASSWORD_MAX => return wrong("must have at most 128 characters"),
            _ => {}
        }
        let folded = zeroize::Zeroizing::new(password.expose().to_lowercase());
        if COMMON.lines().any(|common| common == folded.as_str()) {
            return wrong("is one of the commonest passwords");
        }
        if folded.eq_ignore_ascii_case(username) {
            return wrong("must not be the user name");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> Result<(), FieldError> {
        check_with(PASSWORD_MIN, text)
    }

    fn check_with(min_length: usize, text: &str) -> Result<(), FieldError> {
        PasswordPolicy { min_length }.check(&Password::parse(text.to_owned()).unwrap(), "jane.doe")
    }

    #[test]
    fn only_length_and_commonness_count() {
        assert!(check("seven77").unwrap_err().problem.contains("at least 8"));
        assert!(check(&"ä".repeat(129)).unwrap_err().problem.contains("at most 128"));
        assert!(check("PassWord").unwrap_err().problem.contains("commonest"));
        assert!(check("Jane.Doe").unwrap_err().problem.contains("user name"));
        assert_eq!(check("correct horse"), Ok(()));
        assert_eq!(check(&"ä".repeat(128)), Ok(()));
    }

    #[test]
    fn the_shortest_is_as_long_as_it_was_made() {
        let fourteen = check_with(15, "correct horses").unwrap_err();
        assert_eq!((fourteen.field, &*fourteen.problem), ("password", "must have at least 15 characters"));
        assert_eq!(check_with(15, "correct horses!"), Ok(()));
    }
}
