//! What every `RateLimiter` promises.

use std::net::{IpAddr, Ipv4Addr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use jwksd_domain::limit::{Allowance, Bucket, Quota, Quotas, Refusal};
use jwksd_domain::ports::RateLimiter;
use jwksd_domain::user::UserId;
use tokio::task::JoinSet;

use crate::ManualClock;

/// The quotas that the limiter under test must have.
pub const QUOTAS: Quotas = Quotas {
    address: quota(10, 1),
    registration: quota(5, 10),
    account: quota(3, 30),
    mail: quota(2, 60),
    second_factor: quota(2, 300),
};

const fn quota(burst: u32, every_seconds: u64) -> Quota {
    let burst = NonZeroU32::new(burst).expect("the quotas above have bursts");
    Quota { burst, every: Duration::from_secs(every_seconds) }
}

/// A limiter with [`QUOTAS`], and the clock that it goes by.
pub struct LimiterUnderTest {
    /// The limiter.
    pub limiter: Arc<dyn RateLimiter>,
    /// Its clock.
    pub clock: Arc<ManualClock>,
}

/// Expands to the suite of the port; `$make` is an async function that makes a
/// [`LimiterUnderTest`](crate::suites::rate_limiter::LimiterUnderTest).
#[macro_export]
macro_rules! rate_limiter_suite {
    ($make:ident) => {
        $crate::expand_cases!(
            rate_limiter,
            $make,
            [
                lets_a_burst_pass_and_no_more,
                lets_ten_pass_at_ten_a_second,
                lets_ten_pass_after_one_a_second_before,
                lets_one_more_pass_each_while,
                refills_to_the_burst_and_no_further,
                tells_what_is_left,
                tells_when_to_come_back,
                charges_nothing_for_a_refusal,
                spends_nothing_by_looking,
                sees_what_a_try_would_get,
                forgets_what_was_cleared,
                counts_each_bucket_apart,
                counts_accounts_by_their_own_quota,
                lets_no_more_pass_at_the_same_instant,
            ]
        );
    };
}

fn address(last: u8) -> Bucket {
    Bucket::address(IpAddr::V4(Ipv4Addr::new(192, 0, 2, last)))
}

fn account(name: &str) -> Bucket {
    Bucket::Account(name.to_owned())
}

async fn spend(subject: &LimiterUnderTest, bucket: &Bucket) -> Result<Allowance, Refusal> {
    subject.limiter.spend(bucket).await.unwrap()
}

async fn peek(subject: &LimiterUnderTest, bucket: &Bucket) -> Result<Allowance, Refusal> {
    subject.limiter.peek(bucket).await.unwrap()
}

/// How many of `tries` pass, `apart` from each other and the first one now.
async fn passing(subject: &LimiterUnderTest, bucket: &Bucket, tries: u32, apart: Duration) -> u32 {
    let mut passed = 0;
    for number in 0..tries {
        if number > 0 {
            subject.clock.advance(apart);
        }
        passed += u32::from(spend(subject, bucket).await.is_ok());
    }
    passed
}

const fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// Ten at once, not eleven.
pub async fn lets_a_burst_pass_and_no_more(subject: &LimiterUnderTest) {
    assert_eq!(passing(subject, &address(1), 25, Duration::ZERO).await, 10);
}

/// Ten tries a tenth of a second apart pass; an eleventh right after is refused.
pub async fn lets_ten_pass_at_ten_a_second(subject: &LimiterUnderTest) {
    assert_eq!(passing(subject, &address(1), 10, millis(100)).await, 10);
    assert!(spend(subject, &address(1)).await.is_err());
    subject.clock.advance(millis(99));
    assert!(spend(subject, &address(1)).await.is_err());
}

/// The same where one try went before by a second, or by a little less.
pub async fn lets_ten_pass_after_one_a_second_before(subject: &LimiterUnderTest) {
    for (last, before) in [(1, 1000), (2, 999), (3, 950), (4, 1500)] {
        spend(subject, &address(last)).await.unwrap();
        subject.clock.advance(millis(before));
        assert_eq!(passing(subject, &address(last), 10, millis(100)).await, 10, "{before} ms before");
        assert!(spend(subject, &address(last)).await.is_err(), "{before} ms before");
    }
}

/// After the burst, exactly one each second, not a millisecond before.
pub async fn lets_one_more_pass_each_while(subject: &LimiterUnderTest) {
    passing(subject, &address(1), 10, Duration::ZERO).await;
    for _ in 0..3 {
        subject.clock.advance(millis(999));
        assert!(spend(subject, &address(1)).await.is_err());
        subject.clock.advance(millis(1));
        assert!(spend(subject, &address(1)).await.is_ok());
        assert!(spend(subject, &address(1)).await.is_err());
    }
}

/// Patience is not saved up: after a day it is ten at once, not eleven.
pub async fn refills_to_the_burst_and_no_further(subject: &LimiterUnderTest) {
    passing(subject, &address(1), 10, Duration::ZERO).await;
    subject.clock.advance(Duration::from_secs(86_400));
    assert_eq!(passing(subject, &address(1), 25, Duration::ZERO).await, 10);
}

/// From nine to none, and how long until it is ten again.
pub async fn tells_what_is_left(subject: &LimiterUnderTest) {
    for spent in 1..=10 {
        let reset_after = Duration::from_secs(u64::from(spent));
        let expected = Allowance { limit: 10, remaining: 10 - spent, reset_after };
        assert_eq!(spend(subject, &address(1)).await, Ok(expected));
    }
    subject.clock.advance(millis(2500));
    let expected = Allowance { limit: 10, remaining: 1, reset_after: millis(8500) };
    assert_eq!(spend(subject, &address(1)).await, Ok(expected));
}

/// To the millisecond; and a try at that instant passes.
pub async fn tells_when_to_come_back(subject: &LimiterUnderTest) {
    passing(subject, &address(1), 10, Duration::ZERO).await;
    for waited in [0, 300, 699] {
        let expected = Refusal { limit: 10, retry_after: millis(1000 - waited), reset_after: millis(10_000 - waited) };
        subject.clock.advance(millis(waited));
        assert_eq!(spend(subject, &address(1)).await, Err(expected), "after {waited} ms");
        subject.clock.advance(millis(1000 - waited));
        assert!(spend(subject, &address(1)).await.is_ok());
    }
}

/// Whoever keeps knocking is let in as soon as whoever waits.
pub async fn charges_nothing_for_a_refusal(subject: &LimiterUnderTest) {
    passing(subject, &address(1), 10, Duration::ZERO).await;
    assert_eq!(passing(subject, &address(1), 99, millis(10)).await, 0);
    subject.clock.advance(millis(20));
    assert!(spend(subject, &address(1)).await.is_ok());
}

/// However often.
pub async fn spends_nothing_by_looking(subject: &LimiterUnderTest) {
    for _ in 0..25 {
        peek(subject, &address(1)).await.unwrap();
    }
    assert_eq!(passing(subject, &address(1), 25, Duration::ZERO).await, 10);
}

/// A look and the try after it have the same answer, in every state of the bucket.
pub async fn sees_what_a_try_would_get(subject: &LimiterUnderTest) {
    for step in 0..40 {
        let seen = peek(subject, &address(1)).await;
        assert_eq!(seen, spend(subject, &address(1)).await, "step {step}");
        subject.clock.advance(millis(step * 17));
    }
}

/// As after a login that succeeded: all of the quota is there again. Clearing what was never spent changes nothing.
pub async fn forgets_what_was_cleared(subject: &LimiterUnderTest) {
    passing(subject, &account("a"), 4, Duration::ZERO).await;
    passing(subject, &account("b"), 4, Duration::ZERO).await;
    subject.limiter.clear(&account("a")).await.unwrap();
    subject.limiter.clear(&account("c")).await.unwrap();
    assert_eq!(passing(subject, &account("a"), 4, Duration::ZERO).await, 3);
    assert_eq!(passing(subject, &account("c"), 4, Duration::ZERO).await, 3);
    assert!(spend(subject, &account("b")).await.is_err(), "another bucket was cleared too");
}

/// What one address or account spends, no other pays for; nor an account for an address whose text is its name, nor the logins
/// of an address for its registrations, nor a name for the second factor of the user whose id it is.
pub async fn counts_each_bucket_apart(subject: &LimiterUnderTest) {
    let registration = |last| Bucket::registration(IpAddr::V4(Ipv4Addr::new(192, 0, 2, last)));
    let addresses = [(address(1), 10), (registration(1), 5), (registration(2), 5), (address(2), 10)];
    let accounts = ["192.0.2.1", "1", "a", "A"].map(|name| (account(name), 3));
    let factors = [1, 2].map(|user| (Bucket::SecondFactor(UserId(user)), 2));
    for (bucket, burst) in addresses.iter().chain(&accounts).chain(&factors) {
        assert_eq!(passing(subject, bucket, 25, Duration::ZERO).await, *burst, "{bucket:?}");
    }
}

/// Three at once, then one each half minute.
pub async fn counts_accounts_by_their_own_quota(subject: &LimiterUnderTest) {
    assert_eq!(passing(subject, &account("a"), 25, Duration::ZERO).await, 3);
    let seconds = Duration::from_secs;
    let expected = Refusal { limit: 3, retry_after: seconds(30), reset_after: seconds(90) };
    assert_eq!(spend(subject, &account("a")).await, Err(expected));
    subject.clock.advance(seconds(30));
    assert_eq!(passing(subject, &account("a"), 25, Duration::ZERO).await, 1);
}

/// Of a hundred tries by tasks that run in parallel, ten pass.
pub async fn lets_no_more_pass_at_the_same_instant(subject: &LimiterUnderTest) {
    let mut tries = JoinSet::new();
    for _ in 0..100 {
        let limiter = Arc::clone(&subject.limiter);
        tries.spawn(async move { limiter.spend(&address(1)).await.unwrap().is_ok() });
    }
    assert_eq!(tries.join_all().await.into_iter().filter(|passed| *passed).count(), 10);
}
