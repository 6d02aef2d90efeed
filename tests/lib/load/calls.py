"""Single calls to jwksd, beside the load."""

import json
import urllib.request


def token(url: str) -> str:
    """A token for the fixture user, for which no password is hashed."""
    return post(f"{url}/auth")["token"]


def administrator(url: str) -> dict[str, str]:
    """The headers of an administrator, good for fifteen minutes."""
    answer = post(f"{url}/auth", {"username": "admin", "password": "password"})
    return {"Authorization": f"Bearer {answer['token']}"}


def force_rotation(url: str, headers: dict[str, str]) -> None:
    """Rotates the keys, whatever caches there are."""
    post(f"{url}/admin/keys/rotate", {"force": True}, headers)


def post(url: str, body: dict[str, str | bool] | None = None, headers: dict[str, str] | None = None) -> dict[str, str]:
    data = b"" if body is None else json.dumps(body).encode()
    kind = {} if body is None else {"Content-Type": "application/json"}
    request = urllib.request.Request(url, data, {**kind, **(headers or {})})
    with urllib.request.urlopen(request, timeout=30) as answer:
        fields: dict[str, str] = json.load(answer)
    return fields
