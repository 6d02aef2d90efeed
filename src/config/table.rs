//! What is to be known of an option; `options.rs` has one row of this for each.

/// How a value is written where another name than the option's own carries it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AliasForm {
    /// As under the option's own name.
    Same,
    /// A port alone.
    Port,
    /// A number of milliseconds.
    Milliseconds,
}

/// A variable under which other systems know the option.
#[derive(Clone, Copy, Debug)]
pub struct Alias {
    /// The name of the variable.
    pub variable: &'static str,
    /// How it writes the value.
    pub form: AliasForm,
}

/// What kind of option it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Takes a value.
    Value,
    /// Takes a value that is never shown.
    Secret,
    /// Is on or off; as a flag it takes no value.
    Switch,
    /// Belongs to something that this version does not have: known by name, refused when set.
    Unsupported,
}

/// What holds where the option is not set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DefaultValue {
    /// This value.
    Same(&'static str),
    /// A value for each profile.
    PerProfile {
        /// In the dev profile.
        dev: &'static str,
        /// In the prod profile.
        prod: &'static str,
    },
    /// Nothing, or something that only the start can know; said in words.
    Described(&'static str),
}

/// One option.
#[derive(Clone, Copy, Debug)]
pub struct OptionRow {
    /// The name: `--name` as a flag, `name` in `jwksd.toml`, `JWKSD_NAME` in the environment.
    pub name: &'static str,
    /// Other variables that set it, looked at in this order after its own.
    pub aliases: &'static [Alias],
    /// What kind of option it is.
    pub kind: Kind,
    /// What stands for the value in `--help`.
    pub value_name: &'static str,
    /// What holds where it is not set.
    pub default: DefaultValue,
    /// What it is for.
    pub help: &'static str,
}

impl OptionRow {
    /// The variable of the option's own name.
    pub fn variable(&self) -> String {
        format!("JWKSD_{}", self.name.replace('-', "_").to_ascii_uppercase())
    }

    /// Every variable that sets the option, its own first.
    pub fn variables(&self) -> Vec<(String, AliasForm)> {
        let own = (self.variable(), AliasForm::Same);
        let aliases = self.aliases.iter().map(|alias| (alias.variable.to_owned(), alias.form));
        std::iter::once(own).chain(aliases).collect()
    }

    /// Whether `--help` and `jwksd config` show it.
    pub fn is_offered(&self) -> bool {
        self.kind != Kind::Unsupported
    }
}

#[cfg(test)]
mod tests {
    use super::super::options;

    #[test]
    fn the_variable_is_made_of_the_name() {
        assert_eq!(options::find("access-token-ttl").unwrap().variable(), "JWKSD_ACCESS_TOKEN_TTL");
    }
}
