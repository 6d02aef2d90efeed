//! What is said of the program by itself, and how it ends where it is called wrongly.

use crate::sandbox::Sandbox;

#[test]
fn help_lists_every_option_with_its_default_and_its_variables() {
    let help = Sandbox::new().answer(&["--help"]);
    let parts = [
        "--listen <ADDRESS:PORT>",
        "JWKSD_LISTEN, PORT, JWKPORT",
        "127.0.0.1:8080",
        "JWKSD_ENCRYPTION_KEY, NOT_MY_KEY, HOT_KEY",
        "dev 1h, prod 30d",
        "--auth-rate-limit",
        "burst=10,every=1s",
        "completions",
    ];
    let unfolded = help.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in parts {
        assert!(unfolded.contains(part), "{part:?} is not in: {help}");
    }
    assert!(!help.contains("--redis-url"), "what this version has not is not offered");
}

#[test]
fn the_version_is_told() {
    assert_eq!(Sandbox::new().answer(&["--version"]), format!("jwksd {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn completions_are_written_for_a_shell() {
    assert!(Sandbox::new().answer(&["completions", "bash"]).contains("--access-token-ttl"));
}

#[test]
fn bad_usage_ends_with_two_and_in_one_line() {
    let sandbox = Sandbox::new();
    for arguments in [
        &["--no-such-option"][..],
        &["no-such-command"],
        &["users", "add"],
        &["users", "set-role", "bob", "king"],
        &["token", "mint"],
        &["token", "mint", "--user", "bob", "--ttl", "soon"],
        &["token", "verify", "--jwks", "-"],
        &["--listen", "nowhere"],
    ] {
        sandbox.run(arguments).failed(2, 1);
    }
    assert_eq!(sandbox.files(), Vec::<String>::new(), "bad usage leaves nothing behind");
}

#[test]
fn a_group_without_a_subcommand_names_those_that_there_are() {
    let sandbox = Sandbox::new();
    for (group, subcommand) in
        [("users", "set-role"), ("clients", "add"), ("keys", "rotate"), ("token", "verify"), ("lab", "check")]
    {
        let ended = sandbox.run(&[group]);
        ended.failed(2, 1).saying(&format!("jwksd {group}")).saying(subcommand);
        assert_eq!(ended.out, "");
    }
}

#[test]
fn what_cannot_be_done_ends_with_one_and_in_one_line() {
    let sandbox = Sandbox::new();
    sandbox.run(&["users", "list"]).failed(1, 1).saying(crate::sandbox::DATABASE);
    sandbox.run(&["keys", "list", "--database-url", "memory:"]).failed(1, 1).saying("memory:");
    sandbox.run(&["token", "inspect", "nonsense"]).failed(1, 1);
    sandbox.run(&["serve", "--database-url", "sqlite:no/such/folder/a.db"]).failed(1, 1).saying("no/such/folder");
    assert_eq!(sandbox.files(), Vec::<String>::new(), "no database is made by looking for one");
}
