"""The server under test, as these tests use it."""

import dataclasses
import os

import httpx
import jwt

URL = os.environ["SERVER_URL"]  # set by tests/lib/with_server.py

http = httpx.Client(base_url=URL, timeout=30)


class Token:
    """A token, and what can be read off it."""

    def __init__(self, text: str) -> None:
        read = jwt.decode_complete(text, options={"verify_signature": False})
        self.text = text
        self.kid: str = read["header"]["kid"]
        self.exp: int = read["payload"]["exp"]


@dataclasses.dataclass
class Specimen:
    """A token of the lab."""

    name: str
    verdict: str  # what a verifier should say to it
    token: str


def specimens() -> list[Specimen]:
    """One of each, the sound one first."""
    listed = http.get("/lab/tokens").raise_for_status().json()["tokens"]
    return [Specimen(entry["name"], entry["verdict"], minted(entry["name"])) for entry in listed]


def fetched(member: str, token: str) -> bytes:
    """What is at the URL that a token has in that member of its header."""
    url = jwt.get_unverified_header(token)[member]
    assert url.startswith(URL)
    return http.get(url).raise_for_status().content


def minted(name: str) -> str:
    token: str = http.post(f"/lab/tokens/{name}").raise_for_status().json()["token"]
    return token


def issue() -> Token:
    """A token for the fixture user: no password is hashed for it."""
    return Token(http.post("/auth").raise_for_status().json()["token"])


def discovered() -> tuple[str, str]:
    """Where the keys are, and which algorithm is signed with, as the server says itself."""
    metadata = http.get("/.well-known/openid-configuration").raise_for_status().json()
    assert metadata["issuer"] == URL, "a verifier compares it byte for byte"
    (algorithm,) = metadata["id_token_signing_alg_values_supported"]
    return metadata["jwks_uri"], algorithm


def rotate() -> None:
    """A rotation that heeds what it would break."""
    http.post("/admin/keys/rotate", headers=administrator()).raise_for_status()


def revoke(kid: str) -> None:
    """From here on the stand-by signs, and no token of the key is to be believed."""
    body = {"reason": "the key was seen elsewhere"}
    http.post(f"/admin/keys/{kid}/revoke", json=body, headers=administrator()).raise_for_status()


def administrator() -> dict[str, str]:
    answer = http.post("/auth", json={"username": "admin", "password": "password"}).raise_for_status()
    return {"Authorization": f"Bearer {answer.json()['token']}"}
