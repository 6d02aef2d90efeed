//! Health and metrics.

use std::sync::Arc;

use jwksd_domain::usecase::CheckHealth;
use poem_openapi::payload::PlainText;
use poem_openapi::{ApiResponse, Object, OpenApi};

use super::Capability;
use crate::reply::Json;

/// Renders the metrics of this process in Prometheus' text format.
pub type RenderMetrics = Arc<dyn Fn() -> String + Send + Sync>;

/// One thing that the server depends on.
#[derive(Object)]
struct Dependency {
    /// Its name.
    name: String,
    /// `up` or `down`.
    status: String,
}

/// Whether the server can do its work.
#[derive(Object)]
pub(crate) struct Health {
    /// `up`, or `down` where anything is.
    status: String,
    /// Each thing that the server depends on.
    dependencies: Vec<Dependency>,
}

/// What a probe answers.
#[derive(ApiResponse)]
pub(crate) enum HealthAnswer {
    /// The server can do its work.
    #[oai(status = 200)]
    Up(Json<Health>),
    /// Something that the server depends on is down.
    #[oai(status = 503)]
    Down(Json<Health>),
}

/// What `GET /health/live` answers.
#[derive(ApiResponse)]
pub(crate) enum LiveAnswer {
    /// The process answers.
    #[oai(status = 200)]
    Up(Json<Health>),
}

/// What `GET /metrics` answers.
#[derive(ApiResponse)]
pub(crate) enum MetricsAnswer {
    /// The metrics in Prometheus' text format.
    #[oai(status = 200)]
    Metrics(PlainText<String>),
}

/// Health and metrics.
pub(crate) struct Operations {
    /// Looks at what the server depends on.
    pub(crate) check_health: Arc<CheckHealth>,
    /// Renders the metrics.
    pub(crate) render_metrics: RenderMetrics,
}

#[OpenApi]
impl Operations {
    /// Tell whether the process answers.
    #[oai(path = "/health/live", method = "get", operation_id = "live", tag = "Capability::Operations")]
    async fn live(&self) -> LiveAnswer {
        LiveAnswer::Up(Json(Health { status: word(true), dependencies: Vec::new() }))
    }

    /// Tell whether the server can do its work.
    #[oai(path = "/health/ready", method = "get", operation_id = "ready", tag = "Capability::Operations")]
    async fn ready(&self) -> HealthAnswer {
        let checked = self.check_health.run().await;
        let is_up = checked.iter().all(|dependency| dependency.is_up);
        let named = checked.iter().map(|found| Dependency { name: found.name.to_owned(), status: word(found.is_up) });
        let health = Json(Health { status: word(is_up), dependencies: named.collect() });
        if is_up { HealthAnswer::Up(health) } else { HealthAnswer::Down(health) }
    }

    /// Get the metrics in Prometheus' text format.
    #[oai(path = "/metrics", method = "get", operation_id = "metrics", tag = "Capability::Operations")]
    async fn metrics(&self) -> MetricsAnswer {
        MetricsAnswer::Metrics(PlainText((self.render_metrics)()))
    }
}

fn word(is_up: bool) -> String {
    if is_up { "up" } else { "down" }.to_owned()
}
