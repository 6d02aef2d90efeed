//! The ticker: has the schedule of the keys carried out, and counts the keys by state for the metrics.

use std::sync::Arc;
use std::time::Duration;

use jwksd_domain::key::{KeyRing, KeyState};
use jwksd_domain::ports::Clock;
use jwksd_domain::time::Timestamp;
use jwksd_domain::usecase::{Keyring, RotateKeys, Rotation, Trigger};
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::time::sleep;

/// The longest pause: what another process has done to the keys is known after that. Well below [`Keyring::GOOD_FOR`], so that
/// no request has to look at the store itself.
const LONGEST: Duration = Duration::from_secs(1);
/// The shortest pause, also where the clock is set back and forth.
const SHORTEST: Duration = Duration::from_millis(100);

/// What the ticker works with.
pub struct Ticking {
    /// The keys as this process knows them.
    pub keyring: Arc<Keyring>,
    /// Carries out the schedule.
    pub rotate_keys: Arc<RotateKeys>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Needs to be tidied now and then.
    pub metrics: PrometheusHandle,
}

impl Ticking {
    /// Ticks for ever.
    pub async fn run(self) {
        metrics::describe_gauge!("jwksd_keys", "Signing keys by state");
        let mut is_down = false;
        loop {
            match self.rotate_keys.run(Trigger::Schedule).await {
                Ok(rotation) => {
                    if is_down {
                        tracing::info!("the keys are on schedule again");
                    }
                    is_down = false;
                    tell(&rotation);
                }
                Err(error) => {
                    // Told once an outage, not once a tick.
                    if !is_down {
                        let error = anyhow::Error::new(error);
                        tracing::error!("the keys cannot be kept on schedule: {error:#}");
                    }
                    is_down = true;
                }
            }
            self.metrics.run_upkeep();
            let (ring, now) = (self.keyring.current(), self.clock.now());
            count(&ring, now);
            sleep(pause(&ring, now)).await;
        }
    }
}

fn tell(rotation: &Rotation) {
    match rotation {
        Rotation::Done(Some(kid)) => tracing::info!(key.id = %kid, "the keys were brought on schedule; this one signs"),
        Rotation::Done(None) => tracing::warn!("the keys were brought on schedule, and none signs"),
        Rotation::Settled | Rotation::AlreadyDone => {}
    }
}

fn count(ring: &KeyRing, now: Timestamp) {
    for state in KeyState::ALL {
        let keys = ring.keys.iter().filter(|key| key.state_at(now) == state).count();
        let keys = u32::try_from(keys).unwrap_or(u32::MAX);
        metrics::gauge!("jwksd_keys", "state" => state.as_str()).set(f64::from(keys));
    }
}

/// Until the next instant at which a key becomes something else.
fn pause(ring: &KeyRing, now: Timestamp) -> Duration {
    let schedules = ring.keys.iter().filter(|key| key.revocation.is_none()).map(|key| key.schedule);
    let instants = schedules.flat_map(|s| [s.published_from, s.signs_from, s.signs_until, s.published_until]);
    let next = instants.filter(|instant| *instant > now).min();
    next.map_or(LONGEST, |next| next.since(now)).clamp(SHORTEST, LONGEST)
}
