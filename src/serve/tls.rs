//! TLS by rustls, where a certificate is configured.

use std::path::Path;
use std::sync::Arc;

use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{Error, ServerConfig};

use crate::config::{ConfigProblems, TlsFiles};

/// Accepts TLS 1.2 and 1.3 with the certificate in `files`.
///
/// # Errors
/// Names each option whose file cannot be used.
pub(super) fn acceptor(files: &TlsFiles) -> Result<TlsAcceptor, ConfigProblems> {
    let (chain, key) = match (certificates(&files.certificate), private_key(&files.key)) {
        (Ok(chain), Ok(key)) => (chain, key),
        (chain, key) => return Err(ConfigProblems(chain.err().into_iter().chain(key.err()).collect())),
    };
    let mut config = server_config(chain, key)
        .map_err(|error| ConfigProblems(vec![format!("--tls-cert and --tls-key do not go together: {error}")]))?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

fn server_config(chain: Vec<CertificateDer<'static>>, key: PrivateKeyDer<'static>) -> Result<ServerConfig, Error> {
    let builder = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()));
    builder.with_safe_default_protocol_versions()?.with_no_client_auth().with_single_cert(chain, key)
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let read = CertificateDer::pem_file_iter(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    match read {
        Ok(chain) if chain.is_empty() => Err(format!("--tls-cert: {} holds no certificate in PEM", path.display())),
        Ok(chain) => Ok(chain),
        Err(error) => Err(format!("--tls-cert: {} cannot be read: {error}", path.display())),
    }
}

fn private_key(path: &Path) -> Result<PrivateKeyDer<'static>, String> {
    PrivateKeyDer::from_pem_file(path)
        .map_err(|error| format!("--tls-key: {} holds no private key in PEM: {error}", path.display()))
}
