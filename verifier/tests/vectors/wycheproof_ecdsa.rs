//! Wycheproof's ECDSA vectors, all sets.
//!
//! Those with signatures as JOSE writes them (P1363), of P-256 with SHA-256, P-384 with SHA-384 and P-521 with SHA-512, must come out
//! as they say. All others must be refused: JOSE has no algorithm for these hashes with these curves, or writes no signature in ASN.1
//! (RFC 7518 section 3.4), or does not have the curve at all, in which case the key is passed over.

use jwksd_verifier::{Algorithm, JwkSet, Unusable};
use wycheproof::ecdsa::{TestGroup, TestGroupTypeId, TestName, TestSet};
use wycheproof::{EllipticCurve, HashFunction};

use crate::{Tally, Vector, encode};

#[test]
fn every_ecdsa_vector_comes_out_as_it_should() {
    let (mut own, mut others, mut unknown_curve) = (Tally::default(), Tally::default(), 0);
    for name in TestName::all() {
        for group in TestSet::load(name).unwrap().test_groups {
            let algorithm = algorithm(&group);
            match key(&group) {
                Some(keys) => {
                    let tally = if algorithm.is_some() { &mut own } else { &mut others };
                    run(name, &keys, algorithm, &group, tally);
                }
                None => unknown_curve += group.tests.len(),
            }
        }
    }
    assert_eq!((own.counts(), others.counts(), unknown_curve), ([597, 263, 0], [0, 8792, 0], 20_251));
}

fn run(name: TestName, keys: &JwkSet, algorithm: Option<Algorithm>, group: &TestGroup, tally: &mut Tally) {
    for test in &group.tests {
        let vector = Vector {
            set: format!("{name:?}"),
            id: test.tc_id,
            comment: &test.comment,
            message: &test.msg,
            signature: &test.sig,
            result: test.result,
            is_of_another: false,
        };
        tally.check(keys, algorithm, &vector);
    }
}

fn algorithm(group: &TestGroup) -> Option<Algorithm> {
    match (group.test_type, group.key.curve, group.hash) {
        (TestGroupTypeId::EcdsaP1363, EllipticCurve::Secp256r1, HashFunction::Sha2_256) => Some(Algorithm::Es256),
        (TestGroupTypeId::EcdsaP1363, EllipticCurve::Secp384r1, HashFunction::Sha2_384) => Some(Algorithm::Es384),
        (TestGroupTypeId::EcdsaP1363, EllipticCurve::Secp521r1, HashFunction::Sha2_512) => Some(Algorithm::Es512),
        _ => None,
    }
}

/// The key as a set; nothing where JOSE does not have its curve.
fn key(group: &TestGroup) -> Option<JwkSet> {
    let (crv, length) = match group.key.curve {
        EllipticCurve::Secp256r1 => ("P-256", 32),
        EllipticCurve::Secp384r1 => ("P-384", 48),
        EllipticCurve::Secp521r1 => ("P-521", 66),
        EllipticCurve::Secp256k1 => ("secp256k1", 32),
        _ => return None,
    };
    let (x, y) = group.key.key[1..].split_at(length);
    let (x, y) = (encode(x), encode(y));
    let keys = JwkSet::parse(format!(r#"{{"keys":[{{"kty":"EC","crv":"{crv}","x":"{x}","y":"{y}"}}]}}"#)).unwrap();
    if crv == "secp256k1" {
        assert_eq!(keys.passed_over()[0].reason, Unusable::UnknownType);
        return None;
    }
    assert_eq!(keys.len(), 1);
    Some(keys)
}
