//! The fakes keep the contracts of their ports, so that a test over them shows what the real adapters would do.

use std::sync::Arc;

use jwksd_domain::ports::{Clock, Entropy};
use jwksd_testkit::suites::cipher::CipherUnderTest;
use jwksd_testkit::suites::key_custody::CustodyUnderTest;
use jwksd_testkit::suites::mailer::MailerUnderTest;
use jwksd_testkit::suites::password_hasher::HasherUnderTest;
use jwksd_testkit::suites::rate_limiter::{LimiterUnderTest, QUOTAS};
use jwksd_testkit::suites::signature_verifier::VerifierUnderTest;
use jwksd_testkit::suites::signer::SignerUnderTest;
use jwksd_testkit::{
    FakeCipher, FakeMailer, FakeSigner, FakeVerifier, ManualClock, MemoryLimiter, PlainHasher, SeededEntropy,
};

jwksd_testkit::cipher_suite!(ciphers);
jwksd_testkit::clock_suite!(clock);
jwksd_testkit::entropy_suite!(entropy);
jwksd_testkit::key_custody_suite!(custody);
jwksd_testkit::mailer_suite!(mailer);
jwksd_testkit::password_hasher_suite!(hashers);
jwksd_testkit::rate_limiter_suite!(limiter);
jwksd_testkit::signature_verifier_suite!(verifier);
jwksd_testkit::signer_suite!(signers);

async fn ciphers() -> CipherUnderTest {
    CipherUnderTest {
        cipher: Arc::new(FakeCipher::new(1, &[])),
        successor: Arc::new(FakeCipher::new(2, &[1])),
        stranger: Arc::new(FakeCipher::new(3, &[])),
    }
}

async fn clock() -> Arc<dyn Clock> {
    Arc::new(ManualClock::default())
}

async fn entropy() -> Arc<dyn Entropy> {
    Arc::new(SeededEntropy::new(1))
}

async fn custody() -> CustodyUnderTest {
    let keeper = signer_with(FakeCipher::new(1, &[]));
    CustodyUnderTest {
        signer: Arc::clone(&keeper) as _,
        custody: keeper,
        successor: signer_with(FakeCipher::new(2, &[1])),
        newcomer: signer_with(FakeCipher::new(2, &[])),
        verifier: Arc::new(FakeVerifier),
    }
}

async fn mailer() -> MailerUnderTest {
    let mailer = Arc::new(FakeMailer::default());
    MailerUnderTest { mailer: Arc::clone(&mailer) as _, arrivals: mailer }
}

async fn hashers() -> HasherUnderTest {
    HasherUnderTest { hasher: Arc::new(PlainHasher::new(1)), stronger: Arc::new(PlainHasher::new(2)) }
}

async fn limiter() -> LimiterUnderTest {
    let clock = Arc::new(ManualClock::default());
    LimiterUnderTest { limiter: Arc::new(MemoryLimiter::new(QUOTAS, Arc::clone(&clock) as _)), clock }
}

async fn signers() -> SignerUnderTest {
    SignerUnderTest { signer: signer(1), stranger: signer(2), verifier: Arc::new(FakeVerifier) }
}

async fn verifier() -> VerifierUnderTest {
    VerifierUnderTest { verifier: Arc::new(FakeVerifier), signer: signer(1) }
}

fn signer(encryption_key: u8) -> Arc<FakeSigner> {
    signer_with(FakeCipher::new(encryption_key, &[]))
}

fn signer_with(cipher: FakeCipher) -> Arc<FakeSigner> {
    Arc::new(FakeSigner::new(Arc::new(cipher), Arc::new(SeededEntropy::new(1))))
}
