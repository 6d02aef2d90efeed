//! A server beside what else this process does, for as long as that takes.

use std::future::pending;

use anyhow::anyhow;
use tokio::task::JoinHandle;

use crate::App;
use crate::config::Config;

use super::connection::Server;
use super::{announce, bind, tls};

/// A server that answers until it is stopped. It has no signals and no ticker of its own.
pub struct Beside {
    app: App,
    serving: JoinHandle<()>,
}

impl Beside {
    /// Listens, builds the app and answers.
    ///
    /// # Errors
    /// Says in one line why it cannot start.
    pub async fn start(mut config: Config) -> anyhow::Result<Self> {
        let tls = config.tls.as_ref().map(tls::acceptor).transpose()?;
        let listener = bind(config.listen).await?;
        config.listen = listener.local_addr().map_err(|error| anyhow!("cannot tell where this listens: {error}"))?;
        let app = App::build(config).await?;
        let server = Server { listener, tls, endpoint: app.endpoint(), timeouts: app.config().timeouts };
        let serving = tokio::spawn(async move { drop(server.run(pending()).await) });
        announce::ready(&app)?;
        Ok(Self { app, serving })
    }

    /// What is served.
    pub const fn app(&self) -> &App {
        &self.app
    }

    /// Stops answering and closes the database.
    pub async fn stop(self) {
        self.serving.abort();
        self.app.stop();
        self.app.close().await;
    }
}
