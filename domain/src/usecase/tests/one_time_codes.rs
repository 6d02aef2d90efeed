//! Knowing one-time codes again when something is wrong.

use std::sync::Arc;

use zeroize::Zeroizing;

use super::{NOW, down};
use crate::key::EncryptionKeyId;
use crate::otp::{OtpHash, OtpId, OtpKey, OtpPurpose, SignInCode, StoredOtp};
use crate::ports::{CipherError, MockCipher, MockEntropy, MockOtpRepository, Sealed};
use crate::usecase::{OneTimeCodes, Outage};
use crate::user::Email;

const KEY: [u8; 32] = [3; 32];

fn jane() -> Email {
    Email::parse("jane@example.com").unwrap()
}

fn code(text: &str) -> SignInCode {
    SignInCode::parse(text).unwrap()
}

/// What is kept of the code 123456.
fn kept() -> StoredOtp {
    let id = OtpId::of(OtpPurpose::SignIn, &jane());
    let key = Sealed { bytes: vec![1], sealed_by: EncryptionKeyId::of(&[0; 32]) };
    let hash = OtpHash::of_code(&OtpKey::new(KEY), id, &code("123456"));
    StoredOtp { id, email: jane(), key, hash, expires_at: NOW.plus(OtpPurpose::SignIn.life()), attempts_left: 4 }
}

fn holding() -> MockOtpRepository {
    let mut codes = MockOtpRepository::new();
    codes.expect_attempt().times(1).returning(|_, _| Ok(Some(kept())));
    codes
}

fn opening() -> MockCipher {
    let mut cipher = MockCipher::new();
    cipher.expect_open().returning(|_, _| Ok(Zeroizing::new(KEY.to_vec())));
    cipher
}

fn of(codes: MockOtpRepository, cipher: MockCipher) -> OneTimeCodes {
    OneTimeCodes::new(Arc::new(codes), Arc::new(cipher), Arc::new(MockEntropy::new()))
}

/// Whether the code that Jane shows is the one, and hers to use up: what a login does.
async fn redeem(codes: OneTimeCodes, shown: &str) -> Result<bool, Outage> {
    match codes.find_code(&jane(), &code(shown), NOW).await? {
        Some(otp) => codes.use_up(&otp).await,
        None => Ok(false),
    }
}

#[tokio::test]
async fn a_right_code_is_good_for_the_one_who_uses_it_up() {
    for is_there in [true, false] {
        let mut codes = holding();
        codes.expect_consume().times(1).returning(move |_, _| Ok(is_there));
        let redeemed = redeem(of(codes, opening()), "123456").await;
        assert_eq!(redeemed.unwrap(), is_there);
    }
}

#[tokio::test]
async fn a_wrong_code_uses_nothing_up() {
    // No call of `consume` is expected.
    let redeemed = redeem(of(holding(), opening()), "123457").await;
    assert!(!redeemed.unwrap());
}

#[tokio::test]
async fn a_code_whose_key_does_not_open_is_no_good() {
    let mut damaged = MockCipher::new();
    damaged.expect_open().returning(|_, _| Err(CipherError::Rejected));
    assert!(!redeem(of(holding(), damaged), "123456").await.unwrap());
    let mut short = MockCipher::new();
    short.expect_open().returning(|_, _| Ok(Zeroizing::new(vec![3; 31])));
    assert!(!redeem(of(holding(), short), "123456").await.unwrap());
}

#[tokio::test]
async fn what_is_down_is_an_outage_and_no_wrong_code() {
    let unknown = || CipherError::UnknownKey(EncryptionKeyId::of(&[0; 32]));
    for error in [unknown, || CipherError::Unavailable("gone".into())] {
        let mut cipher = MockCipher::new();
        cipher.expect_open().returning(move |_, _| Err(error()));
        assert!(redeem(of(holding(), cipher), "123456").await.is_err());
    }
    let mut codes = holding();
    codes.expect_consume().returning(|_, _| Err(down()));
    assert!(redeem(of(codes, opening()), "123456").await.is_err());
}
