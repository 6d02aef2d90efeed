//! Which paths there are, and with which methods: read off the document, so that the two cannot differ.

use std::collections::HashMap;

use poem::http::{HeaderValue, Method};

use crate::docs::{DOCUMENT_PATH, PAGES};
use crate::document::Document;

/// The paths of the JWKS: its own and its aliases'.
pub(super) const JWKS_PATHS: [&str; 3] = ["/.well-known/jwks.json", "/auth/jwks", "/jwks.json"];

/// The path of all status lists, and what those of each begin with.
const STATUS_LISTS: &str = "/status-lists";

/// Below this path are the key sets of the lab.
const LAB: &str = "/lab/jwks/";

/// Whether the JWKS is at `path`, or one of the lab.
pub(super) fn is_key_set(path: &str) -> bool {
    JWKS_PATHS.contains(&path) || path.starts_with(LAB)
}

/// Whether scripts of every origin may read what is at `path`: what verifiers need, and anybody may fetch.
pub(super) fn is_open_to_all(path: &str) -> bool {
    is_key_set(path) || path.strip_prefix(STATUS_LISTS).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Every path with its methods.
pub(crate) struct PathTable {
    exact: HashMap<String, Methods>,
    /// Those with parameters, such as `/admin/keys/{kid}/revoke`; one that is exact goes before them.
    templates: Vec<(String, Methods)>,
}

struct Methods {
    names: Vec<String>,
    allow: HeaderValue,
}

/// What there is for a request.
#[derive(Clone, Copy)]
pub(super) enum Found<'a> {
    /// No such path.
    Nothing,
    /// The path, but not the method; what `Allow` says.
    WrongMethod(&'a HeaderValue),
    /// An operation at this path.
    Operation(&'a str),
}

impl<'a> Found<'a> {
    /// The path as the metrics name it: those that do not exist are one.
    pub(super) const fn route(self) -> &'a str {
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
        let (templates, exact): (Vec<_>, Vec<_>) = table.partition(|(path, _)| path.contains('{'));
        Self { exact: exact.into_iter().collect(), templates }
    }

    /// What there is at `path` for `method`. Everything below the pages is theirs.
    pub(super) fn find(&self, path: &str, method: &Method) -> Found<'_> {
        let path = if path.starts_with(PAGES) { PAGES } else { path };
        let template = || self.templates.iter().find(|(template, _)| fits(template, path));
        match self.exact.get_key_value(path).or_else(|| template().map(|(route, methods)| (route, methods))) {
            None => Found::Nothing,
            Some((route, methods)) if methods.names.iter().any(|name| name == method.as_str()) => {
                Found::Operation(route)
            }
            Some((_, methods)) => Found::WrongMethod(&methods.allow),
        }
    }
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

/// Whether `path` is one of those that `template` stands for: each parameter is one segment that is not empty.
fn fits(template: &str, path: &str) -> bool {
    let (mut wanted, mut given) = (template.split('/'), path.split('/'));
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return true,
            (Some(parameter), Some(segment)) if parameter.starts_with('{') && !segment.is_empty() => {}
            (Some(name), Some(segment)) if name == segment => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn a_parameter_is_one_segment() {
        assert!(fits("/admin/keys/{kid}/revoke", "/admin/keys/abc/revoke"));
        for path in ["/admin/keys//revoke", "/admin/keys/a/b/revoke", "/admin/keys/abc", "/admin/keys/abc/revoke/"] {
            assert!(!fits("/admin/keys/{kid}/revoke", path), "{path}");
        }
    }
}
