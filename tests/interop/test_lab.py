"""Each flawed token of the lab is refused by jose, jwks-rsa and PyJWT, told algorithm, issuer and audience.

What one of them accepts all the same is an exception that is listed with its reason; the list is as long as it must be
and no longer, so that a version that has become stricter, or laxer, is noticed.
"""

import base64
import hmac

import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

import server
from server import Specimen
from verifiers import NAMES, Verdict, Verifiers

# Where the standard leaves it to the verifier; the catalogue says so, too.
TOLERATED = {
    "duplicate-claim": (NAMES, "they read the last of two claims of one name, as RFC 7519 section 4 lets them"),
    "duplicate-header": (NAMES, "they read the last of two members of one name, as RFC 7515 section 4 lets them"),
    "exp-huge": (NAMES, "their numbers have no end; it is the issuer that has signed this one"),
    "non-canonical-base64url": (("jose", "jwks-rsa"), "Node.js passes over spare bits (RFC 4648 section 3.5 lets it)"),
}
# Where it does not.
OVERLOOKED = {
    "wrong-type": (("jwks-rsa", "PyJWT"), "jsonwebtoken and PyJWT have no option for typ; jose has one, and is told"),
    "exp-string": (("PyJWT",), "it takes text with digits for a number"),
    "padded-base64url": (("jose", "PyJWT"), "they read padding, which RFC 7515 section 2 leaves out"),
    "crit-unknown": (("jwks-rsa",), "jsonwebtoken does not know crit"),
}


@pytest.fixture(scope="module")
def specimens() -> list[Specimen]:
    return server.specimens()


@pytest.fixture(scope="module")
def verdicts(specimens: list[Specimen]) -> dict[tuple[str, str], Verdict]:
    """What each verifier says to each specimen, by the names of both. Their caches are empty at first."""
    with Verifiers() as fresh:
        said = fresh.verdicts([specimen.token for specimen in specimens])
    return {(specimen.name, by): said[by][i] for i, specimen in enumerate(specimens) for by in NAMES}


def test_the_sound_token_is_accepted_by_all(verdicts: dict[tuple[str, str], Verdict]) -> None:
    assert [verdicts["sound", by] for by in NAMES] == [None for _ in NAMES]


def test_every_flawed_token_is_refused_but_for_what_is_listed(verdicts: dict[tuple[str, str], Verdict]) -> None:
    accepted = {key for key, verdict in verdicts.items() if verdict is None and key[0] != "sound"}
    listed = {(name, by) for name, (whom, _) in {**TOLERATED, **OVERLOOKED}.items() for by in whom}
    if server.discovered()[1] == "EdDSA":
        listed.remove(("crit-unknown", "jwks-rsa"))  # jsonwebtoken knows no EdDSA: jose takes its place
    assert accepted == listed


def test_the_catalogue_says_what_is_left_to_the_verifier(specimens: list[Specimen]) -> None:
    assert {specimen.name for specimen in specimens if specimen.verdict == "either"} == set(TOLERATED)


def test_what_a_token_says_of_its_own_key_is_true_and_of_no_worth(specimens: list[Specimen]) -> None:
    """Whoever follows it is taken in: the keys that are found there have signed the tokens."""
    tokens = {specimen.name: specimen.token for specimen in specimens}
    algorithm = server.discovered()[1]
    certificate = x509.load_pem_x509_certificate(server.fetched("x5u", tokens["embedded-x5u"]))
    certificate.verify_directly_issued_by(certificate)
    (stranger,) = jwt.PyJWKSet.from_json(server.fetched("jku", tokens["embedded-jku"]).decode()).keys
    embedded = jwt.PyJWK(jwt.get_unverified_header(tokens["embedded-jwk"])["jwk"])
    for name, key in {
        "embedded-x5u": certificate.public_key(),
        "embedded-jku": stranger.key,
        "embedded-jwk": embedded.key,
    }.items():
        assert jwt.decode(tokens[name], key, algorithms=[algorithm], issuer=server.URL, audience=server.URL)


def test_the_secret_of_an_hmac_is_the_public_key_as_others_write_it(specimens: list[Specimen]) -> None:
    tokens = {specimen.name: specimen.token for specimen in specimens}
    jwks_uri, _ = server.discovered()
    key = jwt.PyJWKClient(jwks_uri).get_signing_key_from_jwt(tokens["sound"]).key
    for name, encoding in {"hs256-public-pem": Encoding.PEM, "hs256-public-der": Encoding.DER}.items():
        secret = key.public_bytes(encoding, PublicFormat.SubjectPublicKeyInfo)
        signed, _, signature = tokens[name].rpartition(".")
        mac = hmac.digest(secret, signed.encode(), "sha256")
        assert base64.urlsafe_b64encode(mac).rstrip(b"=").decode() == signature, name
