//! The error of a value that someone gave and that cannot be taken.

use std::borrow::Cow;

/// A field that does not hold what it must.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field} {problem}")]
pub struct FieldError {
    /// The field as the caller knows it.
    pub field: &'static str,
    /// What is wrong, worded to follow the name of the field. Never holds the value.
    pub problem: Cow<'static, str>,
}

impl FieldError {
    /// The error of `field`.
    pub const fn new(field: &'static str, problem: &'static str) -> Self {
        Self { field, problem: Cow::Borrowed(problem) }
    }
}
