//! Encryption keys as configured: 32 bytes that are zeroed when dropped and can be shown nowhere.

use base64ct::{Base64, Base64Unpadded, Base64Url, Base64UrlUnpadded, Encoding};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use jwksd_domain::key::EncryptionKeyId;

/// An encryption key.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct EncryptionKey([u8; 32]);

impl EncryptionKey {
    /// Takes the bytes of a key.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Reads a key: 64 hexadecimal digits, or 32 characters as they are, or 32 bytes in base64.
    ///
    /// # Errors
    /// Says what a key looks like; never what was given.
    pub fn parse(text: &str) -> Result<Self, String> {
        let bytes = match text.len() {
            64 => from_hex(text),
            32 => Some(Zeroizing::new(text.as_bytes().to_vec())),
            _ => from_base64(text),
        };
        let bytes = bytes.and_then(|bytes| <[u8; 32]>::try_from(bytes.as_slice()).ok());
        bytes.map(Self).ok_or_else(|| {
            "must be 32 bytes in base64, 64 hexadecimal digits or 32 characters; `openssl rand -base64 32` makes one".to_owned()
        })
    }

    /// The bytes, for the cipher.
    pub const fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    /// The key in base64, for the file that keeps it.
    pub fn to_base64(&self) -> Zeroizing<String> {
        Zeroizing::new(Base64::encode_string(&self.0))
    }

    /// What the key is called in logs and beside what it sealed.
    pub fn id(&self) -> EncryptionKeyId {
        EncryptionKeyId::of(&self.0)
    }
}

fn from_hex(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let digits = text.as_bytes().chunks(2).map(|pair| {
        let pair = std::str::from_utf8(pair).ok()?;
        u8::from_str_radix(pair, 16).ok()
    });
    digits.collect::<Option<Vec<u8>>>().map(Zeroizing::new)
}

fn from_base64(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let decoders =
        [Base64::decode_vec, Base64Unpadded::decode_vec, Base64Url::decode_vec, Base64UrlUnpadded::decode_vec];
    decoders.into_iter().find_map(|decode| decode(text).ok()).map(Zeroizing::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_key_is_read_in_every_form() {
        let bytes = *b"0123456789abcdefghijklmnopqrstuv";
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let forms = [
            "0123456789abcdefghijklmnopqrstuv".to_owned(),
            Base64::encode_string(&bytes),
            Base64UrlUnpadded::encode_string(&bytes),
            hex,
        ];
        for form in forms {
            assert!(EncryptionKey::parse(&form).is_ok_and(|key| key.expose() == &bytes), "{form}");
        }
    }

    #[test]
    fn anything_else_is_refused_without_being_shown() {
        for text in ["", "secret", "c2hvcnQ=", &"z".repeat(64), &"é".repeat(22), &"A".repeat(88)] {
            let problem = EncryptionKey::parse(text).err().unwrap();
            assert!(text.is_empty() || !problem.contains(text), "{text}");
        }
    }
}
