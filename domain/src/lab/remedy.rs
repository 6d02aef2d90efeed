//! How to mend in the common libraries what a service did not notice.

use super::{AlgorithmFlaw, ClaimFlaw, Flaw, HeaderFlaw, KeyFlaw, Shortcoming, Specimen, Trial};

/// What to do where a library is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Remedy {
    /// The library, or `any` where it is no matter of the library.
    pub library: &'static str,
    /// What to do.
    pub how: &'static str,
}

/// The same matter in each of the libraries: jose and jsonwebtoken of npm, PyJWT, jwksd-verifier.
const fn each(jose: &'static str, jsonwebtoken: &'static str, pyjwt: &'static str, own: &'static str) -> [Remedy; 4] {
    [
        Remedy { library: "jose (npm)", how: jose },
        Remedy { library: "jsonwebtoken (npm)", how: jsonwebtoken },
        Remedy { library: "PyJWT", how: pyjwt },
        Remedy { library: "jwksd-verifier", how: own },
    ]
}

const fn any(how: &'static str) -> [Remedy; 1] {
    [Remedy { library: "any", how }]
}

const BY_ITSELF: &str = "Verifier::verify does this by itself: take the claims from what it answers.";

const GATE: [Remedy; 1] = any("Put the verifier before the route, and answer 401 where no token comes.");
const SIGNATURE: [Remedy; 4] = each(
    "Call jwtVerify(token, keys, options); decodeJwt does not verify.",
    "Call jwt.verify(token, key, options); jwt.decode does not verify.",
    "Call jwt.decode with a key and without options={\"verify_signature\": False}.",
    BY_ITSELF,
);
const ALGORITHMS: [Remedy; 4] = each(
    "Name what you accept: jwtVerify(token, keys, { algorithms: [\"RS256\"] }).",
    "Name what you accept: jwt.verify(token, key, { algorithms: [\"RS256\"] }).",
    "Name what you accept: jwt.decode(token, key, algorithms=[\"RS256\"]); never take it from the header.",
    "Name what you accept: Policy::builder(issuer, audience, &[Algorithm::Rs256]).",
);
const KEY_ALGORITHM: [Remedy; 4] = each(
    "Name the one algorithm of the issuer: jwtVerify(token, keys, { algorithms: [\"RS256\"] }).",
    "Name the one algorithm of the issuer: jwt.verify(token, key, { algorithms: [\"RS256\"] }).",
    "Name the one algorithm of the issuer: jwt.decode(token, key, algorithms=[\"RS256\"]).",
    BY_ITSELF,
);
const TIMES: [Remedy; 4] = each(
    "jwtVerify checks exp and nbf; ask for requiredClaims: [\"exp\"], and keep clockTolerance to a minute.",
    "Do not set ignoreExpiration or ignoreNotBefore, and keep clockTolerance to a minute.",
    "Do not switch off verify_exp or verify_nbf; ask for options={\"require\": [\"exp\"]}, and keep leeway to a minute.",
    "Policy checks exp and nbf by itself; keep PolicyBuilder::leeway to a minute.",
);
const ISSUER: [Remedy; 4] = each(
    "Name it, byte for byte: jwtVerify(token, keys, { issuer }).",
    "Name it, byte for byte: jwt.verify(token, key, { issuer }).",
    "Name it, byte for byte: jwt.decode(token, key, issuer=ISSUER).",
    "Policy::builder takes the issuer and compares it byte for byte.",
);
const AUDIENCE: [Remedy; 4] = each(
    "Name yours: jwtVerify(token, keys, { audience }).",
    "Name yours: jwt.verify(token, key, { audience }).",
    "Name yours: jwt.decode(token, key, audience=AUDIENCE); do not switch off verify_aud.",
    "Policy::builder takes the audience: name your own.",
);
const TYPE: [Remedy; 4] = each(
    "Name it: jwtVerify(token, keys, { typ: \"JWT\" }).",
    "There is no option: verify with { complete: true } and compare header.typ.",
    "There is no option: use jwt.decode_complete and compare [\"header\"][\"typ\"].",
    "Policy checks typ by itself; PolicyBuilder::token_types names others.",
);
const NUMERIC_DATE: [Remedy; 4] = each(
    "jwtVerify refuses an exp that is no number: take the claims from what it answers.",
    "jwt.verify refuses an exp that is no number: take the claims from what it answers.",
    "jwt.decode takes text with digits for a number: look whether type(claims[\"exp\"]) is int.",
    BY_ITSELF,
);
const KEY_SOURCE: [Remedy; 4] = each(
    "Take keys from createRemoteJWKSet(new URL(jwks_uri)) alone; EmbeddedJWK trusts what the token brings.",
    "Look the kid up with jwks-rsa at the jwks_uri of the issuer; never read jwk, jku or x5u.",
    "Take keys from jwt.PyJWKClient(jwks_uri) alone; never read jwk, jku or x5u.",
    "RemoteJwks takes keys from the issuer alone; jwk, jku and x5u are not read.",
);
const KEY_ID: [Remedy; 4] = each(
    "Take keys from createRemoteJWKSet, which refuses a kid that the JWKS does not hold.",
    "Look the kid up with jwks-rsa, and refuse the token where there is none; make no path and no SQL of it.",
    "Take keys from jwt.PyJWKClient, which refuses a kid that the JWKS does not hold.",
    "RemoteJwks refuses a kid that the JWKS does not hold.",
);
const CRITICAL: [Remedy; 4] = each(
    "jwtVerify refuses what it does not know: do not list it under the option crit.",
    "It does not know crit: verify with { complete: true } and refuse a header that has crit.",
    "jwt.decode refuses what it does not know since version 2.12: use that or a later one.",
    BY_ITSELF,
);
const SPELLING: [Remedy; 4] = each(
    "Before jwtVerify, match the token with /^[\\w-]+\\.[\\w-]+\\.[\\w-]+$/, which leaves no room for =.",
    "Before jwt.verify, match the token with /^[\\w-]+\\.[\\w-]+\\.[\\w-]+$/, which leaves no room for =.",
    "Before jwt.decode, match the token with re.fullmatch(r\"[\\w-]+\\.[\\w-]+\\.[\\w-]+\", token, re.ASCII).",
    BY_ITSELF,
);
const ENCRYPTED: [Remedy; 1] = any(
    "Refuse whatever has five parts or an alg that is not on your list, before a key is derived or anything inflated.",
);
const NEW_KEYS: [Remedy; 4] = each(
    "Use createRemoteJWKSet once for the process: it keeps the whole JWKS and finds keys by kid.",
    "Use jwks-rsa with cache and a getKey function that passes header.kid; do not configure one public key.",
    "Use one jwt.PyJWKClient(jwks_uri) for the process, and get_signing_key_from_jwt for each token.",
    "Use RemoteJwks: it keeps the whole JWKS, finds keys by kid, and fetches again for one that it does not know.",
);
const CACHE: [Remedy; 1] = any("Keep the JWKS no longer than its Cache-Control says.");
const TRUST: [Remedy; 1] =
    any("Configure the service with this issuer, its jwks_uri, its audience and its algorithm, and start it anew.");
const FAILURE: [Remedy; 1] = any(
    "Answer 401 to whatever the library throws at a token; 5xx says that the service is broken, and fills its alarms.",
);
const LATE: [Remedy; 1] =
    any("Refuse by length, parts and alg before doing any work, and give the fetch of a JWKS a few seconds at most.");
const UNCLEAR: [Remedy; 1] =
    any("Let this client ask as often as it likes, and name an address that answers GET with 2xx to a good token.");

impl Trial {
    /// How to mend that it was answered so.
    pub const fn remedies(self, shortcoming: Shortcoming) -> &'static [Remedy] {
        match shortcoming {
            Shortcoming::Failed => &FAILURE,
            Shortcoming::Late => &LATE,
            Shortcoming::Unclear => &UNCLEAR,
            Shortcoming::Accepted | Shortcoming::Refused => match self {
                Self::NoToken => &GATE,
                Self::Of(Specimen::Sound) => &TRUST,
                Self::Of(Specimen::Flawed(flaw)) => flaw.remedies(),
                Self::NewKey | Self::RetiredKey => &NEW_KEYS,
                Self::RevokedAfterUse => &CACHE,
            },
        }
    }
}

impl Flaw {
    const fn remedies(self) -> &'static [Remedy] {
        match self {
            Self::Claim(flaw) => flaw.remedies(),
            Self::Key(KeyFlaw::Expired | KeyFlaw::Revoked | KeyFlaw::Unpublished) => &KEY_ID,
            Self::Key(KeyFlaw::Stranger) | Self::Tampering(_) => &SIGNATURE,
            Self::Algorithm(AlgorithmFlaw::OfSameKeyType) => &KEY_ALGORITHM,
            Self::Algorithm(_) => &ALGORITHMS,
            Self::Header(flaw) => flaw.remedies(),
            Self::Spelling(_) => &SPELLING,
            Self::Encrypted(_) => &ENCRYPTED,
        }
    }
}

impl ClaimFlaw {
    const fn remedies(self) -> &'static [Remedy] {
        match self {
            Self::Expired | Self::NotYetValid | Self::NegativeExpiry => &TIMES,
            Self::WrongIssuer | Self::IssuerWithSlash => &ISSUER,
            Self::WrongAudience => &AUDIENCE,
            Self::WrongType => &TYPE,
            Self::ExpiryAsText | Self::HugeExpiry => &NUMERIC_DATE,
            Self::DuplicateClaim => &SPELLING,
        }
    }
}

impl HeaderFlaw {
    const fn remedies(self) -> &'static [Remedy] {
        match self {
            Self::EmbeddedJwk | Self::EmbeddedJku | Self::EmbeddedX5u => &KEY_SOURCE,
            Self::KidPath | Self::KidSql | Self::KidEmpty | Self::KidLong => &KEY_ID,
            Self::UnknownCritical => &CRITICAL,
            Self::DuplicateMember => &ALGORITHMS,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_falls_short_can_be_mended() {
        for trial in Trial::before_rotation().chain([Trial::NewKey, Trial::RetiredKey, Trial::RevokedAfterUse]) {
            let all = [Shortcoming::Accepted, Shortcoming::Refused, Shortcoming::Failed, Shortcoming::Late];
            for shortcoming in all.into_iter().chain([Shortcoming::Unclear]) {
                let remedies = trial.remedies(shortcoming);
                assert!(!remedies.is_empty(), "{trial:?}");
                assert!(remedies.iter().all(|remedy| remedy.how.ends_with('.')), "{trial:?}");
            }
        }
    }

    #[test]
    fn what_is_accepted_is_mended_by_the_option_for_it() {
        let told = |name: &str| Trial::Of(Specimen::from_name(name).unwrap()).remedies(Shortcoming::Accepted)[0].how;
        assert!(told("wrong-audience").contains("audience"));
        assert!(told("wrong-issuer").contains("issuer"));
        assert!(told("alg-none").contains("algorithms"));
        assert!(told("tampered-payload").contains("decodeJwt does not verify"));
    }
}
