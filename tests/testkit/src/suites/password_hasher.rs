//! What every `PasswordHasher` promises.

use std::sync::Arc;
use std::time::Duration;

use jwksd_domain::ports::{HasherError, PasswordHasher, Verification};
use jwksd_domain::user::{Password, PasswordHash};
use tokio::task::JoinSet;

/// Hashers that differ in what their hashes cost.
pub struct HasherUnderTest {
    /// The hasher.
    pub hasher: Arc<dyn PasswordHasher>,
    /// Makes stronger hashes.
    pub stronger: Arc<dyn PasswordHasher>,
}

/// Expands to the suite of the port; `$make` is an async function that makes a
/// [`HasherUnderTest`](crate::suites::password_hasher::HasherUnderTest).
#[macro_export]
macro_rules! password_hasher_suite {
    ($make:ident) => {
        $crate::expand_cases!(
            password_hasher,
            $make,
            [
                knows_the_password,
                knows_no_other,
                takes_every_byte_into_account,
                takes_one_password_for_one_however_typed,
                salts_each_hash,
                hides_the_password,
                matches_nothing_where_there_is_no_hash,
                matches_nothing_with_an_unreadable_hash,
                tells_a_weaker_hash,
                leaves_a_stronger_hash,
                works_or_refuses_at_once,
            ]
        );
    };
}

const MATCHES: Verification = Verification::Matches { outdated: false };

fn password(text: &str) -> Password {
    Password::parse(text.to_owned()).unwrap()
}

async fn hash(subject: &HasherUnderTest, text: &str) -> PasswordHash {
    subject.hasher.hash(&password(text)).await.unwrap()
}

async fn verify(subject: &HasherUnderTest, text: &str, hash: &PasswordHash) -> Verification {
    subject.hasher.verify(&password(text), Some(hash)).await.unwrap()
}

/// And its own hashes are never outdated.
pub async fn knows_the_password(subject: &HasherUnderTest) {
    let longest = "x".repeat(512);
    for text in ["password123", "p", " ", "日本語のパスワード", &longest] {
        assert_eq!(verify(subject, text, &hash(subject, text).await).await, MATCHES, "{text}");
    }
}

/// Case, spaces and accents count.
pub async fn knows_no_other(subject: &HasherUnderTest) {
    let hash = hash(subject, "password123").await;
    for text in ["Password123", "password123 ", " password123", "password12", "pässword123", "1"] {
        assert_eq!(verify(subject, text, &hash).await, Verification::Differs, "{text}");
    }
}

/// The last of many bytes, and what comes after a NUL.
pub async fn takes_every_byte_into_account(subject: &HasherUnderTest) {
    let (long, other) = (format!("{}a", "x".repeat(511)), format!("{}b", "x".repeat(511)));
    assert_eq!(verify(subject, &other, &hash(subject, &long).await).await, Verification::Differs);
    assert_eq!(verify(subject, "ab\0d", &hash(subject, "ab\0c").await).await, Verification::Differs);
}

/// One keyboard sends é as one character, another as an e and an accent (NIST SP 800-63B-4 section 3.1.1.2).
pub async fn takes_one_password_for_one_however_typed(subject: &HasherUnderTest) {
    let (composed, decomposed) = ("caf\u{e9} cr\u{e8}me", "cafe\u{301} cre\u{300}me");
    assert_eq!(verify(subject, decomposed, &hash(subject, composed).await).await, MATCHES);
    assert_eq!(verify(subject, composed, &hash(subject, decomposed).await).await, MATCHES);
}

/// Two users with one password do not look alike.
pub async fn salts_each_hash(subject: &HasherUnderTest) {
    let (first, second) = (hash(subject, "password123").await, hash(subject, "password123").await);
    assert!(first != second);
    assert_eq!(verify(subject, "password123", &first).await, MATCHES);
    assert_eq!(verify(subject, "password123", &second).await, MATCHES);
}

/// The hash has the form of a PHC string, and the password is not in it.
pub async fn hides_the_password(subject: &HasherUnderTest) {
    let hash = hash(subject, "password123").await;
    assert!(hash.0.starts_with('$') && hash.0.is_ascii());
    assert!(!hash.0.contains("password123"));
}

/// The decoy is no password's hash: not of a blank one either (keycloak#51887).
pub async fn matches_nothing_where_there_is_no_hash(subject: &HasherUnderTest) {
    for text in ["password123", " ", "\0", "password", "decoy"] {
        let verification = subject.hasher.verify(&password(text), None).await.unwrap();
        assert_eq!(verification, Verification::Differs, "{text:?}");
    }
}

/// Empty, cut, of another kind: the user cannot log in, and the caller hears no error.
pub async fn matches_nothing_with_an_unreadable_hash(subject: &HasherUnderTest) {
    let PasswordHash(whole) = hash(subject, "password123").await;
    let bcrypt = "$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW";
    for text in ["", "password123", bcrypt, &whole[..whole.len() - 1], &whole[1..], &whole[..9]] {
        let hash = PasswordHash(text.to_owned());
        assert_eq!(verify(subject, "password123", &hash).await, Verification::Differs, "{text}");
    }
}

/// So that it is made anew at the login that has just succeeded.
pub async fn tells_a_weaker_hash(subject: &HasherUnderTest) {
    let weaker = hash(subject, "password123").await;
    let verify = async |text| subject.stronger.verify(&password(text), Some(&weaker)).await.unwrap();
    assert_eq!(verify("password123").await, Verification::Matches { outdated: true });
    assert_eq!(verify("password124").await, Verification::Differs);
}

/// Parameters that were lowered weaken nobody's hash.
pub async fn leaves_a_stronger_hash(subject: &HasherUnderTest) {
    let stronger = subject.stronger.hash(&password("password123")).await.unwrap();
    assert_eq!(verify(subject, "password123", &stronger).await, MATCHES);
}

/// A flood is answered with hashes that are right, or with a time to come back; and when it is over, all is as before.
pub async fn works_or_refuses_at_once(subject: &HasherUnderTest) {
    let mut flood = JoinSet::new();
    for _ in 0..500 {
        let hasher = Arc::clone(&subject.hasher);
        flood.spawn(async move { hasher.hash(&password("password123")).await });
    }
    let mut made = Vec::new();
    for result in flood.join_all().await {
        match result {
            Ok(hash) => made.push(hash),
            Err(HasherError::Busy { retry_after }) => assert!(retry_after > Duration::ZERO),
            Err(HasherError::Unavailable(error)) => panic!("{error}"),
        }
    }
    assert_eq!(verify(subject, "password123", made.last().unwrap()).await, MATCHES);
}
