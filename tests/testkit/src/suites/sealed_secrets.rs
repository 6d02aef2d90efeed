//! What every `SealedSecrets` promises.

use std::sync::Arc;

use jwksd_domain::key::{Algorithm, EncryptionKeyId, KeyRing};
use jwksd_domain::otp::StoredOtp;
use jwksd_domain::ports::{
    KeyRepository, OtpRepository, Purpose, Resealing, SealContext, Sealed, SealedSecret, SealedSecrets,
    SecondFactorRepository, SessionRepository, StoreError,
};
use jwksd_domain::second_factor::SecondFactor;
use jwksd_domain::session::Session;
use jwksd_domain::time::Timestamp;
use jwksd_domain::user::UserId;
use tokio::task::JoinSet;

use super::{key_repository, otp_repository, second_factor_repository, session_repository};
use crate::Fixture;

/// Empty stores, seen from both sides.
pub struct SecretsUnderTest {
    /// What they keep sealed.
    pub secrets: Fixture<dyn SealedSecrets>,
    /// The keys.
    pub keys: Arc<dyn KeyRepository>,
    /// The sessions.
    pub sessions: Arc<dyn SessionRepository>,
    /// The one-time codes.
    pub codes: Arc<dyn OtpRepository>,
    /// The second factors.
    pub second_factors: Arc<dyn SecondFactorRepository>,
}

/// Expands to the suite of the port; `$make` is an async function that makes a
/// [`SecretsUnderTest`](crate::suites::sealed_secrets::SecretsUnderTest).
#[macro_export]
macro_rules! sealed_secrets_suite {
    ($make:ident) => {
        $crate::expand_cases!(
            sealed_secrets,
            $make,
            [
                shows_none_at_first,
                shows_every_purpose_page_by_page,
                goes_on_behind_what_is_gone,
                replaces_the_ring_and_every_secret,
                refuses_any_revision_but_the_stored_one,
                leaves_alone_what_is_gone_or_done,
                does_nothing_where_one_has_changed,
                has_the_private_halves_from_the_ring,
                lets_one_of_many_replace,
            ]
        );
    };
}

const JANE: UserId = UserId(1);

impl SecretsUnderTest {
    /// Adds what has a secret of that purpose, another one for each number; answers the secret.
    async fn add(&self, purpose: Purpose, number: u8) -> SealedSecret {
        match purpose {
            Purpose::SigningKey => {
                let mut ring = self.keys.load().await.unwrap();
                let key = key_repository::key(number, Algorithm::Es256);
                let secret =
                    SealedSecret { context: SealContext::of_signing_key(key.kid()), sealed: key.private.clone() };
                ring.keys.push(key);
                self.keys.store(&ring).await.unwrap();
                secret
            }
            Purpose::SessionSecret => {
                let session = session_repository::session(number, JANE);
                self.sessions.insert(&session, session.created_at).await.unwrap();
                SealedSecret { context: SealContext::of_session(session.id), sealed: session.secret }
            }
            Purpose::OneTimeCodeKey => {
                let otp = otp_repository::otp(number);
                self.codes.replace(&otp, Timestamp::from_unix_millis(0)).await.unwrap();
                SealedSecret { context: SealContext::of_one_time_code(otp.id), sealed: otp.key }
            }
            Purpose::TotpSecret => {
                let factor = factor(number);
                assert!(self.second_factors.enrol(&factor).await.unwrap());
                let context = SealContext::of_second_factor(factor.enrolment.user);
                SealedSecret { context, sealed: factor.secret }
            }
        }
    }

    /// Whether what has the secret of that purpose and number is as it was added, but for the secret, which is `sealed`. Spends an
    /// attempt of a one-time code to see it.
    async fn is_kept(&self, purpose: Purpose, number: u8, sealed: &Sealed) -> bool {
        let sealed = sealed.clone();
        match purpose {
            Purpose::SigningKey => {
                let mut expected = key_repository::key(number, Algorithm::Es256);
                expected.private = sealed;
                self.keys.load().await.unwrap().find(expected.kid()) == Some(&expected)
            }
            Purpose::SessionSecret => {
                let expected = Session { secret: sealed, ..session_repository::session(number, JANE) };
                self.sessions.find(expected.id).await.unwrap() == Some(expected)
            }
            Purpose::OneTimeCodeKey => {
                let otp = otp_repository::otp(number);
                let expected = StoredOtp { key: sealed, attempts_left: otp.attempts_left - 1, ..otp };
                self.codes.attempt(expected.id, Timestamp::from_unix_millis(0)).await.unwrap() == Some(expected)
            }
            Purpose::TotpSecret => {
                let expected = SecondFactor { secret: sealed, ..factor(number) };
                self.second_factors.find(expected.enrolment.user).await.unwrap() == Some(expected)
            }
        }
    }

    /// Two secrets of each purpose, and how they are to be sealed.
    async fn filled(&self) -> Vec<Resealing> {
        let mut resealings = Vec::new();
        for number in [1, 2] {
            for purpose in Purpose::ALL {
                resealings.push(resealing(self.add(purpose, number).await, 50 + number));
            }
        }
        resealings
    }

    /// That all is as [`SecretsUnderTest::filled`] has left it.
    async fn assert_unchanged(&self, resealings: &[Resealing]) {
        let ring = self.keys.load().await.unwrap();
        assert_eq!(ring.revision, 2, "the ring was replaced");
        for (number, pairs) in (1..).zip(resealings.chunks(Purpose::ALL.len())) {
            for Resealing { context, from, .. } in pairs {
                assert!(self.is_kept(context.purpose(), number, from).await, "{context:?} has changed");
            }
        }
    }

    /// The stored ring with other private halves.
    async fn resealed_ring(&self) -> KeyRing {
        let mut ring = self.keys.load().await.unwrap();
        (51..).zip(&mut ring.keys).for_each(|(number, key)| key.private = another(number));
        ring
    }

    /// Every secret, at most so many at once.
    async fn shown(&self, limit: u32) -> Vec<SealedSecret> {
        let mut shown: Vec<SealedSecret> = Vec::new();
        loop {
            let after = shown.last().map(|last| last.context.clone());
            let page = self.secrets.page(after, limit).await.unwrap();
            assert!(page.len() <= usize::try_from(limit).unwrap());
            if page.is_empty() {
                return shown;
            }
            shown.extend(page);
        }
    }
}

/// The factor of the user of that number.
fn factor(number: u8) -> SecondFactor {
    second_factor_repository::pending(number, UserId(i64::from(number)))
}

fn another(number: u8) -> Sealed {
    Sealed { bytes: vec![number; 61], sealed_by: EncryptionKeyId::of(&[200; 32]) }
}

/// The secret, sealed anew.
fn resealing(SealedSecret { context, sealed: from }: SealedSecret, number: u8) -> Resealing {
    Resealing { context, from, to: another(number) }
}

/// Nothing is no error.
pub async fn shows_none_at_first(subject: &SecretsUnderTest) {
    assert!(subject.secrets.page(None, 10).await.unwrap().is_empty());
    assert_eq!(subject.secrets.replace(&KeyRing::default(), &[]).await.unwrap(), 0);
}

/// Each once and in its context, whatever the size of the page; those of keys are in the ring.
pub async fn shows_every_purpose_page_by_page(subject: &SecretsUnderTest) {
    let mut added = Vec::new();
    for number in [30, 1, 200, 9] {
        for purpose in Purpose::ALL {
            added.push(subject.add(purpose, number).await);
        }
    }
    added.retain(|secret| secret.context.purpose() != Purpose::SigningKey);
    let all = subject.shown(100).await;
    for limit in [1, 3, 4] {
        assert!(subject.shown(limit).await == all, "in pages of {limit}");
    }
    assert!(all.is_sorted_by_key(|secret| secret.context.purpose()));
    let sorted = |mut secrets: Vec<SealedSecret>| {
        secrets.sort_by(|one, other| one.context.cmp(&other.context));
        secrets
    };
    assert!(sorted(all) == sorted(added), "what is shown is what is sealed");
}

/// A session ends, a code is used up, while somebody turns the pages.
pub async fn goes_on_behind_what_is_gone(subject: &SecretsUnderTest) {
    for number in [1, 2, 3] {
        subject.add(Purpose::OneTimeCodeKey, number).await;
    }
    let all = subject.shown(1).await;
    for number in [1, 2, 3] {
        let otp = otp_repository::otp(number);
        assert!(subject.codes.consume(otp.id, &otp.hash).await.unwrap());
        if SealContext::of_one_time_code(otp.id) != all[1].context {
            subject.add(Purpose::OneTimeCodeKey, number).await;
        }
    }
    let rest = subject.secrets.page(Some(all[1].context.clone()), 10).await.unwrap();
    assert!(rest == all[2..], "{} secrets are behind the second of three", rest.len());
}

/// All of it, and nothing beside.
pub async fn replaces_the_ring_and_every_secret(subject: &SecretsUnderTest) {
    let resealings = subject.filled().await;
    let beside = subject.add(Purpose::SessionSecret, 3).await;
    let ring = subject.resealed_ring().await;
    assert_eq!(subject.secrets.replace(&ring, &resealings).await.unwrap(), 6);
    key_repository::assert_stored(&subject.keys, &KeyRing { revision: 3, ..ring }).await;
    for purpose in Purpose::ALL {
        for number in [1, 2] {
            assert!(subject.is_kept(purpose, number, &another(50 + number)).await, "{purpose:?} {number}");
        }
    }
    assert!(subject.is_kept(Purpose::SessionSecret, 3, &beside.sealed).await);
}

/// Whoever has changed the ring meanwhile may have added a key.
pub async fn refuses_any_revision_but_the_stored_one(subject: &SecretsUnderTest) {
    let resealings = subject.filled().await;
    for revision in [0, 1, 3, u64::MAX] {
        let ring = KeyRing { revision, ..subject.resealed_ring().await };
        let outcome = subject.secrets.replace(&ring, &resealings).await;
        assert!(matches!(outcome, Err(StoreError::Conflict)), "revision {revision}");
    }
    subject.assert_unchanged(&resealings).await;
}

/// Of two who seal anew the second finds it done; what is gone needs no encryption key.
pub async fn leaves_alone_what_is_gone_or_done(subject: &SecretsUnderTest) {
    let mut resealings = subject.filled().await;
    let otp = otp_repository::otp(1);
    assert!(subject.codes.consume(otp.id, &otp.hash).await.unwrap());
    let ring = subject.resealed_ring().await;
    assert_eq!(subject.secrets.replace(&ring, &resealings[..4]).await.unwrap(), 2);
    resealings.iter_mut().for_each(|resealing| resealing.to.bytes.fill(99));
    let ring = KeyRing { revision: 3, ..ring };
    assert_eq!(subject.secrets.replace(&ring, &resealings).await.unwrap(), 3);
    for (number, bytes) in [(1, 51), (2, 99)] {
        let sealed = another(bytes);
        assert!(subject.is_kept(Purpose::SessionSecret, number, &sealed).await, "{number}");
        assert!(subject.is_kept(Purpose::TotpSecret, number, &sealed).await, "{number}");
    }
}

/// Whatever it was, it needs another encryption key than that which is told to be enough.
pub async fn does_nothing_where_one_has_changed(subject: &SecretsUnderTest) {
    let resealings = subject.filled().await;
    let ring = subject.resealed_ring().await;
    let is_beside_the_ring = |index: &usize| resealings[*index].context.purpose() != Purpose::SigningKey;
    for changed in (0..resealings.len()).filter(is_beside_the_ring) {
        let mut of_other_bytes = resealings.clone();
        of_other_bytes[changed].from.bytes[0] ^= 1;
        let mut of_another_key = resealings.clone();
        of_another_key[changed].from.sealed_by = EncryptionKeyId::of(&[201; 32]);
        for resealings in [of_other_bytes, of_another_key] {
            let outcome = subject.secrets.replace(&ring, &resealings).await;
            assert!(matches!(outcome, Err(StoreError::Conflict)), "{:?}", resealings[changed].context);
        }
    }
    subject.assert_unchanged(&resealings).await;
}

/// Also where one is named beside it.
pub async fn has_the_private_halves_from_the_ring(subject: &SecretsUnderTest) {
    let key = subject.add(Purpose::SigningKey, 1).await;
    let ring = subject.keys.load().await.unwrap();
    assert_eq!(subject.secrets.replace(&ring, &[resealing(key.clone(), 9)]).await.unwrap(), 0);
    assert!(subject.is_kept(Purpose::SigningKey, 1, &key.sealed).await);
}

/// As of many who rotate.
pub async fn lets_one_of_many_replace(subject: &SecretsUnderTest) {
    let (resealings, ring) = (Arc::new(subject.filled().await), Arc::new(subject.resealed_ring().await));
    let mut racing = JoinSet::new();
    for _ in 0..16 {
        let (secrets, ring, resealings) = (Arc::clone(&subject.secrets), Arc::clone(&ring), Arc::clone(&resealings));
        racing.spawn(async move { secrets.replace(&ring, &resealings).await });
    }
    let outcomes = racing.join_all().await;
    let count = |is_it: fn(&Result<u64, StoreError>) -> bool| outcomes.iter().filter(|outcome| is_it(outcome)).count();
    assert_eq!((count(|it| matches!(it, Ok(6))), count(|it| matches!(it, Err(StoreError::Conflict)))), (1, 15));
}
