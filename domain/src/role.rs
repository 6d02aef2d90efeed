//! What users may do, and whether they may log in.

/// What a user may do. Each role may do what the ones before it may.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// May read. What a newly registered user is.
    #[default]
    Read,
    /// May read and write.
    Write,
    /// May administer jwksd itself.
    Admin,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 3] = [Self::Read, Self::Write, Self::Admin];

    /// The name of the role in tokens, tables and answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Admin => "admin",
        }
    }

    /// The role of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == name)
    }

    /// The scopes that the role carries, space-separated (RFC 6749 section 3.3).
    pub const fn scope(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "read write",
            Self::Admin => "read write admin",
        }
    }
}

/// Whether a user may log in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UserState {
    /// May log in.
    #[default]
    Active,
    /// May not log in until enabled again.
    Disabled,
}

impl UserState {
    /// The name of the state in tables and answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Disabled => "disabled",
        }
    }

    /// The state of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Active, Self::Disabled].into_iter().find(|state| state.as_str() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_includes_the_scopes_of_the_ones_before() {
        for pair in Role::ALL.windows(2) {
            assert!(pair[0] < pair[1] && pair[1].scope().starts_with(pair[0].scope()));
        }
    }
}
