//! What every `SealedSecrets` promises.

use std::sync::Arc;

use async_trait::async_trait;
use jwksd_domain::key::EncryptionKeyId;
use jwksd_domain::ports::{Resealing, SealContext, Sealed, SealedSecret, SealedSecrets, SessionRepository};
use jwksd_domain::session::Session;
use jwksd_domain::user::UserId;

use super::session_repository;
use crate::Fixture;

/// A store without secrets of the purpose, and the way to add some.
#[async_trait]
pub trait SecretsUnderTest: Send + Sync {
    /// The secrets.
    fn secrets(&self) -> &Arc<dyn SealedSecrets>;

    /// Adds what has a secret, another one for each number; answers the secret.
    async fn add(&self, number: u8) -> SealedSecret;

    /// Whether what has the secret of that number is as it was added, but for the secret, which is `sealed`.
    async fn is_kept(&self, number: u8, sealed: &Sealed) -> bool;
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
                shows_all_in_order_and_page_by_page,
                replaces_what_is_as_it_was,
                leaves_alone_what_has_changed,
            ]
        );
    };
}

/// Those of sessions.
pub struct SecretsOfSessions {
    /// The secrets.
    pub secrets: Fixture<dyn SealedSecrets>,
    /// What has them.
    pub sessions: Arc<dyn SessionRepository>,
}

#[async_trait]
impl SecretsUnderTest for SecretsOfSessions {
    fn secrets(&self) -> &Arc<dyn SealedSecrets> {
        &self.secrets
    }

    async fn add(&self, number: u8) -> SealedSecret {
        let session = session_repository::session(number, UserId(1));
        self.sessions.insert(&session, session.created_at).await.unwrap();
        SealedSecret { context: SealContext::of_session(session.id), sealed: session.secret }
    }

    async fn is_kept(&self, number: u8, sealed: &Sealed) -> bool {
        let expected = Session { secret: sealed.clone(), ..session_repository::session(number, UserId(1)) };
        self.sessions.find(expected.id).await.unwrap() == Some(expected)
    }
}

fn another(number: u8) -> Sealed {
    Sealed { bytes: vec![number; 61], sealed_by: EncryptionKeyId::of(&[200; 32]) }
}

/// The secret of that number, sealed anew.
fn resealing(secret: &SealedSecret, number: u8) -> Resealing {
    Resealing { context: secret.context.clone(), from: secret.sealed.clone(), to: another(number) }
}

async fn assert_shown(
    subject: &impl SecretsUnderTest,
    after: Option<&SealedSecret>,
    limit: u32,
    expected: &[SealedSecret],
) {
    let after = after.map(|secret| secret.context.subject().to_owned());
    let shown = subject.secrets().page(after, limit).await.unwrap();
    assert!(shown == expected, "{} secrets are shown that are not the {} expected", shown.len(), expected.len());
}

/// Nothing is no error.
pub async fn shows_none_at_first(subject: &impl SecretsUnderTest) {
    assert_shown(subject, None, 10, &[]).await;
    assert_eq!(subject.secrets().replace(&[]).await.unwrap(), 0);
}

/// Each once, under its purpose.
pub async fn shows_all_in_order_and_page_by_page(subject: &impl SecretsUnderTest) {
    let mut secrets = Vec::new();
    for number in [3, 1, 200, 2] {
        secrets.push(subject.add(number).await);
    }
    secrets.sort_by(|one, other| one.context.subject().cmp(other.context.subject()));
    assert_shown(subject, None, 10, &secrets).await;
    assert_shown(subject, None, 2, &secrets[..2]).await;
    assert_shown(subject, Some(&secrets[1]), 2, &secrets[2..]).await;
    assert_shown(subject, Some(&secrets[3]), 2, &[]).await;
    let purpose = subject.secrets().purpose();
    assert!(secrets.iter().all(|secret| secret.context.purpose() == purpose));
}

/// Several at once, and nothing beside.
pub async fn replaces_what_is_as_it_was(subject: &impl SecretsUnderTest) {
    let (first, second, third) = (subject.add(1).await, subject.add(2).await, subject.add(3).await);
    let resealings = [resealing(&first, 1), resealing(&third, 3)];
    assert_eq!(subject.secrets().replace(&resealings).await.unwrap(), 2);
    assert!(subject.is_kept(1, &another(1)).await && subject.is_kept(3, &another(3)).await);
    assert!(subject.is_kept(2, &second.sealed).await);
}

/// Of two who seal anew the second finds it done.
pub async fn leaves_alone_what_has_changed(subject: &impl SecretsUnderTest) {
    let (first, second) = (subject.add(1).await, subject.add(2).await);
    let mut by_another = resealing(&first, 9);
    by_another.from.sealed_by = EncryptionKeyId::of(&[201; 32]);
    let mut of_other_bytes = resealing(&first, 9);
    of_other_bytes.from.bytes[0] ^= 1;
    let of_another = Resealing { context: second.context.clone(), ..resealing(&first, 9) };
    assert_eq!(subject.secrets().replace(&[by_another, of_other_bytes, of_another]).await.unwrap(), 0);
    assert!(subject.is_kept(1, &first.sealed).await && subject.is_kept(2, &second.sealed).await);
    let both = [resealing(&first, 1), resealing(&second, 2)];
    assert_eq!(subject.secrets().replace(&both[..1]).await.unwrap(), 1);
    assert_eq!(subject.secrets().replace(&both).await.unwrap(), 1);
}
