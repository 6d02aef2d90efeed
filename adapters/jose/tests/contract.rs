//! The software signer and verifier keep the contracts of their ports.

use std::sync::Arc;

use jwksd_jose::{RsaSize, SoftwareSigner, SoftwareVerifier};
use jwksd_testkit::FakeCipher;
use jwksd_testkit::suites::key_custody::CustodyUnderTest;
use jwksd_testkit::suites::signature_verifier::VerifierUnderTest;
use jwksd_testkit::suites::signer::SignerUnderTest;

jwksd_testkit::key_custody_suite!(custody);
jwksd_testkit::signature_verifier_suite!(verifier);
jwksd_testkit::signer_suite!(signers);

async fn custody() -> CustodyUnderTest {
    let keeper = signer(1);
    CustodyUnderTest {
        signer: Arc::clone(&keeper) as _,
        custody: keeper,
        successor: signer_with(FakeCipher::new(2, &[1])),
        newcomer: signer(2),
        verifier: Arc::new(SoftwareVerifier),
    }
}

async fn signers() -> SignerUnderTest {
    SignerUnderTest { signer: signer(1), stranger: signer(2), verifier: Arc::new(SoftwareVerifier) }
}

async fn verifier() -> VerifierUnderTest {
    VerifierUnderTest { verifier: Arc::new(SoftwareVerifier), signer: signer(1) }
}

fn signer(encryption_key: u8) -> Arc<SoftwareSigner> {
    signer_with(FakeCipher::new(encryption_key, &[]))
}

fn signer_with(cipher: FakeCipher) -> Arc<SoftwareSigner> {
    Arc::new(SoftwareSigner::new(Arc::new(cipher), RsaSize::default()))
}
