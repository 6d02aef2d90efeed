//! What every `SecondFactorRepository` promises.

use std::sync::Arc;

use jwksd_domain::key::EncryptionKeyId;
use jwksd_domain::ports::{Sealed, SecondFactorRepository};
use jwksd_domain::second_factor::{Confirmation, Enrolment, RecoveryHash, SecondFactor, SecondFactorChange, Step};
use jwksd_domain::time::Timestamp;
use jwksd_domain::user::UserId;
use tokio::task::JoinSet;

/// Expands to the suite of the port; `$make` is an async function that makes an `Arc<dyn SecondFactorRepository>` without factors,
/// or a [`Fixture`](crate::Fixture) of one.
#[macro_export]
macro_rules! second_factor_repository_suite {
    ($make:ident) => {
        $crate::expand_cases!(
            second_factor_repository,
            $make,
            [
                has_none_at_first,
                answers_what_it_was_given,
                begins_anew_until_it_is_confirmed,
                confirms_once,
                takes_later_steps_only,
                lets_one_of_many_take_a_step,
                spends_each_recovery_code_once,
                lets_one_of_many_spend_a_code,
                renews_recovery_codes,
                forgets_all_that_it_removes,
                changes_no_other_enrolment,
            ]
        );
    };
}

const JANE: UserId = UserId(1);
const JOHN: UserId = UserId(2);

fn at(millis: i64) -> Timestamp {
    Timestamp::from_unix_millis(1_800_000_000_123 + millis)
}

fn sealed(number: u8) -> Sealed {
    Sealed { bytes: vec![number; 48], sealed_by: EncryptionKeyId::of(&[number; 32]) }
}

fn hash(number: u8) -> RecoveryHash {
    RecoveryHash::new([number; 32])
}

/// A factor of `user` that is not confirmed, begun at `number` milliseconds.
pub fn pending(number: u8, user: UserId) -> SecondFactor {
    SecondFactor::begin(Enrolment { user, at: at(i64::from(number)) }, sealed(number))
}

/// The change that confirms a factor, with the recovery codes 1, 2 and 3 and the step 100.
pub fn confirmation() -> SecondFactorChange {
    let recovery = vec![hash(1), hash(2), hash(3)];
    SecondFactorChange::Confirm(Confirmation { at: at(1000), step: Step(100), recovery })
}

/// The change that takes the code of a step.
pub fn acceptance(step: u64) -> SecondFactorChange {
    SecondFactorChange::Accept(Step(step), sealed(77))
}

/// That the store holds exactly this of the factor's user. Factors cannot be shown, so the failure does not show them.
pub async fn assert_stored(factors: &Arc<dyn SecondFactorRepository>, expected: &SecondFactor) {
    let found = factors.find(expected.enrolment.user).await.unwrap();
    assert!(found.as_ref() == Some(expected), "the factor is not stored as it was given");
}

async fn update(factors: &Arc<dyn SecondFactorRepository>, factor: &SecondFactor, change: &SecondFactorChange) -> bool {
    factors.update(factor.enrolment, change).await.unwrap()
}

/// Adds a factor that is confirmed.
async fn confirmed(factors: &Arc<dyn SecondFactorRepository>, user: UserId) -> SecondFactor {
    let mut factor = pending(1, user);
    assert!(factors.enrol(&factor).await.unwrap());
    assert!(update(factors, &factor, &confirmation()).await && factor.apply(&confirmation()));
    factor
}

/// How many of fifty at once make the same change.
async fn racing(
    factors: &Arc<dyn SecondFactorRepository>,
    factor: &SecondFactor,
    change: &SecondFactorChange,
) -> usize {
    let mut racing = JoinSet::new();
    for _ in 0..50 {
        let (factors, enrolment, change) = (Arc::clone(factors), factor.enrolment, change.clone());
        racing.spawn(async move { factors.update(enrolment, &change).await.unwrap() });
    }
    racing.join_all().await.into_iter().filter(|made| *made).count()
}

/// Absence is no error, and nothing is changed where nothing is.
pub async fn has_none_at_first(factors: &Arc<dyn SecondFactorRepository>) {
    assert!(factors.find(JANE).await.unwrap().is_none());
    let changes = [
        confirmation(),
        acceptance(101),
        SecondFactorChange::Spend(hash(1)),
        SecondFactorChange::Renew(vec![hash(4)]),
        SecondFactorChange::Remove,
    ];
    for change in changes {
        assert!(!update(factors, &pending(1, JANE), &change).await);
    }
    assert!(factors.find(JANE).await.unwrap().is_none());
}

/// A factor comes back with all that was given, instants to the millisecond.
pub async fn answers_what_it_was_given(factors: &Arc<dyn SecondFactorRepository>) {
    let plain = pending(7, JOHN);
    assert!(factors.enrol(&plain).await.unwrap());
    assert_stored(factors, &plain).await;
    let full = confirmed(factors, JANE).await;
    assert_stored(factors, &full).await;
    assert_stored(factors, &plain).await;
}

/// Who lost the first QR code is shown another one; who has a factor keeps it.
pub async fn begins_anew_until_it_is_confirmed(factors: &Arc<dyn SecondFactorRepository>) {
    let (first, mut second) = (pending(1, JANE), pending(2, JANE));
    assert!(factors.enrol(&first).await.unwrap() && factors.enrol(&second).await.unwrap());
    assert_stored(factors, &second).await;
    assert!(!update(factors, &first, &confirmation()).await, "another one has taken its place");
    assert!(update(factors, &second, &confirmation()).await && second.apply(&confirmation()));
    assert!(!factors.enrol(&pending(3, JANE)).await.unwrap());
    assert_stored(factors, &second).await;
}

/// What is confirmed is not confirmed again, and nothing is taken before.
pub async fn confirms_once(factors: &Arc<dyn SecondFactorRepository>) {
    let factor = pending(1, JANE);
    assert!(factors.enrol(&factor).await.unwrap());
    for change in [acceptance(101), SecondFactorChange::Spend(hash(1)), SecondFactorChange::Renew(vec![hash(4)])] {
        assert!(!update(factors, &factor, &change).await);
    }
    assert_stored(factors, &factor).await;
    assert_eq!(racing(factors, &factor, &confirmation()).await, 1);
}

/// A step that was taken, or an earlier one, is none any more.
pub async fn takes_later_steps_only(factors: &Arc<dyn SecondFactorRepository>) {
    let mut factor = confirmed(factors, JANE).await;
    for (step, is_taken) in [(100, false), (99, false), (102, true), (102, false), (101, false), (103, true)] {
        assert_eq!(update(factors, &factor, &acceptance(step)).await, is_taken, "{step}");
        assert_eq!(factor.apply(&acceptance(step)), is_taken, "{step}");
        assert_stored(factors, &factor).await;
    }
}

/// Of many logins with one code, one is let in.
pub async fn lets_one_of_many_take_a_step(factors: &Arc<dyn SecondFactorRepository>) {
    let factor = confirmed(factors, JANE).await;
    assert_eq!(racing(factors, &factor, &acceptance(101)).await, 1);
}

/// And no other with it; what was never given out is none.
pub async fn spends_each_recovery_code_once(factors: &Arc<dyn SecondFactorRepository>) {
    let mut factor = confirmed(factors, JANE).await;
    let johns = confirmed(factors, JOHN).await;
    for (number, is_spent) in [(2, true), (2, false), (9, false), (1, true), (3, true), (3, false)] {
        let change = SecondFactorChange::Spend(hash(number));
        assert_eq!(update(factors, &factor, &change).await, is_spent, "{number}");
        assert_eq!(factor.apply(&change), is_spent, "{number}");
        assert_stored(factors, &factor).await;
    }
    assert_stored(factors, &johns).await;
}

/// Of many logins with one recovery code, one is let in.
pub async fn lets_one_of_many_spend_a_code(factors: &Arc<dyn SecondFactorRepository>) {
    let factor = confirmed(factors, JANE).await;
    assert_eq!(racing(factors, &factor, &SecondFactorChange::Spend(hash(2))).await, 1);
}

/// The earlier ones are none any more.
pub async fn renews_recovery_codes(factors: &Arc<dyn SecondFactorRepository>) {
    let mut factor = confirmed(factors, JANE).await;
    let johns = confirmed(factors, JOHN).await;
    let change = SecondFactorChange::Renew(vec![hash(3), hash(4)]);
    assert!(update(factors, &factor, &change).await && factor.apply(&change));
    assert_stored(factors, &factor).await;
    assert_stored(factors, &johns).await;
}

/// A factor that comes after knows nothing of the one before.
pub async fn forgets_all_that_it_removes(factors: &Arc<dyn SecondFactorRepository>) {
    let (janes, johns) = (confirmed(factors, JANE).await, confirmed(factors, JOHN).await);
    assert!(update(factors, &janes, &SecondFactorChange::Remove).await);
    assert!(!update(factors, &janes, &SecondFactorChange::Remove).await);
    assert!(factors.find(JANE).await.unwrap().is_none());
    assert_stored(factors, &johns).await;
    let next = pending(9, JANE);
    assert!(factors.enrol(&next).await.unwrap());
    assert_stored(factors, &next).await;
}

/// What was decided over one enrolment is not made to the next.
pub async fn changes_no_other_enrolment(factors: &Arc<dyn SecondFactorRepository>) {
    let factor = confirmed(factors, JANE).await;
    let earlier = pending(9, JANE);
    let changes = [
        confirmation(),
        acceptance(101),
        SecondFactorChange::Spend(hash(1)),
        SecondFactorChange::Renew(vec![hash(4)]),
        SecondFactorChange::Remove,
    ];
    for change in changes {
        assert!(!update(factors, &earlier, &change).await);
    }
    assert_stored(factors, &factor).await;
}
