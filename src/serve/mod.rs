//! Serving: bind, build, announce, accept, rotate keys on schedule, and on SIGTERM drain and close.

mod announce;
mod beside;
mod connection;
mod patience;
mod signals;
mod surveyor;
mod ticker;
mod tls;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Context, anyhow};
use tokio::net::TcpListener;
use tokio::time::{Instant, timeout_at};

use crate::App;
use crate::config::Config;

pub use beside::Beside;
use connection::Server;
use signals::Signals;
pub use ticker::Ticking;

/// Serves until a signal says otherwise.
///
/// # Errors
/// Says in one line why the server cannot start.
pub async fn run(mut config: Config) -> anyhow::Result<()> {
    let mut signals = Signals::new().context("cannot listen for signals")?;
    let tls = config.tls.as_ref().map(tls::acceptor).transpose()?;
    let listener = bind(config.listen).await?;
    config.listen = listener.local_addr()?;
    let app = tokio::select! {
        app = App::build(config) => app?,
        () = signals.next() => return Ok(()),
    };
    announce::banner(&app);
    announce::ready(&app)?;

    let ticker = tokio::spawn(app.ticking().run());
    let surveyor = tokio::spawn(surveyor::run(Arc::clone(&app.use_cases().decoys)));
    let timeouts = app.config().timeouts;
    let server = Server { listener, tls, endpoint: app.endpoint(), timeouts };
    let connections = server.run(signals.next()).await;
    app.stop();
    tracing::info!("stopping: no new connections, waiting for open requests");
    let deadline = Instant::now() + timeouts.shutdown;
    let drained = tokio::select! {
        drained = timeout_at(deadline, connections.shutdown()) => drained.is_ok(),
        () = signals.next() => false,
    };
    if !drained {
        tracing::warn!("some requests were cut off");
    }
    let lost = tokio::select! {
        lost = app.deliver_mails(deadline.saturating_duration_since(Instant::now())) => lost,
        () = signals.next() => 0,
    };
    if lost > 0 {
        tracing::warn!(mails = lost, "some mails were not delivered and are lost");
    }
    ticker.abort();
    surveyor.abort();
    app.close().await;
    tracing::info!("stopped");
    Ok(())
}

async fn bind(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| match error.kind() {
        io::ErrorKind::AddrInUse => {
            anyhow!(
                "cannot listen on {address}: the port is in use; stop what uses it, or choose another with --listen"
            )
        }
        io::ErrorKind::AddrNotAvailable => anyhow!("cannot listen on {address}: this machine has no such address"),
        io::ErrorKind::PermissionDenied => {
            anyhow!("cannot listen on {address}: the port takes more rights than this user has")
        }
        _ => anyhow!("cannot listen on {address}: {error}"),
    })
}
