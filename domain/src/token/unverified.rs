//! Reading a token that somebody sent, before anything of it is verified.

use base64ct::{Base64UrlUnpadded, Encoding};
use serde::Deserialize;

use super::{CLIENT_TYPE, TokenClaims, TokenFault, USER_TYPE};

/// The longest token that is looked at, in bytes: ours have less than 2 KiB with the largest keys.
pub const TOKEN_MAX: usize = 16 * 1024;

/// The header of a token as somebody sent it; trusted in nothing but as a hint which key to take.
#[derive(Clone, Debug, Deserialize)]
pub struct Header {
    /// The algorithm that it claims.
    pub alg: String,
    /// The key that it claims.
    pub kid: Option<String>,
    /// Its type.
    pub typ: Option<String>,
    /// Critical extensions.
    pub crit: Option<serde_json::Value>,
}

/// A token taken apart, nothing of it verified.
pub struct Unverified<'a> {
    /// The header.
    pub header: Header,
    /// What was signed.
    pub signing_input: &'a str,
    /// The payload bytes.
    pub payload: Vec<u8>,
    /// The signature.
    pub signature: Vec<u8>,
}

impl<'a> Unverified<'a> {
    /// Takes a token in compact serialization apart.
    ///
    /// # Errors
    /// [`TokenFault::Malformed`] for anything but three parts of canonical base64url of which the first is a JSON header.
    pub fn parse(token: &'a str) -> Result<Self, TokenFault> {
        if token.len() > TOKEN_MAX {
            return Err(TokenFault::Malformed("longer than 16 KiB"));
        }
        let parts: Vec<_> = token.split('.').collect();
        let [header, payload, signature] = parts[..] else {
            return Err(TokenFault::Malformed("a compact JWS has three parts"));
        };
        let decode =
            |part| Base64UrlUnpadded::decode_vec(part).map_err(|_| TokenFault::Malformed("a part is not base64url"));
        let header =
            serde_json::from_slice(&decode(header)?).map_err(|_| TokenFault::Malformed("the header is not one"))?;
        let signing_input = &token[..token.len() - signature.len() - 1];
        Ok(Self { header, signing_input, payload: decode(payload)?, signature: decode(signature)? })
    }

    /// The rules that need no key: no critical extension, and the type of a JWT if it has one.
    ///
    /// # Errors
    /// [`TokenFault::Critical`] or [`TokenFault::WrongType`].
    pub fn check_header(&self) -> Result<(), TokenFault> {
        if self.header.crit.is_some() {
            return Err(TokenFault::Critical);
        }
        self.is_of_client().map(|_| ())
    }

    /// The claims, of the kind that the type names: so a client's token is never read as a user's, nor the other way round.
    ///
    /// # Errors
    /// [`TokenFault::Malformed`] where a claim is missing, of another type or given twice; [`TokenFault::WrongType`].
    pub fn claims(&self) -> Result<TokenClaims, TokenFault> {
        let wrong = |_| TokenFault::Malformed("a claim is missing or of the wrong type");
        match self.is_of_client()? {
            true => serde_json::from_slice(&self.payload).map(TokenClaims::Client).map_err(wrong),
            false => serde_json::from_slice(&self.payload).map(TokenClaims::User).map_err(wrong),
        }
    }

    /// Whether it says that it is a client's. One without a type is a user's, as those of older programs are.
    fn is_of_client(&self) -> Result<bool, TokenFault> {
        match self.header.typ.as_deref().unwrap_or(USER_TYPE) {
            typ if typ.eq_ignore_ascii_case(USER_TYPE) => Ok(false),
            typ if typ.eq_ignore_ascii_case(CLIENT_TYPE) => Ok(true),
            _ => Err(TokenFault::WrongType),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(token: &str) -> TokenFault {
        let checked = Unverified::parse(token).and_then(|token| token.check_header().map(|()| token));
        checked.and_then(|token| token.claims()).unwrap_err()
    }

    fn token(header: &str, payload: &str) -> String {
        let encode = |text: &str| Base64UrlUnpadded::encode_string(text.as_bytes());
        format!("{}.{}.AA", encode(header), encode(payload))
    }

    #[test]
    fn what_is_no_jwt_is_refused() {
        for bad in ["", "a", "a.b", "e30.e30.AA.AA", "e30=.e30.AA", "e30.e30.A", &"a".repeat(TOKEN_MAX + 1)] {
            assert!(matches!(fault(bad), TokenFault::Malformed(_)), "{bad:.20}");
        }
        let twice = r#"{"alg":"RS256","alg":"none"}"#;
        assert!(matches!(fault(&token(twice, "{}")), TokenFault::Malformed(_)));
        assert_eq!(fault(&token(r#"{"alg":"RS256","crit":["exp"]}"#, "{}")), TokenFault::Critical);
        assert_eq!(fault(&token(r#"{"alg":"RS256","typ":"secevent+jwt"}"#, "{}")), TokenFault::WrongType);
    }

    #[test]
    fn the_type_says_whose_it_is() {
        let user = r#"{"iss":"i","sub":"7","aud":"a","iat":1,"nbf":1,"exp":2,"jti":"j","sid":"s","sessionId":"s","username":"u",
            "role":"read","scope":"read"}"#;
        let client = r#"{"iss":"i","sub":"job","aud":"a","client_id":"job","iat":1,"exp":2,"jti":"j","scope":"read"}"#;
        let read = |typ: &str, claims: &str| {
            let token = token(&format!(r#"{{"alg":"RS256"{typ}}}"#), claims);
            Unverified::parse(&token).unwrap().claims()
        };
        for typ in ["", r#","typ":"JWT""#, r#","typ":"jwt""#] {
            assert!(matches!(read(typ, user), Ok(TokenClaims::User(_))), "{typ}");
            assert!(matches!(read(typ, client), Err(TokenFault::Malformed(_))), "{typ}");
        }
        assert!(matches!(read(r#","typ":"at+jwt""#, client), Ok(TokenClaims::Client(_))));
        assert!(matches!(read(r#","typ":"at+JWT""#, user), Err(TokenFault::Malformed(_))));
    }
}
