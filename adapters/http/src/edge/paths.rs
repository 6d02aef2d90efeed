//! Which paths there are, and with which methods: read off the document, so that the two cannot differ.

use std::collections::HashMap;

use poem::http::{HeaderValue, Method};

use crate::docs::{DOCUMENT_PATH, PAGES};
use crate::document::Document;

/// The paths of the JWKS: its own and its aliases'.
pub(super) const JWKS_PATHS: [&str; 3] = ["/.well-known/jwks.json", "/auth/jwks", "/jwks.json"];

/// Whether the JWKS is at `path`.
pub(super) fn is_jwks(path: &str) -> bool {
    JWKS_PATHS.contains(&path)
}

/// Every path with its methods.
pub(crate) struct PathTable {
    /// Those that are one path each.
    fixed: HashMap<String, Methods>,
    /// Those with parameters, such as `/admin/users/{id}`.
    templates: Vec<(String, Methods)>,
}

struct Methods {
    names: Vec<String>,
    allow: HeaderValue,
}

/// What there is for a request.
pub(super) enum Found<'a> {
    /// No such path.
    Nothing,
    /// The path, but not the method; what `Allow` says.
    WrongMethod(&'a HeaderValue),
    /// An operation at this path.
    Operation(&'a str),
}

impl Found<'_> {
    /// The path as the metrics name it: those that do not exist are one.
    pub(super) const fn route(&self) -> &str {
        match self {
            Self::Operation(route) => route,
            Self::Nothing => "none",
            Self::WrongMethod(_) => "wrong_method",
        }
    }
}

impl PathTable {
    /// The paths of the document, and those of the pages for people.
    pub(crate) fn of(document: &Document) -> Self {
        let pages = ["/", "/docs", PAGES, DOCUMENT_PATH].map(|path| (path.to_owned(), vec!["GET".to_owned()]));
        let table = document.paths().into_iter().chain(pages).map(|(path, names)| (path, Methods::of(names)));
        let (templates, fixed): (Vec<_>, Vec<_>) = table.partition(|(path, _)| path.contains('{'));
        Self { fixed: fixed.into_iter().collect(), templates }
    }

    /// What there is at `path` for `method`. Everything below the pages is theirs.
    pub(super) fn find(&self, path: &str, method: &Method) -> Found<'_> {
        let path = if path.starts_with(PAGES) { PAGES } else { path };
        match self.entry(path) {
            None => Found::Nothing,
            Some((route, methods)) if methods.names.iter().any(|name| name == method.as_str()) => {
                Found::Operation(route)
            }
            Some((_, methods)) => Found::WrongMethod(&methods.allow),
        }
    }

    fn entry(&self, path: &str) -> Option<(&String, &Methods)> {
        self.fixed.get_key_value(path).or_else(|| {
            let found = self.templates.iter().find(|(template, _)| fits(template, path))?;
            Some((&found.0, &found.1))
        })
    }
}

/// Whether `path` is one of those that `template` stands for: a parameter is one segment that is not empty.
fn fits(template: &str, path: &str) -> bool {
    let mut given = path.split('/');
    let all_fit = template.split('/').all(|expected| {
        let is_parameter = expected.starts_with('{');
        given.next().is_some_and(|segment| if is_parameter { !segment.is_empty() } else { segment == expected })
    });
    all_fit && given.next().is_none()
}

impl Methods {
    fn of(mut names: Vec<String>) -> Self {
        if names.iter().any(|name| name == "GET") {
            names.push("HEAD".to_owned());
        }
        names.sort_unstable();
        let allow = HeaderValue::from_str(&names.join(", ")).expect("names of methods are visible ASCII");
        Self { names, allow }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_is_one_segment() {
        for path in ["/admin/users/7", "/admin/users/x", "/admin/users/%2F", "/admin/users/{id}"] {
            assert!(fits("/admin/users/{id}", path), "{path}");
        }
        for path in
            ["/admin/users", "/admin/users/", "/admin/users/7/", "/admin/users/7/x", "//users/7", "/admin/keys/7"]
        {
            assert!(!fits("/admin/users/{id}", path), "{path}");
        }
        assert!(fits("/admin/keys/{kid}/revoke", "/admin/keys/a/revoke"));
        assert!(!fits("/admin/keys/{kid}/revoke", "/admin/keys//revoke"));
    }
}
