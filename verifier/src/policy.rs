//! What a token must say to be accepted here: a pure function of the token, the keys and the instant.

use std::time::{Duration, SystemTime};

use serde::de::DeserializeOwned;

use crate::claims::{Audience, NumericDate, Payload};
use crate::clock::since_epoch;
use crate::{Algorithm, Claims, Fault, Header, JwkSet, Signed, Token};

/// The most that clocks may be apart.
pub const LEEWAY_MAX: Duration = Duration::from_secs(300);
const LEEWAY_DEFAULT: Duration = Duration::from_secs(10);

/// What a token must say to be accepted.
///
/// There is no default for the issuer, the audience and the algorithms: they say whom this service trusts, and in what.
#[derive(Clone, Debug)]
pub struct Policy {
    issuer: String,
    audiences: Vec<String>,
    algorithms: Vec<Algorithm>,
    types: Vec<TokenType>,
    required: Vec<String>,
    leeway: Duration,
    max_age: Option<Duration>,
}

/// What the `typ` of a header may be (RFC 8725 section 3.11). Compared without regard to case, and with or without `application/`
/// (RFC 7515 section 4.1.9).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenType {
    /// `JWT`, or no type at all.
    Jwt,
    /// `at+jwt`: an access token by RFC 9068.
    AccessToken,
    /// Another one, such as `logout+jwt`.
    Other(String),
}

/// Why a policy is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// The issuer is empty.
    #[error("the issuer must not be empty")]
    NoIssuer,
    /// An audience is empty.
    #[error("an audience must not be empty")]
    NoAudience,
    /// No algorithm is accepted.
    #[error("one algorithm at least must be accepted")]
    NoAlgorithm,
    /// No type is accepted.
    #[error("one type at least must be accepted")]
    NoType,
    /// The leeway is longer than [`LEEWAY_MAX`].
    #[error("the leeway must not be longer than five minutes")]
    LeewayTooLong,
}

/// A token that is valid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified<T = crate::NoMore> {
    /// Its header.
    pub header: Header,
    /// Its claims.
    pub claims: Claims<T>,
}

impl Policy {
    /// Accepts tokens of `issuer` for `audience` that are signed by one of `algorithms`.
    ///
    /// The issuer is compared byte by byte. One algorithm is best: the one that the issuer signs with.
    pub fn builder(issuer: &str, audience: &str, algorithms: &[Algorithm]) -> PolicyBuilder {
        PolicyBuilder(Self {
            issuer: issuer.to_owned(),
            audiences: vec![audience.to_owned()],
            algorithms: algorithms.to_vec(),
            types: vec![TokenType::Jwt],
            required: Vec::new(),
            leeway: LEEWAY_DEFAULT,
            max_age: None,
        })
    }

    /// The issuer.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The algorithms that are accepted.
    pub fn algorithms(&self) -> &[Algorithm] {
        &self.algorithms
    }

    /// How far clocks may be apart.
    pub const fn leeway(&self) -> Duration {
        self.leeway
    }

    /// Verifies a token with `keys` at the instant `now`.
    ///
    /// # Errors
    /// The [`Fault`] that the token has; the first that is found.
    pub fn verify<T: DeserializeOwned>(
        &self,
        token: &str,
        keys: &JwkSet,
        now: SystemTime,
    ) -> Result<Verified<T>, Fault> {
        let token = Token::parse(token)?;
        self.check_header(token.header())?;
        self.check_claims(token.verify_signature(keys, &self.algorithms)?, now)
    }

    /// The rules that need no key: the algorithm and the type.
    pub(crate) fn check_header(&self, header: &Header) -> Result<(), Fault> {
        if !header.algorithm.is_some_and(|algorithm| self.algorithms.contains(&algorithm)) {
            return Err(Fault::AlgorithmNotAccepted);
        }
        match self.types.iter().any(|accepted| accepted.is(header.typ.as_deref())) {
            true => Ok(()),
            false => Err(Fault::WrongType),
        }
    }

    /// The rules about what was signed: for whoever has verified the signature apart, by [`Token::verify_signature`].
    ///
    /// # Errors
    /// The [`Fault`] that it has; the first that is found.
    pub fn check<T: DeserializeOwned>(&self, signed: Signed, now: SystemTime) -> Result<Verified<T>, Fault> {
        self.check_header(&signed.header)?;
        self.check_claims(signed, now)
    }

    /// The rules about the claims of a token whose header was checked.
    pub(crate) fn check_claims<T: DeserializeOwned>(
        &self,
        signed: Signed,
        now: SystemTime,
    ) -> Result<Verified<T>, Fault> {
        let mut payload = Payload::parse(&signed.payload)?;
        let (iss, aud) = self.check_parties(&mut payload)?;
        let exp = self.check_times(&payload, since_epoch(now))?;
        if let Some(missing) = self.required.iter().find(|name| !payload.has(name)) {
            return Err(Fault::MissingClaim(missing.clone()));
        }
        let more = payload.more()?;
        let registered = payload.registered;
        let claims = Claims {
            iss,
            sub: registered.sub,
            aud,
            exp,
            nbf: registered.nbf.map(|NumericDate(seconds)| seconds),
            iat: registered.iat.map(|NumericDate(seconds)| seconds),
            jti: registered.jti,
            status: registered.status,
            more,
        };
        Ok(Verified { header: signed.header, claims })
    }
}

impl Policy {
    /// The issuer and the audience, compared byte by byte (RFC 7519 sections 4.1.1 and 4.1.3).
    fn check_parties(&self, payload: &mut Payload<'_>) -> Result<(String, Vec<String>), Fault> {
        let iss = payload.registered.iss.take().ok_or_else(|| missing("iss"))?;
        if iss != self.issuer {
            return Err(Fault::WrongIssuer);
        }
        let Audience(aud) = payload.registered.aud.take().ok_or_else(|| missing("aud"))?;
        match aud.iter().any(|audience| self.audiences.contains(audience)) {
            true => Ok((iss, aud)),
            false => Err(Fault::WrongAudience),
        }
    }

    /// The times, each with the leeway; answers when the token ends (RFC 7519 sections 4.1.4 to 4.1.6).
    fn check_times(&self, payload: &Payload<'_>, now: Duration) -> Result<u64, Fault> {
        let after = |date: NumericDate| Duration::from_secs(date.0) + self.leeway;
        let NumericDate(exp) = payload.registered.exp.ok_or_else(|| missing("exp"))?;
        if now >= after(NumericDate(exp)) {
            return Err(Fault::Expired);
        }
        let is_ahead = |date: NumericDate| Duration::from_secs(date.0) > now + self.leeway;
        if payload.registered.nbf.is_some_and(is_ahead) || payload.registered.iat.is_some_and(is_ahead) {
            return Err(Fault::NotYetValid);
        }
        let Some(max_age) = self.max_age else { return Ok(exp) };
        let iat = payload.registered.iat.ok_or_else(|| missing("iat"))?;
        match now > after(iat) + max_age {
            true => Err(Fault::TooOld),
            false => Ok(exp),
        }
    }
}

/// What is accepted beyond the issuer, the audience and the algorithms.
#[derive(Clone, Debug)]
pub struct PolicyBuilder(Policy);

impl PolicyBuilder {
    /// Accepts tokens for this audience too: a token must be for one of those that were named.
    #[must_use]
    pub fn or_audience(mut self, audience: &str) -> Self {
        self.0.audiences.push(audience.to_owned());
        self
    }

    /// Accepts tokens of these types and of no other. Without this it is [`TokenType::Jwt`] alone.
    #[must_use]
    pub fn token_types(mut self, types: &[TokenType]) -> Self {
        self.0.types = types.to_vec();
        self
    }

    /// Accepts only tokens that have this claim, and not as null. `iss`, `aud` and `exp` are always required.
    #[must_use]
    pub fn require(mut self, claim: &str) -> Self {
        self.0.required.push(claim.to_owned());
        self
    }

    /// How far the clocks of issuer and verifier may be apart: ten seconds without this, [`LEEWAY_MAX`] at most.
    #[must_use]
    pub const fn leeway(mut self, leeway: Duration) -> Self {
        self.0.leeway = leeway;
        self
    }

    /// Accepts only tokens that were issued at most so long ago, which then must say when.
    #[must_use]
    pub const fn max_age(mut self, max_age: Duration) -> Self {
        self.0.max_age = Some(max_age);
        self
    }

    /// The policy.
    ///
    /// # Errors
    /// [`PolicyError`] where it would accept what nobody can have meant.
    pub fn build(self) -> Result<Policy, PolicyError> {
        let policy = self.0;
        match policy {
            _ if policy.issuer.is_empty() => Err(PolicyError::NoIssuer),
            _ if policy.audiences.iter().any(String::is_empty) => Err(PolicyError::NoAudience),
            _ if policy.algorithms.is_empty() => Err(PolicyError::NoAlgorithm),
            _ if policy.types.is_empty() => Err(PolicyError::NoType),
            _ if policy.leeway > LEEWAY_MAX => Err(PolicyError::LeewayTooLong),
            policy => Ok(policy),
        }
    }
}

impl TokenType {
    pub(crate) fn is(&self, typ: Option<&str>) -> bool {
        let Some(typ) = typ else { return *self == Self::Jwt };
        let own = match self {
            Self::Jwt => "jwt",
            Self::AccessToken => "at+jwt",
            Self::Other(own) => own,
        };
        // RFC 7515 section 4.1.9: the prefix may be left out where no other slash follows.
        let prefix = "application/";
        let short = match typ.get(..prefix.len()) {
            Some(start) if start.eq_ignore_ascii_case(prefix) => &typ[prefix.len()..],
            _ => typ,
        };
        short.eq_ignore_ascii_case(own)
    }
}

fn missing(claim: &str) -> Fault {
    Fault::MissingClaim(claim.to_owned())
}
