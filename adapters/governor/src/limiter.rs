//! The limiter: one ledger for each kind of bucket.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use jwksd_domain::limit::{Allowance, Bucket, Quotas, Refusal};
use jwksd_domain::ports::{Clock, RateLimiter, StoreError};

use crate::ledger::Ledger;

const REFUSALS: &str = "jwksd_rate_limited_total";

/// Limits tries by GCRA, in the memory of this process.
///
/// Counts refusals in `jwksd_rate_limited_total`; a recorder should be installed before the limiter is made.
pub struct GovernorLimiter {
    address: Mutex<Ledger>,
    registration: Mutex<Ledger>,
    account: Mutex<Ledger>,
    mail: Mutex<Ledger>,
    second_factor: Mutex<Ledger>,
    clock: Arc<dyn Clock>,
}

impl GovernorLimiter {
    /// A limiter in which every bucket is full.
    pub fn new(quotas: Quotas, clock: Arc<dyn Clock>) -> Self {
        metrics::describe_counter!(REFUSALS, "Tries that a rate limit refused, by what was limited");
        for bucket in ["address", "registration", "account", "mail", "second_factor"] {
            metrics::counter!(REFUSALS, "bucket" => bucket).increment(0);
        }
        let ledger = |quota| Mutex::new(Ledger::new(quota));
        let Quotas { address, registration, account, mail, second_factor } = quotas;
        Self {
            address: ledger(address),
            registration: ledger(registration),
            account: ledger(account),
            mail: ledger(mail),
            second_factor: ledger(second_factor),
            clock,
        }
    }

    fn ledger_of(&self, bucket: &Bucket) -> MutexGuard<'_, Ledger> {
        let ledger = match bucket {
            Bucket::Address(_) => &self.address,
            Bucket::Registration(_) => &self.registration,
            Bucket::Account(_) => &self.account,
            Bucket::Mail(_) => &self.mail,
            Bucket::SecondFactor(_) => &self.second_factor,
        };
        ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl RateLimiter for GovernorLimiter {
    async fn spend(&self, bucket: &Bucket) -> Result<Result<Allowance, Refusal>, StoreError> {
        let answer = self.ledger_of(bucket).spend(bucket, self.clock.now());
        Ok(answer.inspect_err(|_| count_refusal(bucket)))
    }

    async fn peek(&self, bucket: &Bucket) -> Result<Result<Allowance, Refusal>, StoreError> {
        let answer = self.ledger_of(bucket).peek(bucket, self.clock.now());
        Ok(answer.inspect_err(|_| count_refusal(bucket)))
    }

    async fn clear(&self, bucket: &Bucket) -> Result<(), StoreError> {
        self.ledger_of(bucket).clear(bucket);
        Ok(())
    }
}

/// A look that is refused counts too: whoever looks first goes no further then.
fn count_refusal(bucket: &Bucket) {
    let bucket = match bucket {
        Bucket::Address(_) => "address",
        Bucket::Registration(_) => "registration",
        Bucket::Account(_) => "account",
        Bucket::Mail(_) => "mail",
        Bucket::SecondFactor(_) => "second_factor",
    };
    metrics::counter!(REFUSALS, "bucket" => bucket).increment(1);
}
