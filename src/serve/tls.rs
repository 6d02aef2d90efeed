//! TLS by rustls, where a certificate is configured.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, anyhow, bail};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::config::TlsFiles;

/// Accepts TLS 1.2 and 1.3 with the certificate in `files`.
///
/// # Errors
/// Names the option whose file cannot be used.
pub(super) fn acceptor(files: &TlsFiles) -> anyhow::Result<TlsAcceptor> {
    let chain = certificates(&files.certificate)?;
    let key = PrivateKeyDer::from_pem_file(&files.key)
        .map_err(|error| anyhow!("--tls-key: {} holds no private key in PEM: {error}", files.key.display()))?;
    let builder = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()));
    let builder = builder.with_safe_default_protocol_versions().context("no TLS version is there")?;
    let config = builder.with_no_client_auth().with_single_cert(chain, key);
    let mut config = config.context("--tls-cert and --tls-key do not go together")?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

fn certificates(path: &Path) -> anyhow::Result<Vec<CertificateDer<'static>>> {
    let read = CertificateDer::pem_file_iter(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    match read {
        Ok(chain) if chain.is_empty() => bail!("--tls-cert: {} holds no certificate in PEM", path.display()),
        Ok(chain) => Ok(chain),
        Err(error) => bail!("--tls-cert: {} cannot be read: {error}", path.display()),
    }
}
