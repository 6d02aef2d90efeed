//! The laws of [`super::refresh()`], over sessions in which holders of copies refresh at arbitrary instants.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

use proptest::prelude::{Just, Strategy, prop, prop_assert, prop_assert_eq, prop_oneof, proptest};

use super::state::SPENT_MAX;
use super::{
    AuthMethod, Decision, EndReason, NewSession, RefreshToken, Session, SessionEnd, SessionId, SessionPolicy,
    SessionSecret, refresh,
};
use crate::audit::Origin;
use crate::key::EncryptionKeyId;
use crate::ports::Sealed;
use crate::time::Timestamp;
use crate::user::{PasswordHash, Role, User, UserId, UserState};

const START: Timestamp = Timestamp::from_unix_seconds(1_800_000_000);
const ID: SessionId = SessionId::from_bytes([1; 16]);
const POLICY: SessionPolicy =
    SessionPolicy { life: Duration::from_secs(1000), idle: Duration::from_secs(300), grace: Duration::from_secs(10) };

#[derive(Clone, Debug)]
enum Step {
    Wait(u64),
    /// Presents the token so many generations behind the newest.
    Present(u32),
    End,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        6 => (0_u64..4_000).prop_map(Step::Wait),
        1 => (0_u64..200_000).prop_map(Step::Wait),
        8 => Just(Step::Present(0)),
        4 => Just(Step::Present(1)),
        3 => (0_u32..6).prop_map(Step::Present),
        1 => Just(Step::End),
    ];
    prop::collection::vec(step, 1..80)
}

fn secret() -> SessionSecret {
    SessionSecret::new([9; 32])
}

fn session() -> Session {
    let user = User {
        id: UserId(1),
        username: "jane".to_owned(),
        email: None,
        email_verified: false,
        password_hash: PasswordHash(String::new()),
        role: Role::Read,
        state: UserState::Active,
        registered_at: START,
        last_login_at: None,
        demo: false,
    };
    let new = NewSession {
        id: ID,
        user: &user,
        methods: vec![AuthMethod::Password],
        origin: Origin::new(IpAddr::from([192, 0, 2, 1]), None),
        secret: &secret(),
        sealed: Sealed { bytes: vec![], sealed_by: EncryptionKeyId::of(&[0; 32]) },
    };
    Session::open(new, START, &POLICY)
}

fn token(generation: u32) -> RefreshToken {
    RefreshToken::derive(&secret(), ID, generation)
}

/// What must be known of the past to say what is right: when each token was first spent.
#[derive(Default)]
struct Past(HashMap<u32, Timestamp>);

impl Past {
    /// What the issue asks for, said anew and without regard to how it is kept.
    fn expects(&self, session: &Session, presented: u32, now: Timestamp) -> Decision {
        let next = presented + 1;
        match (session.end, self.0.get(&presented)) {
            (Some(_), _) => Decision::Ended,
            (None, _) if now >= session.idle_expires_at || now >= session.expires_at => Decision::Expired,
            (None, None) => Decision::Advance(next),
            (None, Some(_)) if !self.0.contains_key(&next) => Decision::Repeat(next),
            (None, Some(spent)) if now.since(*spent) < POLICY.grace => Decision::Repeat(next),
            (None, Some(_)) => Decision::Reuse,
        }
    }
}

proptest! {
    #![proptest_config(crate::laws::config())]

    #[test]
    fn every_token_has_one_successor_and_every_late_copy_ends_the_session(steps in steps()) {
        let (mut session, mut past, mut now) = (session(), Past::default(), START);
        for step in steps {
            match step {
                Step::Wait(millis) => now = now.plus(Duration::from_millis(millis)),
                Step::End => session.end = Some(SessionEnd { at: now, reason: EndReason::LoggedOut }),
                Step::Present(behind) => {
                    let presented = session.generation.saturating_sub(behind);
                    prop_assert!(session.recognizes(&token(presented), &secret()));
                    let decision = refresh(&session, presented, now, &POLICY);
                    prop_assert_eq!(decision, past.expects(&session, presented, now));
                    if let Decision::Advance(generation) = decision {
                        let rotation = session.rotation(&token(generation), now, &POLICY);
                        prop_assert!(session.rotate(rotation.clone()), "the first one moves the session on");
                        prop_assert!(!session.rotate(rotation), "and nobody does so twice");
                        past.0.insert(presented, now);
                    }
                    if decision == Decision::Reuse {
                        session.end = Some(SessionEnd { at: now, reason: EndReason::TokenReused });
                    }
                    prop_assert!(session.spent_at.len() <= SPENT_MAX);
                    prop_assert!(session.idle_expires_at <= session.expires_at);
                }
            }
        }
    }

    #[test]
    fn nothing_but_its_own_tokens_is_recognized(generation in 0_u32..5, forged in 0_u32..8, bit in 0_usize..256) {
        let mut session = session();
        for next in 1..=generation {
            let rotation = session.rotation(&token(next), START, &POLICY);
            prop_assert!(session.rotate(rotation));
        }
        prop_assert!(session.recognizes(&token(forged), &secret()));
        let stranger = RefreshToken::derive(&SessionSecret::new([8; 32]), ID, forged);
        prop_assert!(!session.recognizes(&stranger, &secret()));
        let elsewhere = RefreshToken::derive(&secret(), SessionId::from_bytes([2; 16]), forged);
        prop_assert!(!session.recognizes(&elsewhere, &secret()));
        let mut text = token(forged).expose().into_bytes();
        let position = 27 + bit % 42;
        text[position] = if text[position] == b'A' { b'B' } else { b'A' };
        let changed = RefreshToken::parse(std::str::from_utf8(&text).unwrap());
        prop_assert!(changed.is_none_or(|changed| !session.recognizes(&changed, &secret())));
    }
}

#[test]
fn a_token_that_the_store_forgot_about_is_the_newest() {
    let (mut session, mut rolled_back) = (session(), session());
    for next in 1..=3 {
        let rotation = session.rotation(&token(next), START, &POLICY);
        assert!(session.rotate(rotation));
    }
    assert!(rolled_back.recognizes(&token(3), &secret()));
    assert_eq!(refresh(&rolled_back, 3, START, &POLICY), Decision::Advance(4));
    let rotation = rolled_back.rotation(&token(4), START, &POLICY);
    assert!(rolled_back.rotate(rotation));
    assert_eq!(refresh(&rolled_back, 3, START, &POLICY), Decision::Repeat(4));
}

#[test]
fn names_lead_back() {
    assert!(EndReason::ALL.into_iter().all(|reason| EndReason::from_name(reason.as_str()) == Some(reason)));
    assert!(AuthMethod::ALL.into_iter().all(|method| AuthMethod::from_name(method.as_str()) == Some(method)));
}
