//! Looking after keys on the command line, beside a server that runs.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use jwksd::compose::Stores;
use jwksd::config::{Config, Surroundings};
use jwksd_domain::key::EncryptionKeyId;
use jwksd_domain::ports::{Resealing, Sealed, SealedSecret};
use serde_json::Value;
use zeroize::Zeroizing;

use crate::sandbox::{DATABASE, KEY, OTHER_KEY, Sandbox, Server, within_patience};

fn listed(sandbox: &Sandbox) -> Vec<Value> {
    let listed: Value = serde_json::from_str(&sandbox.answer(&["keys", "list", "--output", "json"])).unwrap();
    listed.as_array().unwrap().clone()
}

fn in_state(sandbox: &Sandbox, state: &str) -> Vec<String> {
    let keys = listed(sandbox).into_iter().filter(|key| key["state"] == state);
    keys.map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

/// Waits until the JWKS of a server is as it should be.
fn publishes(server: &Server, is_so: impl Fn(&str) -> bool) {
    let told = || server.ask("GET", "/.well-known/jwks.json", "").1;
    assert!(within_patience(|| is_so(&told())), "{}", told());
}

/// Opens a session; answers its refresh token.
fn log_in(server: &Server) -> String {
    let (status, body) = server.ask("POST", "/auth/login", r#"{"username":"John","password":"testpass"}"#);
    assert_eq!(status, 200, "{body}");
    json(&body)["refresh_token"].as_str().unwrap().to_owned()
}

async fn stores(sandbox: &Sandbox) -> Stores {
    let url = format!("sqlite:{}", sandbox.path(DATABASE).display());
    let surroundings = Surroundings { variables: Vec::new(), folder: sandbox.path("") };
    let config = Config::load([("database-url", Zeroizing::new(url))].into(), surroundings).unwrap();
    Stores::open(&config).await.unwrap()
}

/// Damages the secrets of all sessions but the last, each in another way; answers their ids with what is wrong with them.
#[tokio::main(flavor = "current_thread")]
async fn damage_sessions(sandbox: &Sandbox) -> Vec<(String, &'static str)> {
    let stores = stores(sandbox).await;
    let secrets = &stores.sealed_secrets;
    let ways: [(fn(&mut Sealed), _); 4] = [
        (|secret| secret.bytes[20] ^= 1, "the ciphertext was changed or belongs elsewhere"),
        (|secret| secret.bytes.truncate(9), "the ciphertext is too short"),
        (|secret| secret.bytes.clear(), "the ciphertext is missing"),
        (
            |secret| secret.sealed_by = EncryptionKeyId::stored("?".to_owned()),
            "sealed_by is no id of an encryption key",
        ),
    ];
    let mut damaged = Vec::new();
    for (SealedSecret { context, sealed: from }, (damage, why)) in
        secrets.page(None, 4).await.unwrap().into_iter().zip(ways)
    {
        let mut to = from.clone();
        damage(&mut to);
        damaged.push((context.subject().to_owned(), why));
        let ring = stores.keys.load().await.unwrap();
        assert_eq!(secrets.replace(&ring, &[Resealing { context, from, to }]).await.unwrap(), 1);
    }
    stores.close().await;
    damaged
}

/// Damages the private half of a key.
#[tokio::main(flavor = "current_thread")]
async fn damage(sandbox: &Sandbox, kid: &str, damage: impl FnOnce(&mut Sealed)) {
    let stores = stores(sandbox).await;
    let mut ring = stores.keys.load().await.unwrap();
    let key = ring.keys.iter_mut().find(|key| key.kid().as_str() == kid).unwrap();
    damage(&mut key.private);
    stores.keys.store(&ring).await.unwrap();
    stores.close().await;
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn a_rotation_and_a_revocation_reach_the_server_that_runs() {
    let sandbox = Sandbox::new();
    let server = sandbox.serve(&["--signing-algorithm", "ES256"]);
    let (first, second) = (in_state(&sandbox, "active")[0].clone(), in_state(&sandbox, "standby")[0].clone());
    let es256 = ["--signing-algorithm", "ES256"];
    let rotated = sandbox.answer(&[&["keys", "rotate"], &es256[..]].concat());
    assert!(rotated.contains(&second) && rotated.contains("signs from now on"), "{rotated}");
    sandbox.run(&["keys", "rotate"]).failed(1, 1).saying("the keys sign with ES256");
    let refused = sandbox.run(&[&["keys", "rotate"], &es256[..]].concat());
    refused.failed(1, 1).saying("too lately");
    let revoked =
        sandbox.answer(&[&["keys", "revoke", &second, "--reason", "lost", "--output", "json"], &es256[..]].concat());
    assert_eq!((&json(&revoked)["kid"], &json(&revoked)["already_revoked"]), (&second.clone().into(), &false.into()));
    let third = json(&revoked)["signer"].as_str().unwrap().to_owned();
    publishes(&server, |jwks| jwks.contains(&third) && jwks.contains(&first) && !jwks.contains(&second));
    server.stop();
    assert_eq!(in_state(&sandbox, "revoked").join(" "), second);
    let again = sandbox.serve(&es256);
    publishes(&again, |jwks| jwks.contains(&third) && !jwks.contains(&second));
    again.stop();
    assert_eq!(sandbox.answer(&["keys", "cleanup"]), "erased 0 expired key(s)\n");
}

#[test]
fn the_command_and_the_route_tell_the_same_of_each_key() {
    let sandbox = Sandbox::new();
    let server = sandbox.serve(&[]);
    let standby = in_state(&sandbox, "standby")[0].clone();
    sandbox.answer(&["keys", "revoke", &standby, "--reason", "to have one"]);
    let revoked = || listed(&sandbox).iter().any(|key| key["revocation_reason"] == "to have one");
    assert!(within_patience(revoked));
    let (_, body) = server.ask("POST", "/auth", r#"{"username":"admin","password":"password"}"#);
    let token = json(&body)["token"].as_str().unwrap().to_owned();
    let (status, body) = server.ask_as(&token, "GET", "/admin/keys", "");
    assert_eq!((status, json(&body)["keys"].as_array().unwrap()), (200, &listed(&sandbox)));
}

#[test]
fn another_algorithm_is_a_rotation_like_any_other() {
    let sandbox = Sandbox::new();
    let quick = ["--jwks-max-age", "1s", "--key-publish-lead", "1s", "--auth-rate-limit", "burst=10000,every=1ms"];
    let server = sandbox.serve(&[&quick[..], &["--signing-algorithm", "ES256"]].concat());
    let old = json(&server.ask("POST", "/auth", "").1)["token"].as_str().unwrap().to_owned();
    server.stop();
    let server = sandbox.serve(&[&quick[..], &["--signing-algorithm", "Ed25519"]].concat());
    let algorithm = |server: &Server| {
        let token = json(&server.ask("POST", "/auth", "").1)["token"].as_str().unwrap().to_owned();
        let inspected = json(&sandbox.run(&["token", "inspect", &token]).out);
        inspected["header"]["alg"].as_str().unwrap().to_owned()
    };
    assert_eq!(algorithm(&server), "ES256", "until every cache knows the new key");
    publishes(&server, |jwks| jwks.contains("\"ES256\"") && jwks.contains("\"Ed25519\""));
    sandbox.answer(&["token", "verify", &old]);
    assert!(within_patience(|| algorithm(&server) == "Ed25519"));
    sandbox.answer(&["token", "verify", &old]);
    server.stop();
}

#[test]
fn what_cannot_be_revoked_is_told() {
    let sandbox = Sandbox::new();
    sandbox.serve(&[]).stop();
    sandbox.run(&["keys", "revoke", "nonsense", "--reason", "x"]).failed(1, 1).saying("no kid");
    let stranger = "A".repeat(43);
    sandbox.run(&["keys", "revoke", &stranger, "--reason", "x"]).failed(1, 1).saying("there is no key");
    sandbox.run(&["keys", "revoke", &stranger]).failed(2, 1).saying("--reason");
    for hyphen in [format!("-{}", &stranger[1..]), format!("-hV{}", &stranger[3..]), format!("--{}", &stranger[2..])] {
        sandbox.run(&["keys", "revoke", &hyphen, "--reason", "x"]).failed(1, 1).saying("there is no key");
        sandbox.run(&["keys", "revoke", "--reason", "x", &hyphen]).failed(1, 1).saying("there is no key");
        sandbox.run(&["keys", "export", "--kid", &hyphen]).failed(1, 1).saying("there is no key");
    }
    let empty = sandbox.run(&["keys", "revoke", &stranger, "--reason", " "]);
    empty.failed(1, 1).saying("reason must not be empty");
}

#[test]
fn a_key_goes_out_as_pem_and_comes_in_elsewhere() {
    let (here, there) = (Sandbox::new(), Sandbox::new());
    for sandbox in [&here, &there] {
        sandbox.serve(&[]).stop();
    }
    let kid = in_state(&here, "active")[0].clone();
    let written = here.answer(&["keys", "export", "--kid", &kid, "--with-private-key", "--out", "keys"]);
    assert_eq!(written, "keys/private_key.pem\nkeys/public_key.pem\n");
    let private = here.path("keys/private_key.pem");
    assert_eq!(fs::metadata(&private).unwrap().permissions().mode() & 0o777, 0o600);
    let again = here.run(&["keys", "export", "--kid", &kid, "--with-private-key", "--out", "keys"]);
    again.failed(1, 1).saying("--force");
    here.answer(&["keys", "export", "--kid", &kid, "--with-private-key", "--out", "keys", "--force"]);
    here.run(&["keys", "export", "--with-private-key"]).failed(2, 1).saying("--kid");
    here.run(&["keys", "export", "--kid", &kid, "--out", "keys"]).failed(2, 1).saying("--with-private-key");

    let imported = there.answer(&["keys", "import", private.to_str().unwrap(), "--output", "json"]);
    assert_eq!(json(&imported)["kid"], kid.as_str(), "the kid is the thumbprint, wherever the key is");
    assert_eq!(in_state(&there, "standby").join(" "), kid);
    there.run(&["keys", "import", private.to_str().unwrap()]).failed(1, 1).saying("already");
    there.run_with_input(&["keys", "import", "-"], "nonsense").failed(1, 1).saying("is not PEM");

    let published = json(&here.answer(&["keys", "export"]));
    let one = json(&here.answer(&["keys", "export", "--kid", &kid]));
    assert_eq!((published["keys"].as_array().unwrap().len(), &one["keys"][0]), (2, &published["keys"][0]));
    assert!(one["keys"][0].get("d").is_none());
}

#[test]
fn an_encryption_key_is_changed_and_the_old_one_dropped() {
    let sandbox = Sandbox::new();
    let server = sandbox.serve(&["--encryption-key", KEY]);
    let idle = log_in(&server);
    server.stop();
    let both = ["--encryption-key", OTHER_KEY, "--encryption-key-previous", KEY];
    let with = |command: &[&str], keys: &[&str]| sandbox.run(&[command, keys].concat());
    let old: Vec<_> = listed(&sandbox).iter().map(|key| key["sealed_by"].clone()).collect();

    let dry = with(&["keys", "rewrap", "--dry-run", "--output", "json"], &both);
    assert_eq!((dry.code, json(&dry.out).as_array().unwrap().len()), (Some(0), 4), "three keys, and the session");
    assert_eq!(
        listed(&sandbox).iter().map(|key| key["sealed_by"].clone()).collect::<Vec<_>>(),
        old,
        "nothing is written"
    );
    let blind = with(&["keys", "rewrap", "--dry-run"], &both[..2]);
    blind.failed(1, 1).saying("3 key(s) and 1 other secret(s) do not open");
    assert!(blind.out.contains("does not open") && blind.out.contains("not configured"), "{}", blind.out);

    assert_eq!(with(&["keys", "rewrap"], &both).code, Some(0));
    assert!(listed(&sandbox).iter().all(|key| !old.contains(&key["sealed_by"])));
    let again = with(&["keys", "rewrap"], &both[..2]);
    let all = "all 3 key(s) and 1 other secret(s) are sealed with the present encryption key\n";
    assert_eq!(again.out, all, "the old key is not needed");
    let server = sandbox.serve(&both[..2]);
    let refresh = serde_json::json!({ "refresh_token": idle }).to_string();
    let (status, body) = server.ask("POST", "/auth/refresh", &refresh);
    assert_eq!(status, 200, "a session that was idle all along goes on: {body}");
    server.stop();
    with(&["keys", "rewrap"], &["--encryption-key", KEY]).failed(1, 1);
    for command in ["rotate", "cleanup"] {
        with(&["keys", command], &["--encryption-key", KEY]).failed(1, 1).saying("wrong encryption key");
    }
}

#[test]
fn each_row_that_does_not_open_is_named_and_nothing_is_written_unless_it_is_forced() {
    let sandbox = Sandbox::new();
    let server = sandbox.serve(&["--encryption-key", KEY]);
    for _ in 0..5 {
        log_in(&server);
    }
    server.stop();
    let mut damaged = damage_sessions(&sandbox);
    let fixture = listed(&sandbox).into_iter().find(|key| key["purpose"] == "expired_fixture").unwrap();
    let fixture = fixture["kid"].as_str().unwrap();
    damage(&sandbox, fixture, |secret| secret.sealed_by = EncryptionKeyId::stored("?".to_owned()));
    damaged.insert(0, (fixture.to_owned(), "sealed_by is no id of an encryption key"));
    let before = fs::read(sandbox.path(DATABASE)).unwrap();
    let (says, outcome) = ("1 key(s) and 4 other secret(s) do not open", "would be resealed");
    let modes: [(&[&str], _, _); 3] = [
        (&["--dry-run"], "nothing is sealed anew", outcome),
        (&[], "nothing is sealed anew", outcome),
        (&["--force"], "stay as they are", "resealed"),
    ];
    for (mode, then, outcome) in modes {
        assert_eq!(fs::read(sandbox.path(DATABASE)).unwrap(), before, "something was written before {mode:?}");
        let both = ["--encryption-key", OTHER_KEY, "--encryption-key-previous", KEY, "--output", "json"];
        let told = sandbox.run(&[&["keys", "rewrap"], mode, &both[..]].concat());
        told.failed(1, 1).saying(says).saying(then);
        let (rows, text) = (json(&told.out), |value: &Value| value.as_str().unwrap_or_default().to_owned());
        let (shut, rest): (Vec<_>, Vec<_>) =
            rows.as_array().unwrap().iter().partition(|row| row["outcome"] == "does not open");
        let shut: Vec<_> = shut.iter().map(|row| (text(&row["id"]), text(&row["reason"]))).collect();
        assert_eq!(shut, damaged.iter().map(|(id, why)| (id.clone(), (*why).to_owned())).collect::<Vec<_>>());
        let rest: Vec<_> = rest.iter().map(|row| (text(&row["kind"]), text(&row["outcome"]))).collect();
        let expected = ["key", "key", "other secrets"].map(|kind| (kind.to_owned(), outcome.to_owned()));
        assert_eq!(rest, expected);
    }
    assert_ne!(fs::read(sandbox.path(DATABASE)).unwrap(), before);
    sandbox.serve(&["--encryption-key", OTHER_KEY]).stop();
}

#[test]
fn bootstrap_writes_three_files_once() {
    let sandbox = Sandbox::new();
    let kid = sandbox.answer(&["bootstrap", "--out", "keys", "--signing-algorithm", "ES256"]);
    let jwks = json(&fs::read_to_string(sandbox.path("keys/jwks.json")).unwrap());
    assert_eq!(jwks["keys"][0]["kid"], kid.trim());
    let mode = |name: &str| fs::metadata(sandbox.path(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("keys/private_key.pem"), mode("keys/public_key.pem")), (0o600, 0o644));
    let private = fs::read(sandbox.path("keys/private_key.pem")).unwrap();
    sandbox.run(&["bootstrap", "--out", "keys"]).failed(1, 1).saying("--force");
    fs::remove_file(sandbox.path("keys/private_key.pem")).unwrap();
    sandbox.run(&["bootstrap", "--out", "keys"]).failed(1, 1).saying("public_key.pem");
    assert!(!sandbox.path("keys/private_key.pem").exists(), "all of them or none");
    sandbox.answer(&["bootstrap", "--out", "keys", "--force"]);
    assert_ne!(fs::read(sandbox.path("keys/private_key.pem")).unwrap(), private);
    assert_eq!(sandbox.files(), ["keys"], "no database is made");
}

#[test]
fn a_damaged_signer_can_be_revoked() {
    let sandbox = Sandbox::new();
    sandbox.serve(&["--encryption-key", KEY]).stop();
    let kid = in_state(&sandbox, "active")[0].clone();
    damage(&sandbox, &kid, |secret| secret.bytes[20] ^= 1);
    sandbox.run(&["--listen", "127.0.0.1:0", "--encryption-key", KEY]).failed(1, 1).saying(&kid);
    sandbox.answer(&["keys", "revoke", &kid, "--reason", "its row was damaged", "--encryption-key", KEY]);
    sandbox.serve(&["--encryption-key", KEY]).stop();
}
