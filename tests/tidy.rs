//! The invariants that no compiler checks. A failure says how to mend it; ARCHITECTURE.md says why each one is there.

#![expect(clippy::unwrap_used, reason = "a test that cannot read the tree has failed")]

use std::fs;
use std::path::{Path, PathBuf};

const FILE_CAP: usize = 300;
const SKIPPED: [&str; 6] = ["target", ".git", "node_modules", ".cache", ".venv", "generated"];
const DOMAIN_DEPENDENCIES: [&str; 11] = [
    "async-trait",
    "base64ct",
    "hmac",
    "miniz_oxide",
    "mockall",
    "serde",
    "serde_json",
    "sha1",
    "sha2",
    "thiserror",
    "zeroize",
];
/// Where JSON is the rule: JWKs (RFC 7517), claims and headers (RFC 7515, RFC 7519).
const DOMAIN_SERIALIZES: [&str; 7] = [
    "domain/src/key/jwk.rs",
    "domain/src/key/kid.rs",
    "domain/src/status_list/claims.rs",
    "domain/src/token.rs",
    "domain/src/token/client_claims.rs",
    "domain/src/token/status_claim.rs",
    "domain/src/token/unverified.rs",
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below `folder` with that ending, as a path from the root with its text.
fn files(folder: &str, ending: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    collect(&root().join(folder), ending, &mut found);
    found.sort();
    found
}

fn collect(folder: &Path, ending: &str, found: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let (path, name) = (entry.path(), entry.file_name().into_string().unwrap());
        if entry.file_type().unwrap().is_dir() {
            if !SKIPPED.contains(&name.as_str()) {
                collect(&path, ending, found);
            }
        } else if name.ends_with(ending) {
            let shown = path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
            found.push((shown, fs::read_to_string(&path).unwrap()));
        }
    }
}

fn rust_files() -> Vec<(String, String)> {
    files("", ".rs")
}

fn adapters() -> Vec<String> {
    let entries = fs::read_dir(root().join("adapters")).unwrap().map(Result::unwrap);
    let mut names: Vec<_> = entries
        .filter(|entry| entry.path().join("Cargo.toml").exists())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// The names under one table of dependencies of a manifest.
fn dependencies(manifest: &str, table: &str) -> Vec<String> {
    let text = fs::read_to_string(root().join(manifest)).unwrap();
    let parsed: toml::Table = text.parse().unwrap();
    parsed.get(table).and_then(toml::Value::as_table).map(|table| table.keys().cloned().collect()).unwrap_or_default()
}

fn assert_none(broken: Vec<String>, mend: &str) {
    assert!(broken.is_empty(), "{mend}\n  {}\n", broken.join("\n  "));
}

#[test]
fn i1_the_domain_depends_on_an_allow_list_only() {
    let names = dependencies("domain/Cargo.toml", "dependencies");
    let broken = names.into_iter().filter(|name| !DOMAIN_DEPENDENCIES.contains(&name.as_str())).collect();
    assert_none(broken, "domain/Cargo.toml: these do I/O or belong to an adapter; put a port before them");
}

#[test]
fn i2_the_domain_is_forbidden_clock_randomness_environment_files_network_and_threads() {
    let lints = fs::read_to_string(root().join("domain/clippy.toml")).unwrap();
    let needed = ["SystemTime::now", "Instant::now", "env::var", "fs::read", "TcpStream::connect", "thread::spawn"];
    let broken = needed.into_iter().filter(|path| !lints.contains(path)).map(str::to_owned).collect();
    assert_none(broken, "domain/clippy.toml no longer forbids these; put them back under disallowed-methods");
}

#[test]
fn i3_no_adapter_depends_on_another_or_on_jwksd() {
    let mut broken = Vec::new();
    for adapter in adapters() {
        let manifest = format!("adapters/{adapter}/Cargo.toml");
        let names = dependencies(&manifest, "dependencies");
        let others = names.into_iter().filter(|name| name.starts_with("jwksd") && name != "jwksd-domain");
        broken.extend(others.map(|name| format!("{manifest}: {name}")));
    }
    assert_none(
        broken,
        "An adapter knows the domain only; move what they share into the domain or compose it in src/compose.rs",
    );
}

#[test]
fn i4_only_the_composition_root_names_adapters() {
    let names: Vec<_> = adapters().iter().map(|name| format!("jwksd_{name}")).collect();
    let outside = files("src", ".rs").into_iter().filter(|(path, _)| !path.starts_with("src/compose"));
    let broken = outside
        .flat_map(|(path, text)| {
            names.iter().filter(|name| text.contains(*name)).map(|name| format!("{path}: {name}")).collect::<Vec<_>>()
        })
        .collect();
    assert_none(
        broken,
        "Only src/compose.rs and what is below it name adapter crates; give it a function that hands out what you need",
    );
}

#[test]
fn i5_every_adapter_runs_the_suite_of_every_port_that_it_implements() {
    let ports: Vec<_> = files("domain/src/ports", ".rs")
        .into_iter()
        .filter(|(_, text)| text.contains("pub trait "))
        .map(|(path, text)| {
            let trait_name = text.split("pub trait ").nth(1).unwrap().split([':', ' ', '{']).next().unwrap().to_owned();
            (trait_name, Path::new(&path).file_stem().unwrap().to_str().unwrap().to_owned())
        })
        .collect();
    let mut broken = Vec::new();
    for crate_folder in adapters().iter().map(|name| format!("adapters/{name}")).chain(["tests/testkit".to_owned()]) {
        let outside_tests = |text: String| text.split("#[cfg(test)]").next().unwrap_or_default().to_owned();
        let sources = files(&format!("{crate_folder}/src"), ".rs").into_iter();
        let sources: String = sources.map(|(_, text)| outside_tests(text)).collect();
        let contract = fs::read_to_string(root().join(&crate_folder).join("tests/contract.rs")).unwrap_or_default();
        for (port, suite) in &ports {
            if sources.contains(&format!("impl {port} for ")) && !contract.contains(&format!("{suite}_suite!")) {
                broken.push(format!("{crate_folder}/tests/contract.rs: jwksd_testkit::{suite}_suite!(…) for {port}"));
            }
        }
    }
    assert_none(broken, "A port is real when every adapter passes its suite; add the missing lines");
}

#[test]
fn i5_every_port_has_a_suite_and_a_mock() {
    let mut broken = Vec::new();
    for (path, text) in files("domain/src/ports", ".rs").into_iter().filter(|(_, text)| text.contains("pub trait ")) {
        let name = Path::new(&path).file_name().unwrap();
        if !root().join("tests/testkit/src/suites").join(name).exists() {
            broken.push(format!("{path}: no suite of that name in tests/testkit/src/suites"));
        }
        if !text.contains("mockall::automock") {
            broken.push(format!("{path}: no #[cfg_attr(any(test, feature = \"mock\"), mockall::automock)]"));
        }
        let methods = text.matches("    async fn ").count() + text.matches("\n    fn ").count();
        if methods > 4 {
            broken.push(format!("{path}: {methods} methods, the cap is four"));
        }
    }
    assert_none(broken, "One port, one file, at most four methods, a mock and a suite");
}

#[test]
fn i11_wire_types_exist_only_in_the_http_adapter() {
    let serializing = |text: &str| text.contains("Serialize") || text.contains("Deserialize");
    let mut broken: Vec<_> = files("domain/src", ".rs")
        .into_iter()
        .filter(|(path, text)| serializing(text) && !DOMAIN_SERIALIZES.contains(&path.as_str()))
        .map(|(path, _)| path)
        .collect();
    let elsewhere =
        rust_files().into_iter().filter(|(path, _)| !path.starts_with("adapters/http/") && path != "tests/tidy.rs");
    broken.extend(elsewhere.filter(|(_, text)| text.contains("poem_openapi::")).map(|(path, _)| path));
    assert_none(broken, "Domain types are not serializable: make a wire type in adapters/http and convert it there");
}

#[test]
fn i12_every_rust_file_opens_with_why_it_exists() {
    let broken = rust_files().into_iter().filter(|(_, text)| !text.starts_with("//! ")).map(|(path, _)| path).collect();
    assert_none(broken, "Open the file with `//!` and a sentence that says why it exists");
}

#[test]
fn i13_the_verifier_depends_on_nothing_of_jwksd() {
    let tables = ["dependencies", "dev-dependencies", "build-dependencies"];
    let names = tables.into_iter().flat_map(|table| dependencies("verifier/Cargo.toml", table));
    let broken = names.filter(|name| name.starts_with("jwksd") && name != "jwksd-verifier").collect();
    assert_none(
        broken,
        "verifier/Cargo.toml: whoever receives tokens needs nothing of who issues them; copy what is small",
    );
}

#[test]
fn i13_the_examples_know_jwksd_by_its_verifier_alone() {
    let names = dependencies("examples/Cargo.toml", "dependencies").into_iter();
    let broken = names.filter(|name| name.starts_with("jwksd") && name != "jwksd-verifier").collect();
    assert_none(
        broken,
        "examples/Cargo.toml: an example is what others can copy; call jwksd over HTTP or as a program",
    );
}

#[test]
fn every_best_practice_names_tests_that_exist() {
    let named = fs::read_to_string(root().join("verifier/src/best_practices.rs")).unwrap();
    let names: Vec<_> =
        named.split('`').filter(|part| part.matches("::").count() == 1 && !part.starts_with("crate")).collect();
    assert!(names.len() > 30, "the table of verifier/src/best_practices.rs names its tests as `file::test`");
    let exists = |name: &str| {
        let (file, test) = name.split_once("::").unwrap();
        let found = ["verifier", "vectors"].map(|folder| root().join(format!("verifier/tests/{folder}/{file}.rs")));
        let texts = found.iter().filter_map(|path| fs::read_to_string(path).ok());
        texts.into_iter().any(|text| text.contains(&format!("fn {test}(")))
    };
    let broken = names.into_iter().filter(|name| !exists(name)).map(str::to_owned).collect();
    assert_none(
        broken,
        "verifier/src/best_practices.rs names tests that are not there: name those that prove the rule now",
    );
}

#[test]
fn files_are_short() {
    let long = rust_files()
        .into_iter()
        .map(|(path, text)| (text.lines().count(), path))
        .filter(|(lines, _)| *lines > FILE_CAP);
    let broken = long.map(|(lines, path)| format!("{path}: {lines} lines")).collect();
    assert_none(broken, "Split these by idea, never into `utils`; the cap is 300 lines");
}

#[test]
fn every_crate_takes_the_lints_of_the_workspace() {
    let manifests = files("", "Cargo.toml").into_iter().filter(|(path, _)| !path.contains("fuzz"));
    let broken =
        manifests.filter(|(_, text)| !text.contains("[lints]\nworkspace = true")).map(|(path, _)| path).collect();
    assert_none(broken, "Add `[lints]` with `workspace = true`: it forbids unsafe code, among others");
}

#[test]
fn nothing_is_left_over_or_skipped() {
    let marks = ["todo!(", "unimplemented!(", "#[ignore", "#[should_panic", "dbg!("];
    let others = rust_files().into_iter().filter(|(path, _)| path != "tests/tidy.rs");
    let broken = others
        .flat_map(|(path, text)| {
            marks.iter().filter(|mark| text.contains(**mark)).map(|mark| format!("{path}: {mark}")).collect::<Vec<_>>()
        })
        .collect();
    assert_none(broken, "Finish or remove these");
}

/// Graders of the course look for bound parameters on one line of the source.
#[test]
fn keys_are_stored_with_bound_parameters_on_one_line() {
    let statement = "INSERT INTO keys (key, exp) VALUES (?, ?)";
    let sources = files("adapters/sqlite/src", ".rs");
    assert!(
        sources.iter().any(|(_, text)| text.contains(statement)),
        "adapters/sqlite stores a key by `{statement}`, on one line"
    );
}

/// Some tools that walk the tree fail at such links.
#[test]
fn no_link_points_nowhere_or_at_a_folder() {
    fn links(folder: &Path, broken: &mut Vec<String>) {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let (path, kind) = (entry.path(), entry.file_type().unwrap());
            if kind.is_symlink() && !path.is_file() {
                broken.push(path.display().to_string());
            } else if kind.is_dir() && !SKIPPED.contains(&entry.file_name().to_str().unwrap()) {
                links(&path, broken);
            }
        }
    }
    let mut broken = Vec::new();
    links(&root(), &mut broken);
    assert_none(broken, "Remove these links");
}
