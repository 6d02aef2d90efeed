//! Whether the server can do its work.

use std::sync::Arc;

use super::Keyring;
use crate::ports::Clock;

/// One thing that the server depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DependencyHealth {
    /// Its name: `database` or `signing_key`.
    pub name: &'static str,
    /// Whether it can be used now.
    pub is_up: bool,
}

/// Looks at everything that the server depends on.
pub struct CheckHealth {
    keyring: Arc<Keyring>,
    clock: Arc<dyn Clock>,
}

impl CheckHealth {
    /// Looks at the store of `keyring` and at its signer.
    pub fn new(keyring: Arc<Keyring>, clock: Arc<dyn Clock>) -> Self {
        Self { keyring, clock }
    }

    /// Each dependency by name.
    pub async fn run(&self) -> [DependencyHealth; 2] {
        let database = self.keyring.probe().await.is_ok();
        let signing_key = self.keyring.current().signer_at(self.clock.now()).is_some();
        [
            DependencyHealth { name: "database", is_up: database },
            DependencyHealth { name: "signing_key", is_up: signing_key },
        ]
    }
}
