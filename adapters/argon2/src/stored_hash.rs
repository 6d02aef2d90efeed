//! A hash in PHC string format: `$argon2id$v=19$m=19456,t=2,p=1$salt$tag`.

use argon2::password_hash::phc::{Output, ParamsString, Salt};
use argon2::{Algorithm, Argon2, Block, Params, PasswordHash, Version};
use jwksd_domain::ports::Entropy;

/// How often a stored hash may go over its memory, so that no row of a database makes a login take minutes.
const STORED_ITERATIONS_MAX: u32 = 16;

/// A hash that passwords can be compared with.
#[derive(Clone)]
pub(crate) struct StoredHash {
    algorithm: Algorithm,
    version: Version,
    params: Params,
    salt: Salt,
    tag: Output,
}

/// What new hashes cost, and what old ones may cost at most.
pub(crate) struct Limits {
    pub(crate) params: Params,
    pub(crate) stored_memory_kib: u32,
}

impl StoredHash {
    /// Reads a hash; `None` for what is no Argon2 hash, or one that costs more than may be.
    pub(crate) fn parse(text: &str, limits: &Limits) -> Option<Self> {
        let hash = PasswordHash::new(text).ok()?;
        let algorithm = Algorithm::try_from(hash.algorithm.as_str()).ok()?;
        // Hashes without a version are of the one that had none to tell yet.
        let version = hash.version.map_or(Ok(Version::V0x10), Version::try_from).ok()?;
        let params = Params::try_from(&hash).ok()?;
        let memory_max = limits.stored_memory_kib.max(limits.params.m_cost());
        let iterations_max = STORED_ITERATIONS_MAX.max(limits.params.t_cost());
        if params.m_cost() > memory_max || params.t_cost() > iterations_max {
            return None;
        }
        Some(Self { algorithm, version, params, salt: hash.salt?, tag: hash.hash? })
    }

    /// The hash of `password` with a fresh salt, computed in `memory`.
    pub(crate) fn make(
        params: &Params,
        password: &[u8],
        salt: [u8; Salt::RECOMMENDED_LENGTH],
        memory: &mut [Block],
    ) -> Result<String, argon2::password_hash::Error> {
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
        let mut tag = [0; Params::DEFAULT_OUTPUT_LEN];
        argon2.hash_password_into_with_memory(password, &salt, &mut tag, memory)?;
        let hash = PasswordHash {
            algorithm: Algorithm::Argon2id.ident(),
            version: Some(Version::V0x13.into()),
            params: ParamsString::try_from(params)?,
            salt: Some(Salt::new(&salt)?),
            hash: Some(Output::new(&tag)?),
        };
        Ok(hash.to_string())
    }

    /// A hash of no password: salt and tag are random. Comparing with it takes what comparing with a new hash takes.
    pub(crate) fn decoy(params: &Params, entropy: &dyn Entropy) -> Self {
        let (mut salt, mut tag) = ([0; Salt::RECOMMENDED_LENGTH], [0; Params::DEFAULT_OUTPUT_LEN]);
        entropy.fill(&mut salt);
        entropy.fill(&mut tag);
        Self {
            algorithm: Algorithm::Argon2id,
            version: Version::V0x13,
            params: params.clone(),
            salt: Salt::new(&salt).expect("16 bytes are more than the 8 and fewer than the 48 that bound a salt"),
            tag: Output::new(&tag).expect("32 bytes are more than the 10 and fewer than the 64 that bound a tag"),
        }
    }

    /// How much memory a comparison needs.
    pub(crate) fn blocks(&self) -> usize {
        self.params.block_count()
    }

    /// Whether it is the hash of `password`, computed in `memory` and compared in constant time.
    pub(crate) fn matches(&self, password: &[u8], memory: &mut [Block]) -> Result<bool, argon2::Error> {
        let argon2 = Argon2::new(self.algorithm, self.version, self.params.clone());
        let mut tag = [0; Output::MAX_LENGTH];
        let tag = &mut tag[..self.tag.len()];
        argon2.hash_password_into_with_memory(password, &self.salt, tag, memory)?;
        Ok(Output::new(tag).is_ok_and(|tag| tag == self.tag))
    }

    /// Whether a new hash with `params` would be stronger in any respect.
    pub(crate) fn is_weaker_than(&self, params: &Params) -> bool {
        let own = &self.params;
        (self.algorithm, self.version) != (Algorithm::Argon2id, Version::V0x13)
            || own.m_cost() < params.m_cost()
            || own.t_cost() < params.t_cost()
            || own.p_cost() < params.p_cost()
            || self.tag.len() < Params::DEFAULT_OUTPUT_LEN
    }
}
