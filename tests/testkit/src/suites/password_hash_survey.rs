//! What every `PasswordHashSurvey` promises.

use std::collections::BTreeMap;
use std::sync::Arc;

use jwksd_domain::decoy::cost;
use jwksd_domain::ports::{PasswordHashSurvey, UserChange, UserRepository};
use jwksd_domain::user::{NewUser, PasswordHash, User, UserState};

use super::user_repository::new_user;
use crate::Fixture;

/// A survey of a store without users, and the way to add some.
pub struct SurveyUnderTest {
    /// The survey.
    pub survey: Fixture<dyn PasswordHashSurvey>,
    /// The users whose hashes it sees.
    pub users: Arc<dyn UserRepository>,
}

/// Expands to the suite of the port; `$make` is an async function that makes a
/// [`SurveyUnderTest`](crate::suites::password_hash_survey::SurveyUnderTest).
#[macro_export]
macro_rules! password_hash_survey_suite {
    ($make:ident) => {
        $crate::expand_cases!(
            password_hash_survey,
            $make,
            [
                sees_nothing_where_nobody_is,
                counts_each_kind,
                shows_a_hash_that_is_stored,
                tells_kinds_by_all_that_costs,
                takes_all_others_for_one_kind,
                counts_those_who_may_not_log_in,
                sees_what_has_changed,
            ]
        );
    };
}

const CHEAP: &str = "$argon2id$v=19$m=19456,t=2,p=1";
const DEAR: &str = "$argon2id$v=19$m=65536,t=3,p=4";

async fn add(subject: &SurveyUnderTest, name: &str, hash: &str) -> User {
    let new = NewUser { password_hash: PasswordHash(hash.to_owned()), ..new_user(name, None) };
    subject.users.insert(new).await.unwrap()
}

/// The number of hashes of each kind; each kind is there once.
async fn counts(subject: &SurveyUnderTest) -> BTreeMap<String, u64> {
    let kinds = subject.survey.survey().await.unwrap();
    let counts: BTreeMap<_, _> = kinds.iter().map(|kind| (cost(&kind.sample).to_owned(), kind.count)).collect();
    assert_eq!(counts.len(), kinds.len(), "{kinds:?}");
    counts
}

fn expected<const N: usize>(counts: [(&str, u64); N]) -> BTreeMap<String, u64> {
    counts.into_iter().map(|(kind, count)| (kind.to_owned(), count)).collect()
}

/// Absence is no error.
pub async fn sees_nothing_where_nobody_is(subject: &SurveyUnderTest) {
    assert_eq!(subject.survey.survey().await.unwrap(), []);
}

/// Salts and tags make no kinds, whatever their lengths.
pub async fn counts_each_kind(subject: &SurveyUnderTest) {
    for (number, kind) in [CHEAP, DEAR, CHEAP, CHEAP, DEAR].iter().enumerate() {
        let (salt, tag) = ("c2FsdA".repeat(number + 2), "dGFn".repeat(number + 4));
        add(subject, &format!("user{number}"), &format!("{kind}${salt}${tag}")).await;
    }
    assert_eq!(counts(subject).await, expected([(CHEAP, 3), (DEAR, 2)]));
}

/// Byte for byte, so that comparing with it costs what it cost its user.
pub async fn shows_a_hash_that_is_stored(subject: &SurveyUnderTest) {
    let hashes = ["a", "b", "c"].map(|tag| format!("{CHEAP}$c2FsdHNhbHQ$dGFn{tag}"));
    for (number, hash) in hashes.iter().enumerate() {
        add(subject, &format!("user{number}"), hash).await;
    }
    let kinds = subject.survey.survey().await.unwrap();
    assert!(kinds.len() == 1 && hashes.contains(&kinds[0].sample.0), "{}", kinds.len());
}

/// Algorithm, version, memory, passes and lanes.
pub async fn tells_kinds_by_all_that_costs(subject: &SurveyUnderTest) {
    let kinds = [
        CHEAP,
        "$argon2i$v=19$m=19456,t=2,p=1",
        "$argon2id$v=16$m=19456,t=2,p=1",
        "$argon2id$m=19456,t=2,p=1",
        "$argon2id$v=19$m=1945,t=2,p=1",
        "$argon2id$v=19$m=19456,t=22,p=1",
        "$argon2id$v=19$m=19456,t=2,p=11",
    ];
    for (number, kind) in kinds.iter().enumerate() {
        add(subject, &format!("user{number}"), &format!("{kind}$c2FsdHNhbHQ$dGFn")).await;
    }
    assert_eq!(counts(subject).await, expected(kinds.map(|kind| (kind, 1))));
}

/// Nothing is compared with them.
pub async fn takes_all_others_for_one_kind(subject: &SurveyUnderTest) {
    let bcrypt = "$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW";
    for (number, hash) in ["", "password", bcrypt, "'; DROP TABLE users; --", "$$$", "é$m"].iter().enumerate() {
        add(subject, &format!("user{number}"), hash).await;
    }
    // Cut off before the salt, these are as good as whole.
    add(subject, "cut", CHEAP).await;
    add(subject, "cut-later", &format!("{CHEAP}$")).await;
    assert_eq!(counts(subject).await, expected([("", 6), (CHEAP, 2)]));
}

/// What a name costs must not tell that its user is disabled either.
pub async fn counts_those_who_may_not_log_in(subject: &SurveyUnderTest) {
    let disabled = add(subject, "disabled", DEAR).await;
    subject.users.update(disabled.id, &[UserChange::State(UserState::Disabled)]).await.unwrap();
    let demo = NewUser { demo: true, password_hash: PasswordHash(DEAR.to_owned()), ..new_user("demo", None) };
    subject.users.insert(demo).await.unwrap();
    assert_eq!(counts(subject).await, expected([(DEAR, 2)]));
}

/// A password that was hashed anew is of another kind from then on.
pub async fn sees_what_has_changed(subject: &SurveyUnderTest) {
    let alice = add(subject, "alice", CHEAP).await;
    add(subject, "bob", CHEAP).await;
    assert_eq!(counts(subject).await, expected([(CHEAP, 2)]));
    let hash = PasswordHash(DEAR.to_owned());
    subject.users.update(alice.id, &[UserChange::PasswordHash { hash, keeps_demo: true }]).await.unwrap();
    assert_eq!(counts(subject).await, expected([(CHEAP, 1), (DEAR, 1)]));
}
