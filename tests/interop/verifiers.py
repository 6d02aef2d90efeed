"""The verifiers that services use, each told where the keys are and nothing else: their caches are as they come."""

import json
import pathlib
import subprocess
from collections.abc import Sequence

import jwt

import server

HERE = pathlib.Path(__file__).resolve().parent
STOP_SECONDS = 20

NAMES = ("jose", "jwks-rsa", "PyJWT")
KEEP_SETS = ("jose", "PyJWT")  # they look for all keys at once; jwks-rsa keeps each for ten minutes by itself
UNKNOWN_KEY = {"ERR_JWKS_NO_MATCHING_KEY", "SigningKeyNotFoundError", "PyJWKClientError"}
EXPIRED = {"ERR_JWT_EXPIRED", "TokenExpiredError", "ExpiredSignatureError"}

Verdict = str | None  # the name of the error, or none


class Verifiers:
    """One of each, sent to the keys by discovery; their caches are empty at first and last as long as this does."""

    def __init__(self) -> None:
        jwks_uri, self.algorithm = server.discovered()
        self.keys = jwt.PyJWKClient(jwks_uri)
        command = ["node", str(HERE / "verifier.mjs"), jwks_uri, server.URL, self.algorithm]
        self.node = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self) -> "Verifiers":
        return self

    def __exit__(self, *_: object) -> None:
        self.node.communicate(timeout=STOP_SECONDS)  # it ends with its input

    def verdicts(self, tokens: Sequence[str]) -> dict[str, list[Verdict]]:
        """What each verifier says to each of the tokens."""
        assert self.node.stdin and self.node.stdout
        self.node.stdin.write(json.dumps(tokens) + "\n")
        self.node.stdin.flush()
        mine = [self.verdict(token) for token in tokens]
        line = self.node.stdout.readline()
        assert line, "verifier.mjs ended; what it said is above"
        return {**json.loads(line), "PyJWT": mine}

    def verdict(self, token: str) -> Verdict:
        try:
            key = self.keys.get_signing_key_from_jwt(token)
            jwt.decode(token, key, algorithms=[self.algorithm], issuer=server.URL, audience=server.URL)
        except jwt.PyJWTError as error:
            return type(error).__name__
        return None
