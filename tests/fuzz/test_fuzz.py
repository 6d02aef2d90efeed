"""Generated requests against the served document: no crash, nothing that the document does not say.

Schemathesis reads /openapi.json and calls every operation with valid, nearly valid and hostile data, first as
nobody, then as a user, then as an administrator. FUZZ_SECONDS is shared among the three; FUZZ_SEED repeats a run.
"""

import json
import os
import pathlib
import subprocess
import sys
import urllib.error
import urllib.request
import uuid

SERVER = os.environ["SERVER_URL"]  # set by tests/lib/with_server.py
SECONDS = int(os.environ.get("FUZZ_SECONDS", "60"))
SEED = os.environ.get("FUZZ_SEED", "1")
HERE = pathlib.Path(__file__).resolve().parent
WORK = HERE.parent / ".cache" / "fuzz"


def test_answers_keep_to_the_document_when_nobody_asks() -> None:
    schemathesis()


def test_answers_keep_to_the_document_when_a_user_asks() -> None:
    name = f"fuzz{uuid.uuid4().hex}"
    password = post("/register", {"username": name})["password"]

    schemathesis_with_token_of(name, password)


def test_answers_keep_to_the_document_when_an_administrator_asks() -> None:
    schemathesis_with_token_of("admin", "password")


def schemathesis_with_token_of(name: str, password: str) -> None:
    token = post("/auth", {"username": name, "password": password})["token"]

    # A logout calls the token back; as nobody it is called too.
    schemathesis("--header", f"Authorization: Bearer {token}", "--exclude-path", "/auth/logout")

    assert opens_userinfo(token), "the run made its own token worthless, so its later part tested only refusals"


def schemathesis(*options: str) -> None:
    WORK.mkdir(parents=True, exist_ok=True)
    program = pathlib.Path(sys.executable).with_name("schemathesis")
    finished = subprocess.run(
        [
            program,
            *("--config-file", HERE / "schemathesis.toml"),
            *("--no-color", "run", f"{SERVER}/openapi.json"),
            *("--max-time", str(max(1, SECONDS // 3))),
            *("--seed", SEED),
            *options,
        ],
        cwd=WORK,
        check=False,
    )
    assert finished.returncode == 0, "Schemathesis found an answer that the document does not allow; see above"


def post(path: str, body: dict[str, str]) -> dict[str, str]:
    request = urllib.request.Request(
        SERVER + path, data=json.dumps(body).encode(), headers={"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request) as answer:
        fields: dict[str, str] = json.load(answer)
        return fields


def opens_userinfo(token: str) -> bool:
    request = urllib.request.Request(f"{SERVER}/userinfo", headers={"Authorization": f"Bearer {token}"})
    try:
        with urllib.request.urlopen(request):
            return True
    except urllib.error.HTTPError:
        return False
