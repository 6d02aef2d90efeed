//! Users as an administrator handles them at the database.

use serde_json::Value;

use crate::sandbox::{DATABASE, Sandbox};

fn user(sandbox: &Sandbox, name: &str) -> Value {
    let listed: Value = serde_json::from_str(&sandbox.answer(&["users", "list", "--output", "json"])).unwrap();
    listed.as_array().unwrap().iter().find(|user| user["username"] == name).unwrap().clone()
}

#[test]
fn a_user_is_added_changed_and_shut_out() {
    let sandbox = Sandbox::new();
    let password = sandbox.answer(&["users", "add", "bob", "--email", "bob@example.com"]);
    assert_eq!(password.trim_end().len(), 36, "the password that was made is shown");
    let bob = user(&sandbox, "bob");
    assert_eq!((bob["role"].as_str(), bob["state"].as_str()), (Some("read"), Some("active")));
    assert_eq!(bob["email"], "bob@example.com");
    assert_eq!(sandbox.answer(&["users", "set-role", "bob", "admin"]), "");
    assert_eq!(sandbox.answer(&["users", "disable", "bob"]), "");
    let bob = user(&sandbox, "bob");
    assert_eq!((bob["role"].as_str(), bob["state"].as_str()), (Some("admin"), Some("disabled")));
    sandbox.answer(&["users", "enable", "bob"]);
    assert_eq!(user(&sandbox, "bob")["state"], "active");
    assert_ne!(sandbox.answer(&["users", "reset-password", "bob"]), password);
}

#[test]
fn a_password_is_read_from_standard_input_and_checked() {
    let sandbox = Sandbox::new();
    let add = |name, password| sandbox.run_with_input(&["users", "add", name, "--password-stdin"], password);
    add("eve", "password\n").failed(1, 1).saying("password");
    add("eve", "short\n").failed(1, 1).saying("password must have at least 8 characters");
    let ended = add("eve", "correct horse battery\n");
    assert_eq!((ended.code, ended.out.as_str(), ended.err.as_str()), (Some(0), "", ""));
    add("EVE", "correct horse battery\n").failed(1, 1).saying("username is taken");
}

#[test]
fn who_is_not_there_cannot_be_changed() {
    let sandbox = Sandbox::new();
    sandbox.answer(&["users", "add", "bob"]);
    for arguments in
        [&["users", "disable", "eve"][..], &["users", "set-role", "eve", "admin"], &["users", "reset-password", "eve"]]
    {
        sandbox.run(arguments).failed(1, 1).saying("there is no such user");
    }
    sandbox.run(&["users", "add", "no spaces"]).failed(1, 1).saying("username");
}

#[test]
fn a_running_server_knows_at_once() {
    let sandbox = Sandbox::new();
    let server = sandbox.serve(&[]);
    let password = sandbox.answer(&["users", "add", "bob"]);
    let login = format!(r#"{{"username":"bob","password":"{}"}}"#, password.trim_end());
    assert_eq!(server.ask("POST", "/auth", &login).0, 200);
    sandbox.answer(&["users", "disable", "bob"]);
    assert_eq!(server.ask("POST", "/auth", &login).0, 401);
    assert!(sandbox.path(DATABASE).exists());
}
