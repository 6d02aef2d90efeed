//! The software signer and verifier keep the contracts of their ports.

use std::sync::Arc;

use jwksd_jose::{SoftwareSigner, SoftwareVerifier};
use jwksd_testkit::FakeCipher;
use jwksd_testkit::suites::signature_verifier::VerifierUnderTest;
use jwksd_testkit::suites::signer::SignerUnderTest;

jwksd_testkit::signature_verifier_suite!(verifier);
jwksd_testkit::signer_suite!(signers);

async fn signers() -> SignerUnderTest {
    SignerUnderTest { signer: signer(1), stranger: signer(2), verifier: Arc::new(SoftwareVerifier) }
}

async fn verifier() -> VerifierUnderTest {
    VerifierUnderTest { verifier: Arc::new(SoftwareVerifier), signer: signer(1) }
}

fn signer(encryption_key: u8) -> Arc<SoftwareSigner> {
    Arc::new(SoftwareSigner::new(Arc::new(FakeCipher::new(encryption_key, &[]))))
}
