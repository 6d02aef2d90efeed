//! Which hash a name is compared with that nobody has, so that what a login costs tells nothing of whether its user exists.
//!
//! Hashes of one store may cost differently: a database of an older program has its own parameters, and ours change. If every
//! unknown name cost the same, a name that costs something else would be somebody's. So unknown names are spread over the stored
//! hashes as users are: each always meets a hash of the same kind, and of many names as many meet a kind as users have one of it.

use sha2::{Digest, Sha256};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::ports::Entropy;
use crate::user::{LoginName, PasswordHash};

/// The stored hashes that cost the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HashKind {
    /// One of them.
    pub sample: PasswordHash,
    /// How many there are.
    pub count: u64,
}

/// What decides, unknown to those outside, which name meets which hash. Zeroed when dropped.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct DecoyKey([u8; 32]);

/// Hashes to compare with in place of those that are not there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decoys {
    kinds: Vec<HashKind>,
    total: u64,
}

impl DecoyKey {
    /// A key that nobody knows.
    pub fn draw(entropy: &dyn Entropy) -> Self {
        let mut key = Self([0; 32]);
        entropy.fill(&mut key.0);
        key
    }

    /// A number for `name`, each of 64 bits as likely as any other.
    fn number(&self, name: &LoginName) -> u64 {
        let hash = Sha256::new().chain_update(self.0).chain_update(name.as_str()).finalize();
        hash.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
    }
}

impl Decoys {
    /// Decoys like the stored hashes, of which there are these kinds.
    pub fn like(mut kinds: Vec<HashKind>) -> Self {
        // In an order of its own, so that a name keeps its kind whatever order the store answers in.
        kinds.sort_by(|one, other| cost(&one.sample).cmp(cost(&other.sample)));
        let total = kinds.iter().fold(0_u64, |total, kind| total.saturating_add(kind.count));
        Self { kinds, total }
    }

    /// The decoy of `name`, always of the same kind under one key; `None` where no hash is stored.
    pub fn pick(&self, key: &DecoyKey, name: &LoginName) -> Option<&PasswordHash> {
        let scaled = (u128::from(key.number(name)) * u128::from(self.total)) >> 64;
        let mut below = 0_u128;
        let found = self.kinds.iter().find(|kind| {
            below += u128::from(kind.count);
            scaled < below
        });
        found.map(|kind| &kind.sample)
    }
}

/// What of a hash says what a comparison with it costs: all up to the salt of an Argon2 hash in PHC string format, such as
/// `$argon2id$v=19$m=19456,t=2,p=1`. Nothing of any other hash: no password is compared with those, so all of them cost the same.
pub fn cost(hash: &PasswordHash) -> &str {
    let Some(parameters) = hash.0.find("$m=") else { return "" };
    let end = hash.0[parameters + 1..].find('$').map_or(hash.0.len(), |length| parameters + 1 + length);
    &hash.0[..end]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::MockEntropy;

    const CHEAP: &str = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$dGFn";
    const DEAR: &str = "$argon2id$v=19$m=65536,t=3,p=4$c2FsdHNhbHQ$dGFn";

    fn key(byte: u8) -> DecoyKey {
        let mut entropy = MockEntropy::new();
        entropy.expect_fill().times(1).returning(move |bytes| bytes.fill(byte));
        DecoyKey::draw(&entropy)
    }

    fn kind(sample: &str, count: u64) -> HashKind {
        HashKind { sample: PasswordHash(sample.to_owned()), count }
    }

    fn name(number: u32) -> LoginName {
        LoginName::parse(&format!("user{number}")).unwrap()
    }

    /// How many of ten thousand names meet `sample`.
    fn meeting(decoys: &Decoys, key: &DecoyKey, sample: &str) -> usize {
        (0..10_000).filter(|number| decoys.pick(key, &name(*number)).unwrap().0 == sample).count()
    }

    #[test]
    fn a_name_meets_the_same_kind_whatever_the_order_and_the_sample() {
        let (decoys, key) = (Decoys::like(vec![kind(CHEAP, 3), kind(DEAR, 5)]), key(1));
        let other_samples = [DEAR, CHEAP].map(|sample| sample.replace("c2FsdHNhbHQ", "b3RoZXJzYWx0"));
        let again = Decoys::like(vec![kind(&other_samples[0], 5), kind(&other_samples[1], 3)]);
        for number in 0..1000 {
            let (one, other) = (decoys.pick(&key, &name(number)).unwrap(), again.pick(&key, &name(number)).unwrap());
            assert_eq!(cost(one), cost(other), "{number}");
        }
    }

    #[test]
    fn as_many_names_meet_a_kind_as_users_have_one_of_it() {
        for (cheap, dear, expected) in [(9, 1, 9000), (1, 1, 5000), (900_000, 100_000, 9000), (1, 0, 10_000), (0, 1, 0)]
        {
            let decoys = Decoys::like(vec![kind(DEAR, dear), kind(CHEAP, cheap)]);
            let met = meeting(&decoys, &key(1), CHEAP);
            // Four standard deviations of a fair draw are 200 at most.
            assert!(met.abs_diff(expected) <= 200, "{cheap} to {dear}: {met}");
        }
    }

    #[test]
    fn another_key_spreads_the_names_anew() {
        let decoys = Decoys::like(vec![kind(CHEAP, 1), kind(DEAR, 1)]);
        let differing =
            (0..1000).filter(|number| decoys.pick(&key(1), &name(*number)) != decoys.pick(&key(2), &name(*number)));
        assert!((400..600).contains(&differing.count()));
    }

    #[test]
    fn where_nothing_is_stored_there_is_no_decoy() {
        assert_eq!(Decoys::default().pick(&key(1), &name(1)), None);
        assert_eq!(Decoys::like(vec![kind(CHEAP, 0)]).pick(&key(1), &name(1)), None);
        let most = Decoys::like(vec![kind(CHEAP, u64::MAX), kind(DEAR, u64::MAX)]);
        assert!(most.pick(&key(1), &name(1)).is_some(), "more than can be counted");
    }

    #[test]
    fn the_cost_stands_before_the_salt() {
        let of = |text: &str| cost(&PasswordHash(text.to_owned())).to_owned();
        assert_eq!(of(CHEAP), "$argon2id$v=19$m=19456,t=2,p=1");
        assert_eq!(of("$argon2i$m=65536,t=2,p=1$c29tZXNhbHQ$wWKI"), "$argon2i$m=65536,t=2,p=1");
        assert_eq!(of("$argon2id$v=19$m=8,t=1,p=1"), "$argon2id$v=19$m=8,t=1,p=1");
        for other in
            ["", "password", "$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW", "$scrypt$ln=15$x$y"]
        {
            assert_eq!(of(other), "", "{other}");
        }
    }
}
