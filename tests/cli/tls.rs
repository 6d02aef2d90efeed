//! TLS, where a certificate is configured. The one here is for `localhost`, signed by itself, and good until 2126.

use std::io::{Read, Write};
use std::sync::Arc;

use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::sandbox::Sandbox;

const CERTIFICATE: &str = include_str!("tls/certificate.pem");
const KEY: &str = include_str!("tls/not_a_secret.pem");
const OPTIONS: [&str; 4] = ["--tls-cert", "certificate.pem", "--tls-key", "key.pem"];

fn with_certificate() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("certificate.pem", CERTIFICATE);
    sandbox.write("key.pem", KEY);
    sandbox
}

#[test]
fn with_a_certificate_everything_is_served_over_tls_only() {
    let sandbox = with_certificate();
    let server = sandbox.serve(&OPTIONS);
    assert!(server.log().contains(&format!("https://{}", server.address)), "{}", server.log());
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(CERTIFICATE.as_bytes()).unwrap()).unwrap();
    let config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    let client = ClientConnection::new(Arc::new(config), "localhost".try_into().unwrap()).unwrap();
    let mut stream = StreamOwned::new(client, server.connect());
    stream.write_all(b"GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");

    let mut plain = server.connect();
    plain.write_all(b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    let mut refusal = Vec::new();
    let _closed = plain.read_to_end(&mut refusal);
    assert!(!refusal.starts_with(b"HTTP/"), "nothing is answered in plain text");
}

#[test]
fn files_that_are_none_are_told_by_their_option() {
    let sandbox = with_certificate();
    sandbox.write("nonsense.pem", "nonsense");
    let run = |cert: &str, key: &str| sandbox.run(&["--listen", "127.0.0.1:0", "--tls-cert", cert, "--tls-key", key]);
    run("nonsense.pem", "key.pem").failed(2, 1).saying("--tls-cert");
    run("no-such.pem", "key.pem").failed(2, 1).saying("--tls-cert");
    run("certificate.pem", "nonsense.pem").failed(2, 1).saying("--tls-key");
    run("certificate.pem", "no-such.pem").failed(2, 1).saying("--tls-key");
    run("no-such.pem", "no-such.pem").failed(2, 2).saying("--tls-cert").saying("--tls-key");
    sandbox.answer(&["bootstrap", "--out", "other", "--signing-algorithm", "ES256"]);
    run("certificate.pem", "other/private_key.pem").failed(2, 1).saying("do not go together");
    sandbox.run(&["--tls-cert", "certificate.pem"]).failed(2, 1).saying("--tls-key");
}
