//! Sealing second factors anew when some do not open, or are gone meanwhile.

use std::sync::Arc;

use zeroize::Zeroizing;

use super::NOW;
use crate::key::EncryptionKeyId;
use crate::ports::{BoxError, CipherError, MockCipher, MockEntropy, MockSecondFactorRepository, Sealed};
use crate::second_factor::{Enrolment, SecondFactor};
use crate::usecase::{Outage, RewrapMode, RewrapSecondFactors, SecondFactorSecrets, SecondFactorsRewrapped};
use crate::user::UserId;

fn sealed(by: u8) -> Sealed {
    Sealed { bytes: vec![by], sealed_by: EncryptionKeyId::of(&[by; 32]) }
}

/// A page with a factor for each encryption key that is named, and an empty one behind it.
fn holding(sealed_by: &'static [u8]) -> MockSecondFactorRepository {
    let mut factors = MockSecondFactorRepository::new();
    factors.expect_list().returning(move |after, _| {
        let factor =
            |(user, by): (i64, &u8)| SecondFactor::begin(Enrolment { user: UserId(user), at: NOW }, sealed(*by));
        Ok(if after.is_none() { (1..).zip(sealed_by).map(factor).collect() } else { vec![] })
    });
    factors
}

/// Seals with the key 2, opens what it and the key 1 have sealed, and finds what the key 3 has sealed changed.
fn cipher() -> MockCipher {
    let mut cipher = MockCipher::new();
    cipher.expect_seal().returning(|_, _| Ok(sealed(2)));
    cipher.expect_open().returning(|_, found| match found.bytes[0] {
        1 | 2 => Ok(Zeroizing::new(vec![5; 20])),
        3 => Err(CipherError::Rejected),
        4 => Err(CipherError::UnknownKey(found.sealed_by.clone())),
        _ => Err(CipherError::Unavailable(BoxError::from("the token is out of reach"))),
    });
    cipher
}

async fn run(factors: MockSecondFactorRepository, mode: RewrapMode) -> Result<SecondFactorsRewrapped, Outage> {
    let secrets = SecondFactorSecrets::new(Arc::new(cipher()), Arc::new(MockEntropy::new()));
    RewrapSecondFactors::new(Arc::new(factors), Arc::new(secrets)).run(mode).await
}

#[tokio::test]
async fn only_what_is_sealed_with_another_key_is_written() {
    let mut factors = holding(&[1, 2, 3, 4, 1]);
    factors.expect_update().times(2).returning(|_, _| Ok(true));
    let report = run(factors, RewrapMode::Write).await.unwrap();
    assert_eq!(report, SecondFactorsRewrapped { resealed: 2, current: 1, unopened: 2 });
}

#[tokio::test]
async fn a_dry_run_writes_nothing() {
    let report = run(holding(&[1, 2, 3]), RewrapMode::DryRun).await.unwrap();
    assert_eq!(report, SecondFactorsRewrapped { resealed: 1, current: 1, unopened: 1 });
}

#[tokio::test]
async fn what_is_gone_meanwhile_is_not_counted_as_done() {
    let mut factors = holding(&[1]);
    factors.expect_update().returning(|_, _| Ok(false));
    let report = run(factors, RewrapMode::Write).await.unwrap();
    assert_eq!(report, SecondFactorsRewrapped { current: 1, ..SecondFactorsRewrapped::default() });
}

#[tokio::test]
async fn a_cipher_that_is_down_is_an_outage() {
    assert!(matches!(run(holding(&[5]), RewrapMode::Write).await, Err(Outage::Cipher(_))));
}
