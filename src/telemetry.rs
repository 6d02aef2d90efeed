//! Logs by tracing, metrics for Prometheus: each is set up once a process.

use std::io::{IsTerminal, stderr};
use std::sync::OnceLock;

use anyhow::anyhow;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::fmt;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::config::{Config, LogFormat};

/// The upper bounds of latencies, in seconds: a JWKS takes microseconds, a login tens of milliseconds, a queue more.
const LATENCIES: [f64; 13] = [0.0002, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];

/// Writes logs to standard error from here on; standard output is for answers.
pub fn start_logging(config: &Config) {
    let registry = tracing_subscriber::registry().with(config.log_filter.clone());
    let layer = fmt::layer().with_writer(stderr).with_ansi(stderr().is_terminal());
    // A second call, in a process that runs several servers, finds the first one's logging and leaves it.
    let _already_set = match config.log_format {
        LogFormat::Pretty => registry.with(layer).try_init(),
        LogFormat::Json => registry.with(layer.json()).try_init(),
    };
}

/// What renders the metrics of this process; counts from the first call on.
///
/// # Errors
/// Fails where something else in the process collects metrics already.
pub fn metrics() -> anyhow::Result<PrometheusHandle> {
    static HANDLE: OnceLock<Result<PrometheusHandle, String>> = OnceLock::new();
    HANDLE.get_or_init(|| install().map_err(|error| error.to_string())).clone().map_err(|problem| anyhow!(problem))
}

fn install() -> anyhow::Result<PrometheusHandle> {
    let builder = PrometheusBuilder::new();
    let builder = builder.set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &LATENCIES)?;
    Ok(builder.install_recorder()?)
}
