//! Accepting connections, and giving their requests to the endpoint.
//!
//! poem's own server has no limit on how long the head of a request takes, and spins when the process has no file left for a
//! new connection; so the endpoint is served by hyper directly.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use poem::http::uri::Scheme;
use poem::web::{LocalAddr, RemoteAddr};
use poem::{Endpoint, Request};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;

use crate::config::Timeouts;

use super::patience::{Activity, Patient};

/// How long to wait for a file to become free.
const OUT_OF_FILES: Duration = Duration::from_millis(100);

/// The longest head of a request, in bytes.
const HEAD_MAX: usize = 64 * 1024;
/// The most requests at once on one connection of HTTP/2.
const STREAMS_MAX: u32 = 100;

/// What serves.
pub(super) struct Server<E> {
    /// Where connections come from.
    pub(super) listener: TcpListener,
    /// TLS, where it is configured.
    pub(super) tls: Option<TlsAcceptor>,
    /// Where requests go.
    pub(super) endpoint: Arc<E>,
    /// How long clients may take.
    pub(super) timeouts: Timeouts,
}

/// One connection as it was accepted.
struct Peer<E> {
    endpoint: Arc<E>,
    local: SocketAddr,
    remote: SocketAddr,
    timeouts: Timeouts,
    watcher: Watcher,
}

impl<E: Endpoint + 'static> Server<E> {
    /// Accepts connections until `stop`; answers those that are open then.
    pub(super) async fn run(self, stop: impl Future<Output = ()>) -> GracefulShutdown {
        let connections = GracefulShutdown::new();
        tokio::pin!(stop);
        let mut is_starved = false;
        loop {
            let accepted = tokio::select! {
                () = &mut stop => return connections,
                accepted = self.listener.accept() => accepted,
            };
            match accepted {
                Ok((stream, remote)) => {
                    is_starved = false;
                    self.spawn(stream, remote, connections.watcher());
                }
                // The client was gone before it was accepted.
                Err(error) if is_of_the_client(&error) => {}
                Err(error) => {
                    if !is_starved {
                        tracing::error!(error = %error, "cannot accept connections");
                    }
                    is_starved = true;
                    sleep(OUT_OF_FILES).await;
                }
            }
        }
    }

    fn spawn(&self, stream: TcpStream, remote: SocketAddr, watcher: Watcher) {
        // Answers are small and whole: none of them gains by being held back.
        let (Ok(local), Ok(())) = (stream.local_addr(), stream.set_nodelay(true)) else { return };
        let peer = Peer { endpoint: Arc::clone(&self.endpoint), local, remote, timeouts: self.timeouts, watcher };
        match self.tls.clone() {
            None => drop(tokio::spawn(peer.serve(stream, Scheme::HTTP))),
            Some(tls) => drop(tokio::spawn(async move {
                // A handshake that fails is the client's affair.
                if let Ok(Ok(stream)) = timeout(peer.timeouts.header, tls.accept(stream)).await {
                    peer.serve(stream, Scheme::HTTPS).await;
                }
            })),
        }
    }
}

impl<E: Endpoint + 'static> Peer<E> {
    async fn serve<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(self, stream: S, scheme: Scheme) {
        let Self { endpoint, local, remote, timeouts, watcher } = self;
        let activity = Arc::<Activity>::default();
        let stream = Patient::new(stream, Arc::clone(&activity), timeouts.header, timeouts.idle);
        let service = service_fn(move |request: hyper::Request<Incoming>| {
            let underway = activity.begin(request.version());
            let endpoint = Arc::clone(&endpoint);
            let addresses = (LocalAddr(local.into()), RemoteAddr(remote.into()), scheme.clone());
            async move {
                let request = Request::from((request, addresses.0, addresses.1, addresses.2));
                let response = endpoint.get_response(request).await;
                drop(underway);
                Ok::<_, Infallible>(hyper::Response::from(response))
            }
        });
        let mut builder = auto::Builder::new(TokioExecutor::new());
        // Answers are small: copied behind their head they leave in one plain write, which is cheaper than a gathering one.
        builder.http1().max_buf_size(HEAD_MAX).writev(false);
        builder.http2().max_concurrent_streams(STREAMS_MAX);
        let connection = builder.serve_connection(TokioIo::new(stream), service).into_owned();
        // A connection that breaks is the client's affair too.
        let _ended = watcher.watch(connection).await;
    }
}

fn is_of_the_client(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}
