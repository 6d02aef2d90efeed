//! The signer and the verifier agree with the RFCs and with other implementations.

use std::sync::Arc;

use base64ct::{Base64UrlUnpadded, Encoding};
use jwksd_domain::key::{Algorithm, PublicJwk, PublicParameters, SigningKey};
use jwksd_domain::ports::{Cipher, SealContext, SignatureVerifier, Signer, SignerError, VerifierError};
use jwksd_jose::{RsaSize, SoftwareSigner, SoftwareVerifier};
use jwksd_testkit::FakeCipher;
use jwksd_testkit::suites::signer::stored;
use rsa::signature::Verifier;

const JOE: &str = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";

fn decode(text: &str) -> Vec<u8> {
    Base64UrlUnpadded::decode_vec(text).expect("the RFCs write base64url")
}

fn verify(key: &PublicJwk, message: &str, signature: &[u8]) -> bool {
    SoftwareVerifier.verify(key, message.as_bytes(), signature).expect("the keys are those of the RFCs")
}

fn is_malformed(algorithm: Algorithm, parameters: PublicParameters) -> bool {
    let key = PublicJwk::new(algorithm, parameters);
    matches!(SoftwareVerifier.verify(&key, b"message", &[1; 64]), Err(VerifierError::MalformedKey(_)))
}

/// The key of RFC 7515 appendix A.3.
fn p256_example() -> (Vec<u8>, Vec<u8>) {
    (decode("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"), decode("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"))
}

/// RFC 7515 appendix A.2.
#[test]
fn verifies_the_rs256_example() {
    let n = decode(concat!(
        "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMs",
        "D1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdV",
        "MTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"
    ));
    let signature = decode(concat!(
        "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZ",
        "cAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-e",
        "OkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"
    ));
    let key = PublicJwk::new(Algorithm::Rs256, PublicParameters::Rsa { n, e: decode("AQAB") });
    assert!(verify(&key, &format!("eyJhbGciOiJSUzI1NiJ9.{JOE}"), &signature));
    assert!(!verify(&key, &format!("eyJhbGciOiJSUzI1NiJ8.{JOE}"), &signature));
}

/// RFC 7515 appendix A.3.
#[test]
fn verifies_the_es256_example() {
    let (x, y) = p256_example();
    let signature = decode("DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q");
    let key = PublicJwk::new(Algorithm::Es256, PublicParameters::Ec { x, y });
    assert!(verify(&key, &format!("eyJhbGciOiJFUzI1NiJ9.{JOE}"), &signature));
}

/// RFC 8037 appendices A.4 and A.5.
#[test]
fn verifies_the_ed25519_example() {
    let x = decode("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
    let signature = decode("hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg");
    let key = PublicJwk::new(Algorithm::EdDsa, PublicParameters::Okp { x });
    assert!(verify(&key, "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc", &signature));
}

/// The form that OpenSSL writes; JWS has `R || S` (RFC 7518 section 3.4).
#[test]
fn refuses_an_ecdsa_signature_in_der() {
    let (x, y) = p256_example();
    let raw = decode("DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q");
    let der = [&[0x30, 0x45, 0x02, 0x20], &raw[..32], &[0x02, 0x21, 0x00], &raw[32..]].concat();
    let key = PublicJwk::new(Algorithm::Es256, PublicParameters::Ec { x, y });
    assert!(!verify(&key, &format!("eyJhbGciOiJFUzI1NiJ9.{JOE}"), &der));
}

#[test]
fn tells_numbers_that_are_no_key() {
    let (x, _) = p256_example();
    assert!(is_malformed(Algorithm::Es256, PublicParameters::Ec { y: x.clone(), x }), "a point off the curve");
    let even = [&[0xc0][..], &[0; 255]].concat();
    assert!(is_malformed(Algorithm::Rs256, PublicParameters::Rsa { n: even, e: vec![1, 0, 1] }), "an even modulus");
    let odd = vec![0xff; 256];
    assert!(is_malformed(Algorithm::Rs256, PublicParameters::Rsa { n: odd.clone(), e: vec![] }), "no exponent");
    assert!(is_malformed(Algorithm::Rs256, PublicParameters::Rsa { n: odd, e: vec![1] }), "an exponent of one");
    let huge = vec![0xff; 1025];
    assert!(is_malformed(Algorithm::Rs256, PublicParameters::Rsa { n: huge, e: vec![1, 0, 1] }), "8200 bits");
}

/// What aws-lc-rs signs, the `rsa` crate accepts.
#[tokio::test]
async fn the_rsa_crate_accepts_rs256() {
    let signer = SoftwareSigner::new(Arc::new(FakeCipher::default()), RsaSize::default());
    let key = stored(signer.generate(Algorithm::Rs256).await.unwrap());
    let signature = signer.sign(&key, b"message").await.unwrap();
    let PublicParameters::Rsa { n, e } = key.public.parameters() else { panic!("RS256 has no RSA key") };
    let number = rsa::BigUint::from_bytes_be;
    let public = rsa::RsaPublicKey::new(number(n), number(e)).unwrap();
    let verifier = rsa::pkcs1v15::VerifyingKey::<rsa::sha2::Sha256>::new(public);
    let signature = rsa::pkcs1v15::Signature::try_from(&signature[..]).unwrap();
    assert!(verifier.verify(b"message", &signature).is_ok());
    assert!(verifier.verify(b"massage", &signature).is_err());
}

/// A private half that opens for the kid, since it was sealed for it, and yet is another key's.
#[tokio::test]
async fn refuses_a_private_half_that_is_not_the_other_half() {
    for algorithm in Algorithm::ALL {
        let cipher = Arc::new(FakeCipher::default());
        let signer = SoftwareSigner::new(Arc::clone(&cipher) as _, RsaSize::default());
        let mut key = stored(signer.generate(algorithm).await.unwrap());
        let other = stored(signer.generate(algorithm).await.unwrap());
        let pkcs8 = cipher.open(&context(&other), &other.private).await.unwrap();
        key.private = cipher.seal(&context(&key), &pkcs8).await.unwrap();
        assert!(matches!(signer.prepare(&key).await, Err(SignerError::Rejected(_))), "{algorithm}");
        assert!(matches!(signer.sign(&key, b"message").await, Err(SignerError::Rejected(_))), "{algorithm}");
    }
}

fn context(key: &SigningKey) -> SealContext {
    SealContext::of_signing_key(key.kid())
}

/// Other tools can read what is sealed: PKCS#8 and nothing around it.
#[tokio::test]
async fn seals_pkcs8() {
    use rsa::pkcs8::DecodePrivateKey;
    use rsa::traits::PublicKeyParts;

    let cipher = Arc::new(FakeCipher::default());
    let signer = SoftwareSigner::new(Arc::clone(&cipher) as _, RsaSize::default());
    let key = stored(signer.generate(Algorithm::Ps256).await.unwrap());
    let der = cipher.open(&context(&key), &key.private).await.unwrap();
    let private = rsa::RsaPrivateKey::from_pkcs8_der(&der).unwrap();
    let expected = PublicParameters::Rsa { n: private.n().to_bytes_be(), e: private.e().to_bytes_be() };
    assert_eq!(*key.public.parameters(), expected);
}

/// RFC 7518 section 3.3 asks for 2048 bits or more; the larger sizes are as they were asked for.
#[tokio::test]
async fn rsa_keys_are_as_large_as_was_asked_for() {
    for (size, bytes) in [(RsaSize::Bits2048, 256), (RsaSize::Bits3072, 384), (RsaSize::Bits4096, 512)] {
        let signer = SoftwareSigner::new(Arc::new(FakeCipher::default()), size);
        let key = stored(signer.generate(Algorithm::Ps256).await.expect("a key is made"));
        let PublicParameters::Rsa { n, .. } = key.public.parameters() else { panic!("no RSA key") };
        assert_eq!(n.len(), bytes);
        let signature = signer.sign(&key, b"message").await.expect("it signs");
        assert!(verify(&key.public, "message", &signature));
    }
}
