//! The composition root of jwksd: it chooses, wires and runs; the rules are in `jwksd-domain`.
//!
//! [`App::build`] is the door that the program and the tests share: a configuration goes in, and what comes out is ready to answer.
//! In reading order: [`config`] says what is wanted, `compose` names the adapters behind each port, `wiring` puts the use cases
//! over them, `serve` listens, `lab` puts somebody's API to the test, and `commands` has one file for each subcommand of [`cli`].

pub mod cli;
pub mod commands;
pub mod compose;
pub mod config;
pub mod encryption;
pub mod lab;
pub mod serve;
pub mod telemetry;
pub mod wiring;

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use jwksd_domain::key::is_known_to_all;
use jwksd_domain::ports::SignerError;
use jwksd_domain::usecase::{Outage, Trigger};
use metrics_exporter_prometheus::PrometheusHandle;
use poem::Endpoint;
use tokio::sync::watch;

use crate::compose::{Ports, Stores};
use crate::config::Config;
use crate::encryption::{Encryption, KeyOrigin};
use crate::serve::Ticking;
use crate::wiring::UseCases;

/// A jwksd that is ready to answer: its keys are open and on schedule, its users are there.
pub struct App {
    config: Config,
    ports: Ports,
    use_cases: UseCases,
    metrics: PrometheusHandle,
    encryption_key: String,
    warnings: Vec<String>,
    stopping: watch::Sender<bool>,
}

impl App {
    /// Builds one from `config`: opens the database, finds the encryption key, opens the keys, and only when they open brings
    /// them on schedule.
    ///
    /// # Errors
    /// Says in one line why it cannot be built. A wrong encryption key is found before anything is written.
    pub async fn build(config: Config) -> anyhow::Result<Self> {
        Self::unstarted(config).await?.started().await
    }

    /// Builds one that opens no key and brings nothing on schedule: for commands that look after keys which may not open.
    ///
    /// # Errors
    /// Says in one line why it cannot be built.
    pub async fn unstarted(config: Config) -> anyhow::Result<Self> {
        // Before the adapters are made, so that what they count is counted.
        let _installed = telemetry::metrics()?;
        encryption::check_key_file(&config)?;
        let stores = Stores::open(&config).await?;
        let entropy = compose::entropy();
        let encryption = encryption::find(&config, &*stores.keys, &*entropy).await?;
        let ports = Ports::of(&config, stores, &encryption)?;
        Self::assembled(config, ports, &encryption)
    }

    /// Builds one over `ports`, which tests choose themselves.
    ///
    /// # Errors
    /// Says in one line why it cannot be built.
    pub async fn over(config: Config, ports: Ports, encryption: &Encryption) -> anyhow::Result<Self> {
        Self::assembled(config, ports, encryption)?.started().await
    }

    fn assembled(config: Config, ports: Ports, encryption: &Encryption) -> anyhow::Result<Self> {
        let metrics = telemetry::metrics()?;
        let use_cases = UseCases::new(&config, &ports);
        let encryption_key = format!("{} ({})", encryption.current.id(), encryption.origin);
        let mut warnings = config.warnings.clone();
        warnings.extend(key_file_warning(&encryption.origin));
        warnings.extend(adopted_keys_warning(ports.stores.adopted_keys));
        let stopping = watch::Sender::new(false);
        Ok(Self { config, ports, use_cases, metrics, encryption_key, warnings, stopping })
    }

    async fn started(self) -> anyhow::Result<Self> {
        match self.start().await {
            Ok(()) => Ok(self),
            Err(error) => {
                self.close().await;
                Err(error)
            }
        }
    }

    /// The configuration.
    pub const fn config(&self) -> &Config {
        &self.config
    }

    /// What stands behind the ports.
    pub const fn ports(&self) -> &Ports {
        &self.ports
    }

    /// The use cases.
    pub const fn use_cases(&self) -> &UseCases {
        &self.use_cases
    }

    /// The id of the encryption key, and where it comes from.
    pub fn encryption_key(&self) -> &str {
        &self.encryption_key
    }

    /// What the operator should know, each in one sentence.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// Everything that is served.
    pub fn endpoint(&self) -> Arc<impl Endpoint + use<>> {
        let stopping = self.stopping.subscribe();
        Arc::new(compose::endpoint(&self.config, &self.ports, &self.use_cases, &self.metrics, stopping))
    }

    /// Has the answers come to an end that are under way and would take their time.
    pub fn stop(&self) {
        self.stopping.send_replace(true);
    }

    /// What keeps the keys on schedule while the server runs.
    pub fn ticking(&self) -> Ticking {
        Ticking {
            keyring: Arc::clone(&self.use_cases.keyring),
            rotate_keys: Arc::clone(&self.use_cases.rotate_keys),
            clock: Arc::clone(&self.ports.clock),
            metrics: self.metrics.clone(),
        }
    }

    /// Delivers the mails that wait, `within` at most; answers how many are lost.
    pub async fn deliver_mails(&self, within: Duration) -> u32 {
        match &self.ports.mail {
            Some(mail) => mail.close(within).await,
            None => 0,
        }
    }

    /// Closes the database.
    pub async fn close(&self) {
        self.ports.stores.close().await;
    }

    /// Opens every stored key, as a start does before anything is written.
    ///
    /// # Errors
    /// Says in one line which key does not open, and why.
    pub async fn open_keys(&self) -> anyhow::Result<()> {
        self.use_cases.open_keys.run().await.map_err(|outage| self.key_that_does_not_open(outage))
    }

    async fn start(&self) -> anyhow::Result<()> {
        self.open_keys().await?;
        let rotated = self.use_cases.rotate_keys.run(Trigger::Schedule);
        match &self.use_cases.dev {
            Some(dev) => {
                let (users, client) = (dev.seed_demo_users.run(), dev.seed_demo_client.run());
                let (rotated, users, client) = tokio::join!(rotated, users, client);
                rotated.context("cannot make the signing keys")?;
                users.context("cannot add the demo users")?;
                client.context("cannot add the demo client")
            }
            None => {
                self.no_key_is_known_to_all()?;
                rotated.await.map(|_| ()).context("cannot make the signing keys")
            }
        }
    }

    /// In a database that the dev profile has used, the example of the documentation may be a key.
    fn no_key_is_known_to_all(&self) -> anyhow::Result<()> {
        let ring = self.use_cases.keyring.current();
        match ring.keys.iter().find(|key| is_known_to_all(key.kid()) && key.revocation.is_none()) {
            Some(key) => bail!(
                "key {} in the database is the example of the documentation, whose private half everybody can read: run `jwksd keys revoke {} --reason example`, or start with another database",
                key.kid(),
                key.kid()
            ),
            None => Ok(()),
        }
    }

    pub(crate) fn key_that_does_not_open(&self, outage: Outage) -> anyhow::Error {
        match outage {
            Outage::Signer(SignerError::UnknownEncryptionKey { kid, sealed_by }) => anyhow!(
                "wrong encryption key: the database's key {kid} was sealed with encryption key {sealed_by}, not with {}; give that one with --encryption-key, or beside a new one with --encryption-key-previous; nothing was written",
                self.encryption_key
            ),
            Outage::Signer(error) => anyhow::Error::new(error).context("cannot open the stored keys"),
            outage => anyhow::Error::new(outage).context("cannot load the stored keys"),
        }
    }
}

fn key_file_warning(origin: &KeyOrigin) -> Option<String> {
    match origin {
        KeyOrigin::MadeNow(path) | KeyOrigin::KeptIn(path) => {
            let open =
                if encryption::is_open_to_others(path) { " Others may read it: run chmod 600 on it." } else { "" };
            Some(format!("The encryption key lies beside the database, in {}.{open}", path.display()))
        }
        KeyOrigin::Ephemeral | KeyOrigin::Configured => None,
    }
}

fn adopted_keys_warning(count: u64) -> Option<String> {
    (count > 0).then(|| {
        format!("The database holds {count} key(s) of an older program: they are left alone and sign and verify nothing here.")
    })
}
