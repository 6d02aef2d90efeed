//! The encryption key: kept where nobody else reads it, never replaced, and found wrong before anything is written.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::sandbox::{DATABASE, KEY, OTHER_KEY, Sandbox};

fn key_file() -> String {
    format!("{DATABASE}.key")
}

/// The kids of the database, in the order of their making.
fn kids(sandbox: &Sandbox) -> Vec<String> {
    let listed = sandbox.answer(&["keys", "list", "--output", "json"]);
    let listed: serde_json::Value = serde_json::from_str(&listed).unwrap();
    listed.as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn dev_makes_a_key_once_and_keeps_it_to_itself() {
    let sandbox = Sandbox::new();
    let server = sandbox.serve(&[]);
    assert!(server.log().contains(&key_file()), "the banner says where it lies: {}", server.log());
    server.stop();
    let mode = fs::metadata(sandbox.path(&key_file())).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let (key, kids_before) = (fs::read(sandbox.path(&key_file())).unwrap(), kids(&sandbox));
    sandbox.serve(&[]).stop();
    assert_eq!(fs::read(sandbox.path(&key_file())).unwrap(), key);
    assert_eq!(kids(&sandbox), kids_before, "a second start makes no keys");
}

#[test]
fn a_key_that_is_configured_is_written_nowhere() {
    let sandbox = Sandbox::new().with("NOT_MY_KEY", KEY);
    let server = sandbox.serve(&[]);
    assert!(!server.log().contains(KEY));
    server.stop();
    assert!(!sandbox.path(&key_file()).exists());
}

#[test]
fn a_wrong_key_is_told_and_nothing_is_written() {
    let sandbox = Sandbox::new();
    sandbox.serve(&["--encryption-key", KEY]).stop();
    let (files, bytes) = (sandbox.files(), fs::read(sandbox.path(DATABASE)).unwrap());
    let ended = sandbox.run(&["--listen", "127.0.0.1:0", "--encryption-key", OTHER_KEY]);
    ended.failed(1, 1).saying("wrong encryption key");
    assert_eq!(fs::read(sandbox.path(DATABASE)).unwrap(), bytes);
    assert_eq!(sandbox.files(), files);
    sandbox.serve(&["--encryption-key", OTHER_KEY, "--encryption-key-previous", KEY]).stop();
}

#[test]
fn a_lost_key_file_is_told_and_not_replaced() {
    let sandbox = Sandbox::new();
    sandbox.serve(&[]).stop();
    fs::remove_file(sandbox.path(&key_file())).unwrap();
    let bytes = fs::read(sandbox.path(DATABASE)).unwrap();
    sandbox.run(&["--listen", "127.0.0.1:0"]).failed(1, 1).saying(&key_file());
    assert!(!sandbox.path(&key_file()).exists());
    assert_eq!(fs::read(sandbox.path(DATABASE)).unwrap(), bytes);
}

#[test]
fn a_damaged_key_file_is_told_before_a_database_is_made() {
    let sandbox = Sandbox::new();
    sandbox.write(&key_file(), "nonsense\n");
    sandbox.run(&["--listen", "127.0.0.1:0"]).failed(1, 1).saying(&key_file());
    assert_eq!(sandbox.files(), [key_file()]);
}

#[test]
fn a_key_file_that_others_read_is_a_warning() {
    let sandbox = Sandbox::new();
    sandbox.serve(&[]).stop();
    fs::set_permissions(sandbox.path(&key_file()), fs::Permissions::from_mode(0o644)).unwrap();
    assert!(sandbox.serve(&[]).log().contains("chmod 600"));
}
