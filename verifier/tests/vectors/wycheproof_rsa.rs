//! Wycheproof's RSA vectors, all sets of PKCS#1 v1.5 and of PSS.
//!
//! Those that hash by SHA-256, SHA-384 or SHA-512 must come out as they say; of PSS those that mask with the same hash and have a salt
//! as long as it, since JOSE has no others (RFC 7518 section 3.5). All others must be refused, but for those that break the rule of
//! their set by being good signatures of another algorithm: those only must not verify by that of their set.

use jwksd_verifier::{Algorithm, JwkSet};
use wycheproof::rsa_pkcs1_verify::TestFlag as Pkcs1Flag;
use wycheproof::rsa_pss_verify::TestFlag as PssFlag;
use wycheproof::{HashFunction, Mgf, rsa_pkcs1_verify, rsa_pss_verify};

use crate::{Tally, Vector, by_hash, encode};

#[test]
fn every_pkcs1_vector_comes_out_as_it_should() {
    let (mut own, mut others) = (Tally::default(), Tally::default());
    for name in rsa_pkcs1_verify::TestName::all() {
        for group in rsa_pkcs1_verify::TestSet::load(name).unwrap().test_groups {
            let keys = key(&group.key.n, &group.key.e);
            let algorithm = by_hash(group.hash, [Algorithm::Rs256, Algorithm::Rs384, Algorithm::Rs512]);
            let tally = if algorithm.is_some() { &mut own } else { &mut others };
            for test in &group.tests {
                let vector = Vector {
                    set: format!("{name:?}"),
                    id: test.tc_id,
                    comment: &test.comment,
                    message: &test.msg,
                    signature: &test.sig,
                    result: test.result,
                    is_of_another: test.flags.iter().any(|flag| is_of_another_pkcs1(*flag)),
                };
                tally.check(&keys, algorithm, &vector);
            }
        }
    }
    assert_eq!([own.counts(), others.counts()], [[89, 2981, 36], [0, 3060, 36]]);
}

#[test]
fn every_pss_vector_comes_out_as_it_should() {
    let (mut own, mut others) = (Tally::default(), Tally::default());
    for name in rsa_pss_verify::TestName::all() {
        for group in rsa_pss_verify::TestSet::load(name).unwrap().test_groups {
            let keys = key(&group.key.n, &group.key.e);
            let algorithm = pss_algorithm(&group);
            let tally = if algorithm.is_some() { &mut own } else { &mut others };
            for test in &group.tests {
                let vector = Vector {
                    set: format!("{name:?}"),
                    id: test.tc_id,
                    comment: &test.comment,
                    message: &test.msg,
                    signature: &test.sig,
                    result: test.result,
                    is_of_another: is_of_another_pss(&test.flags, &test.comment),
                };
                tally.check(&keys, algorithm, &vector);
            }
        }
    }
    assert_eq!([own.counts(), others.counts()], [[775, 398, 13], [0, 2291, 20]]);
}

fn is_of_another_pkcs1(flag: Pkcs1Flag) -> bool {
    matches!(flag, Pkcs1Flag::WrongHash | Pkcs1Flag::WrongPrimitive)
}

/// Signed by PKCS#1 v1.5, or with a salt of another length than the set asks for.
fn is_of_another_pss(flags: &[PssFlag], comment: &str) -> bool {
    flags.contains(&PssFlag::WrongPrimitive) || comment.starts_with("s_len changed to ")
}

fn pss_algorithm(group: &rsa_pss_verify::TestGroup) -> Option<Algorithm> {
    let salt_size = match group.hash {
        HashFunction::Sha2_256 => 32,
        HashFunction::Sha2_384 => 48,
        HashFunction::Sha2_512 => 64,
        _ => return None,
    };
    let is_of_jose = group.mgf == Mgf::Mgf1 && group.mgf_hash == Some(group.hash) && group.salt_size == salt_size;
    by_hash(group.hash, [Algorithm::Ps256, Algorithm::Ps384, Algorithm::Ps512]).filter(|_| is_of_jose)
}

fn key(n: &[u8], e: &[u8]) -> JwkSet {
    let [n, e] = [n, e].map(|number| {
        let zeros = number.iter().take_while(|byte| **byte == 0).count();
        encode(&number[zeros..])
    });
    let keys = JwkSet::parse(format!(r#"{{"keys":[{{"kty":"RSA","n":"{n}","e":"{e}"}}]}}"#)).unwrap();
    assert_eq!(keys.len(), 1);
    keys
}
