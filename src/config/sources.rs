//! Where settings come from: flags, then the environment, then `.env`, then `jwksd.toml`; the first that names an option wins.
//! Within one of them the option's own name wins over its aliases.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::options::{self, OPTIONS};
use super::table::{AliasForm, OptionRow};

/// The configuration file, looked for in the working directory.
pub(super) const FILE_NAME: &str = "jwksd.toml";
/// The file of variables, looked for in the working directory.
pub(super) const DOT_ENV: &str = ".env";

/// What flags set, by the name of the option.
pub type Flags = BTreeMap<&'static str, Zeroizing<String>>;

/// What the process finds around itself.
pub struct Surroundings {
    /// The environment.
    pub variables: Vec<(OsString, OsString)>,
    /// The working directory.
    pub folder: PathBuf,
}

/// Where a setting was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A flag.
    Flag,
    /// This variable of the environment.
    Environment(String),
    /// This variable of `.env`.
    DotEnv(String),
    /// `jwksd.toml`.
    File,
    /// Nowhere: the default holds.
    Default,
}

/// A value as it was found.
#[derive(Clone)]
pub(super) struct Setting {
    /// The value, in the form of the option's own name.
    pub text: Zeroizing<String>,
    /// The value as somebody wrote it, for messages.
    pub written: Zeroizing<String>,
    /// In which form that is.
    pub form: AliasForm,
    /// Where it was found.
    pub source: Source,
}

/// What is set, by the name of the option.
pub(super) type Settings = BTreeMap<&'static str, Setting>;

impl Setting {
    /// What was written in the form of the option's own name.
    pub(super) fn plain(text: Zeroizing<String>, source: Source) -> Self {
        Self { written: text.clone(), text, form: AliasForm::Same, source }
    }
}

impl Surroundings {
    /// Those of this process.
    ///
    /// # Errors
    /// Fails where the working directory is gone.
    pub fn of_process() -> io::Result<Self> {
        Ok(Self { variables: std::env::vars_os().collect(), folder: std::env::current_dir()? })
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag => f.write_str("a flag"),
            Self::Environment(name) => write!(f, "{name} in the environment"),
            Self::DotEnv(name) => write!(f, "{name} in {DOT_ENV}"),
            Self::File => f.write_str(FILE_NAME),
            Self::Default => f.write_str("default"),
        }
    }
}

impl AliasForm {
    /// The value as the option's own name would carry it.
    fn canonical(self, text: &str) -> String {
        match self {
            Self::Same => text.to_owned(),
            Self::Port => format!("127.0.0.1:{text}"),
            Self::Milliseconds => format!("{text}ms"),
        }
    }

    /// What is wrong with `text` already in this form, before the option has looked at it.
    pub(super) fn problem(self, text: &str) -> Option<&'static str> {
        match self {
            Self::Same => None,
            Self::Port => text.parse::<u16>().is_err().then_some("is no port"),
            Self::Milliseconds => text.parse::<u64>().is_err().then_some("is no number of milliseconds"),
        }
    }
}

/// Gathers what is set. What cannot be read, and every name that no option has, is added to `problems`.
pub(super) fn gather(flags: Flags, surroundings: Surroundings, problems: &mut Vec<String>) -> Settings {
    let folder = surroundings.folder;
    let environment = Variables::of_environment(surroundings.variables);
    let dot_env = Variables::of_file(&folder.join(DOT_ENV), problems);
    let file = read_toml(&folder.join(FILE_NAME), problems);
    problems.extend(environment.strangers("the environment"));
    problems.extend(dot_env.strangers(DOT_ENV));

    let mut settings = Settings::new();
    for row in OPTIONS {
        let flag = flags.get(row.name).map(|text| Setting::plain(text.clone(), Source::Flag));
        let found = flag
            .or_else(|| environment.setting(row, Source::Environment))
            .or_else(|| dot_env.setting(row, Source::DotEnv))
            .or_else(|| file.get(row.name).map(|text| Setting::plain(text.clone(), Source::File)));
        settings.extend(found.map(|setting| (row.name, setting)));
    }
    settings
}

/// Variables with a value. One that is set to nothing counts as not set, as compose files leave it.
struct Variables(BTreeMap<String, Zeroizing<String>>);

impl Variables {
    fn of_environment(variables: Vec<(OsString, OsString)>) -> Self {
        let readable = variables.into_iter().filter_map(|(name, value)| {
            let value = Zeroizing::new(value.to_string_lossy().trim().to_owned());
            Some((name.into_string().ok()?, value))
        });
        Self(readable.filter(|(_, value)| !value.is_empty()).collect())
    }

    fn of_file(path: &Path, problems: &mut Vec<String>) -> Self {
        let iterator = match dotenvy::from_path_iter(path) {
            Ok(iterator) => iterator,
            Err(error) if error.not_found() => return Self(BTreeMap::new()),
            Err(error) => {
                problems.push(format!("{DOT_ENV} cannot be read: {error}"));
                return Self(BTreeMap::new());
            }
        };
        let mut variables = BTreeMap::new();
        for item in iterator {
            match item {
                Ok((name, value)) if !value.trim().is_empty() => {
                    variables.insert(name, Zeroizing::new(value.trim().to_owned()));
                }
                Ok(_) => {}
                // The error's own text would show the line, and with it what may be a secret.
                Err(_) => problems.push(format!("{DOT_ENV} has a line that is not NAME=value")),
            }
        }
        Self(variables)
    }

    fn setting(&self, row: &OptionRow, source: fn(String) -> Source) -> Option<Setting> {
        let mut set = row.variables().into_iter().filter_map(|(name, form)| {
            let written = self.0.get(&name)?.clone();
            Some(Setting { text: Zeroizing::new(form.canonical(&written)), written, form, source: source(name) })
        });
        set.next()
    }

    /// A problem for every `JWKSD_` variable that no option has.
    fn strangers(&self, place: &str) -> Vec<String> {
        let known: Vec<String> = OPTIONS.iter().map(OptionRow::variable).collect();
        let ours = self.0.iter().filter(|(name, value)| name.starts_with("JWKSD_") && !is_service_link(name, value));
        let strangers = ours.filter(|(name, _)| !known.contains(name));
        strangers.map(|(name, _)| format!("{name} in {place} is no option{}", suggestion(name, &known))).collect()
    }
}

/// Kubernetes puts the addresses of a service called `jwksd` into the environment of every container beside it.
fn is_service_link(name: &str, value: &str) -> bool {
    let rest = name.trim_start_matches("JWKSD_");
    rest.starts_with("SERVICE_HOST")
        || rest.starts_with("SERVICE_PORT")
        || (rest.starts_with("PORT") && (value.contains("://") || rest.contains("_TCP")))
}

fn read_toml(path: &Path, problems: &mut Vec<String>) -> BTreeMap<String, Zeroizing<String>> {
    let text = match fs::read_to_string(path) {
        Ok(text) => Zeroizing::new(text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return BTreeMap::new(),
        Err(error) => {
            problems.push(format!("{FILE_NAME} cannot be read: {error}"));
            return BTreeMap::new();
        }
    };
    let table = match text.parse::<toml::Table>() {
        Ok(table) => table,
        Err(error) => {
            let line = error.span().map_or(1, |span| text[..span.start].lines().count().max(1));
            problems.push(format!("{FILE_NAME}, line {line}: {}", error.message()));
            return BTreeMap::new();
        }
    };
    let known: Vec<String> = OPTIONS.iter().map(|row| row.name.to_owned()).collect();
    let mut settings = BTreeMap::new();
    for (name, value) in table {
        if options::find(&name).is_none() {
            problems.push(format!("{name} in {FILE_NAME} is no option{}", suggestion(&name, &known)));
        } else if let Some(text) = plain_text(&value) {
            settings.insert(name, Zeroizing::new(text));
        } else {
            problems.push(format!("{name} in {FILE_NAME} must be a string, a number, a boolean or a list of strings"));
        }
    }
    settings
}

fn plain_text(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Boolean(on) => Some(on.to_string()),
        toml::Value::Array(items) => {
            items.iter().map(plain_text).collect::<Option<Vec<_>>>().map(|texts| texts.join(","))
        }
        _ => None,
    }
}

fn suggestion(name: &str, known: &[String]) -> String {
    let scored = known.iter().map(|candidate| (strsim::jaro_winkler(name, candidate), candidate));
    match scored.max_by(|(left, _), (right, _)| left.total_cmp(right)) {
        Some((score, candidate)) if score > 0.8 => format!("; did you mean {candidate}?"),
        _ => String::new(),
    }
}
