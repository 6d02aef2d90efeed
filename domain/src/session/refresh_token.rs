//! Refresh tokens: derived from the secret of their session, hashed where they are kept, compared in constant time.

use base64ct::{Base64UrlUnpadded, Encoding};
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::SessionId;
use crate::constant_time;

/// Keeps what is derived here apart from any other use of SHA-256. Never changes: tokens that were given out depend on it.
const LABEL: &[u8] = b"jwksd:refresh-token:v1";
const ID: usize = 16;
const NUMBER: usize = 4;
const PROOF: usize = 32;

/// The secret of one session: 256 random bits. Zeroed when dropped; has no `Debug` and no way into a log.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct SessionSecret([u8; 32]);

impl SessionSecret {
    /// The secret of these bytes, which must be random.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The secret of these bytes, if they are as many as a secret has.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// The secret itself: for sealing it.
    pub const fn expose(&self) -> &[u8; 32] {
        &self.0
    }
}

/// A refresh token: the id of its session, its generation, and 256 bits that nobody can guess. Zeroed when dropped; has no
/// `Debug` and no way into a log.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct RefreshToken {
    #[zeroize(skip)]
    session: SessionId,
    generation: u32,
    proof: [u8; PROOF],
}

impl RefreshToken {
    /// The token of `generation`: always the same one for the same secret and session.
    ///
    /// Hashing the secret first is a sound MAC here, since every input has the same length.
    pub fn derive(secret: &SessionSecret, session: SessionId, generation: u32) -> Self {
        let hash = Sha256::new()
            .chain_update(secret.expose())
            .chain_update(LABEL)
            .chain_update(session.bytes())
            .chain_update(generation.to_be_bytes())
            .finalize();
        Self { session, generation, proof: hash.into() }
    }

    /// Takes apart what somebody presents; whether it was ever given out, only [`super::Session::recognizes`] tells.
    pub fn parse(text: &str) -> Option<Self> {
        let mut bytes = [0; ID + NUMBER + PROOF];
        let length = Base64UrlUnpadded::decode(text, &mut bytes).ok()?.len();
        let (id, rest) = bytes.split_first_chunk::<ID>()?;
        let (number, rest) = rest.split_first_chunk::<NUMBER>()?;
        let proof = *rest.first_chunk::<PROOF>()?;
        let token = Self { session: SessionId::from_bytes(*id), generation: u32::from_be_bytes(*number), proof };
        let is_whole = length == bytes.len();
        bytes.zeroize();
        is_whole.then_some(token)
    }

    /// The token as its holder presents it: 70 characters of base64url.
    pub fn expose(&self) -> String {
        let number = self.generation.to_be_bytes();
        let mut bytes = [&self.session.bytes()[..], &number, &self.proof].concat();
        let text = Base64UrlUnpadded::encode_string(&bytes);
        bytes.zeroize();
        text
    }

    /// The session that it claims to be of.
    pub const fn session(&self) -> SessionId {
        self.session
    }

    /// Its number among the tokens of its session, from zero on.
    pub const fn generation(&self) -> u32 {
        self.generation
    }

    /// What is kept of it.
    pub fn hash(&self) -> TokenHash {
        let mut text = self.expose();
        let hash = Sha256::digest(&text);
        text.zeroize();
        TokenHash(hash.into())
    }
}

/// The SHA-256 hash of a refresh token: enough to know it by, and nothing that could be presented. Compared in constant time. A token has 256 random
/// bits, so a slow hash would add nothing.
#[derive(Clone, Copy, Debug, Eq)]
pub struct TokenHash([u8; 32]);

impl TokenHash {
    /// The hash of these bytes.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl PartialEq for TokenHash {
    fn eq(&self, other: &Self) -> bool {
        constant_time::is_equal(&self.0, &other.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(secret: u8, session: u8, generation: u32) -> String {
        RefreshToken::derive(&SessionSecret::new([secret; 32]), SessionId::from_random([session; 16]), generation)
            .expose()
    }

    #[test]
    fn a_token_is_the_same_each_time_and_like_no_other() {
        let given = token(1, 1, 1);
        assert_eq!(given, token(1, 1, 1));
        assert_eq!(given.len(), 70);
        for other in [token(2, 1, 1), token(1, 2, 1), token(1, 1, 2)] {
            assert_ne!(given[27..], other[27..]);
        }
    }

    #[test]
    fn what_is_written_is_read_and_nothing_else() {
        let given = token(1, 2, 70_000);
        let read = RefreshToken::parse(&given).unwrap();
        assert_eq!((read.generation(), read.session()), (70_000, SessionId::from_random([2; 16])));
        assert_eq!(read.expose(), given);
        let (longer, shorter) = (format!("{given}AA"), given[..given.len() - 2].to_owned());
        let padded = format!("{given}==");
        let dotted = given.replacen(&given[..1], ".", 1);
        for text in ["", "x", "a.b.c", &longer, &shorter, &padded, &dotted, &"A".repeat(100_000)] {
            assert!(RefreshToken::parse(text).is_none(), "{text:.100}");
        }
    }

    #[test]
    fn one_bit_makes_another_hash() {
        let given = TokenHash::new([7; 32]);
        for i in 0..32 {
            let mut bytes = [7; 32];
            bytes[i] ^= 1;
            assert_ne!(TokenHash::new(bytes), given);
        }
        assert_eq!(TokenHash::new([7; 32]), given);
    }
}
