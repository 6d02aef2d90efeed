//! The surveyor: looks over the stored password hashes at start and each hour, so that unknown names cost what known ones do.

use std::sync::Arc;
use std::time::Duration;

use jwksd_domain::usecase::DecoyHashes;
use tokio::time::sleep;

/// The pause after a survey: hashes change slowly, and nobody waits for it.
const USUAL: Duration = Duration::from_secs(60 * 60);
/// The pause after one that failed.
const AFTER_FAILURE: Duration = Duration::from_secs(60);

/// Surveys for ever.
pub(super) async fn run(decoys: Arc<DecoyHashes>) {
    loop {
        let pause = match decoys.refresh().await {
            Ok(()) => USUAL,
            Err(outage) => {
                let error = anyhow::Error::new(outage);
                tracing::warn!("the stored password hashes cannot be looked over: {error:#}");
                AFTER_FAILURE
            }
        };
        sleep(pause).await;
    }
}
