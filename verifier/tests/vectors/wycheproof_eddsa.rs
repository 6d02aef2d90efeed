//! Wycheproof's EdDSA vectors: all of Ed25519. Ed448 is not known here, so its keys are passed over.

use jwksd_verifier::{Algorithm, JwkSet, Unusable};
use wycheproof::TestResult;
use wycheproof::eddsa::{TestName, TestSet};

use crate::encode;

#[test]
fn every_ed25519_vector_comes_out_as_it_should() {
    let (mut accepted, mut refused) = (0, 0);
    for group in TestSet::load(TestName::Ed25519).unwrap().test_groups {
        let x = encode(&group.key.pk);
        let keys = JwkSet::parse(format!(r#"{{"keys":[{{"kty":"OKP","crv":"Ed25519","x":"{x}"}}]}}"#)).unwrap();
        assert_eq!(keys.len(), 1);
        for test in group.tests {
            for algorithm in [Algorithm::Ed25519, Algorithm::EdDsa] {
                let is_valid = keys.check_signature(None, algorithm, &test.msg, &test.sig).is_ok();
                assert_eq!(is_valid, test.result == TestResult::Valid, "{}: {}", test.tc_id, test.comment);
            }
            match test.result {
                TestResult::Valid => accepted += 1,
                TestResult::Invalid | TestResult::Acceptable => refused += 1,
            }
        }
    }
    assert_eq!((accepted, refused), (88, 63));
}

#[test]
fn ed448_is_not_known() {
    for group in TestSet::load(TestName::Ed448).unwrap().test_groups {
        let x = encode(&group.key.pk);
        let keys = JwkSet::parse(format!(r#"{{"keys":[{{"kty":"OKP","crv":"Ed448","x":"{x}"}}]}}"#)).unwrap();
        assert_eq!(keys.passed_over()[0].reason, Unusable::UnknownType);
    }
}
