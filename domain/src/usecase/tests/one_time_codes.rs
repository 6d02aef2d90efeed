//! Knowing one-time codes again when something is wrong.

use std::sync::Arc;

use zeroize::Zeroizing;

use super::{NOW, down};
use crate::key::EncryptionKeyId;
use crate::otp::{OtpHash, OtpId, OtpKey, OtpPurpose, SignInCode, StoredOtp};
use crate::ports::{CipherError, MockCipher, MockEntropy, MockOtpRepository, Sealed};
use crate::usecase::OneTimeCodes;
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

#[tokio::test]
async fn a_right_code_is_good_for_the_one_who_uses_it_up() {
    for is_there in [true, false] {
        let mut codes = holding();
        codes.expect_consume().times(1).returning(move |_, _| Ok(is_there));
        let redeemed = of(codes, opening()).redeem_code(&jane(), &code("123456"), NOW).await;
        assert_eq!(redeemed.unwrap(), is_there);
    }
}

#[tokio::test]
async fn a_wrong_code_uses_nothing_up() {
    // No call of `consume` is expected.
    let redeemed = of(holding(), opening()).redeem_code(&jane(), &code("123457"), NOW).await;
    assert!(!redeemed.unwrap());
}

#[tokio::test]
async fn a_code_whose_key_does_not_open_is_no_good() {
    let lost: [fn() -> CipherError; 2] =
        [|| CipherError::UnknownKey(EncryptionKeyId::of(&[0; 32])), || CipherError::Rejected];
    for error in lost {
        let mut cipher = MockCipher::new();
        cipher.expect_open().returning(move |_, _| Err(error()));
        assert!(!of(holding(), cipher).redeem_code(&jane(), &code("123456"), NOW).await.unwrap());
    }
    let mut short = MockCipher::new();
    short.expect_open().returning(|_, _| Ok(Zeroizing::new(vec![3; 31])));
    assert!(!of(holding(), short).redeem_code(&jane(), &code("123456"), NOW).await.unwrap());
}

#[tokio::test]
async fn what_is_down_is_an_outage_and_no_wrong_code() {
    let mut cipher = MockCipher::new();
    cipher.expect_open().returning(|_, _| Err(CipherError::Unavailable("gone".into())));
    assert!(of(holding(), cipher).redeem_code(&jane(), &code("123456"), NOW).await.is_err());
    let mut codes = holding();
    codes.expect_consume().returning(|_, _| Err(down()));
    assert!(of(codes, opening()).redeem_code(&jane(), &code("123456"), NOW).await.is_err());
}
