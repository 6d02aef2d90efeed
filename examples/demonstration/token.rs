//! The tokens that are shown: as the auth server gives them, and changed in one way each.

use anyhow::{Context, ensure};
use base64ct::{Base64UrlUnpadded, Encoding};
use serde_json::{Value, json};

use crate::stage::Answer;

/// A token, and whose it is, in words that fit behind "with".
pub(crate) struct Token {
    pub(crate) whose: &'static str,
    pub(crate) text: String,
}

impl Token {
    /// The token that was answered.
    pub(crate) fn from(whose: &'static str, answer: &Answer) -> anyhow::Result<Self> {
        ensure!(answer.status == 200, "no token was given: {} {}", answer.status, answer.body);
        let text =
            answer.body["token"].as_str().or(answer.body["access_token"].as_str()).context("there is no token")?;
        Ok(Self { whose, text: text.to_owned() })
    }

    /// The kid of the key that signed it.
    pub(crate) fn kid(&self) -> anyhow::Result<String> {
        let header: Value = serde_json::from_slice(&Base64UrlUnpadded::decode_vec(self.parts()?[0])?)?;
        Ok(header["kid"].as_str().context("its header has a kid")?.to_owned())
    }

    /// With another signature: the first byte is changed.
    pub(crate) fn tampered(&self) -> anyhow::Result<Self> {
        let [header, payload, signature] = self.parts()?;
        let mut signature = Base64UrlUnpadded::decode_vec(signature)?;
        *signature.first_mut().context("it is signed")? ^= 1;
        let text = format!("{header}.{payload}.{}", Base64UrlUnpadded::encode_string(&signature));
        Ok(Self { whose: "a token whose signature was changed", text })
    }

    /// With a role that its user has not.
    pub(crate) fn promoted(&self) -> anyhow::Result<Self> {
        let [header, payload, signature] = self.parts()?;
        let mut claims: Value = serde_json::from_slice(&Base64UrlUnpadded::decode_vec(payload)?)?;
        claims["role"] = json!("admin");
        let payload = Base64UrlUnpadded::encode_string(claims.to_string().as_bytes());
        Ok(Self { whose: "a token whose role was changed", text: format!("{header}.{payload}.{signature}") })
    }

    /// Without a signature, which its header says.
    pub(crate) fn unsigned(&self) -> anyhow::Result<Self> {
        let header = json!({ "alg": "none", "typ": "JWT", "kid": self.kid()? }).to_string();
        let header = Base64UrlUnpadded::encode_string(header.as_bytes());
        Ok(Self { whose: "a token without signature", text: format!("{header}.{}.", self.parts()?[1]) })
    }

    fn parts(&self) -> anyhow::Result<[&str; 3]> {
        let parts: Vec<_> = self.text.split('.').collect();
        <[&str; 3]>::try_from(parts).ok().context("a token has three parts")
    }
}
