"""The consumer of ../rust/main.rs with PyJWT: users with the role `read` may GET `/api/v1/protected`, those with the
role `write` POST to it too. Nothing in it is of jwksd but where the keys are.

    ISSUER=http://127.0.0.1:8080 PORT=3003 python3 consumer.py
"""

import http.server
import json
import os
import re
import sys
from typing import NamedTuple

import jwt

ISSUER = os.environ.get("ISSUER", "http://127.0.0.1:8080")
KEYS = jwt.PyJWKClient(f"{ISSUER}/.well-known/jwks.json")
COMPACT = re.compile(r"[\w-]+\.[\w-]+\.[\w-]+", re.ASCII)
ROLES = ["read", "write", "admin"]  # each may do what those before it may


class User(NamedTuple):
    username: str
    role: str


class Refused(Exception):
    """Why a request is not served."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def verified(token: str) -> User:
    """The key is found by the `kid` of the token, and fetched where it is not known yet: PyJWKClient sees to that."""
    if not COMPACT.fullmatch(token):  # PyJWT reads padding, too
        raise jwt.DecodeError("it is no compact JWS")
    decoded = jwt.decode_complete(
        token,
        KEYS.get_signing_key_from_jwt(token),
        algorithms=["RS256"],
        issuer=ISSUER,
        audience=ISSUER,  # unless jwksd was started with another --audience
        options={"require": ["iss", "aud", "exp"]},
    )
    claims = decoded["payload"]
    username, role = claims.get("username"), claims.get("role")
    if type(claims["exp"]) not in (int, float):  # PyJWT takes text with digits, too
        raise jwt.InvalidTokenError("exp is no number")
    if decoded["header"].get("typ") != "JWT" or not isinstance(username, str) or role not in ROLES:
        raise jwt.InvalidTokenError("it is not that of a user with a role")
    return User(username, role)


def user_of(authorization: str) -> User:
    bearer = re.fullmatch(r"Bearer +(\S+) *", authorization, re.IGNORECASE)
    if not bearer:
        raise Refused(401, "a bearer token is needed")
    try:
        return verified(bearer[1])
    except jwt.PyJWKClientConnectionError as error:
        print(f"consumer.py: {error}", file=sys.stderr)
        raise Refused(503, "tokens cannot be verified now") from None
    except jwt.PyJWTError as error:
        raise Refused(403, f"the token is not valid: {error}") from None


class Consumer(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.serve("read", "read")

    def do_POST(self) -> None:
        self.serve("write", "written")

    def serve(self, needed: str, done: str) -> None:
        try:
            if self.path != "/api/v1/protected":
                raise Refused(404, "there is nothing here")
            user = user_of(self.headers.get("Authorization", ""))
            if ROLES.index(user.role) < ROLES.index(needed):
                raise Refused(403, f"this needs the role {needed}")
            self.answer(200, {"message": done, "user": user._asdict()})
        except Refused as refused:
            self.answer(refused.status, {"message": str(refused)})

    def answer(self, status: int, body: dict[str, object]) -> None:
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        if status == 401:
            self.send_header("WWW-Authenticate", "Bearer")
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing of requests."""


if __name__ == "__main__":
    server = http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "3003"))), Consumer)
    print(f"listening at http://127.0.0.1:{server.server_address[1]}", flush=True)
    server.serve_forever()
