"""The JWKS against a bare poem handler, as 200, as 304, and with many keys."""

import json
import re

import bare
import calls
import processes
from figures import Figure, Run

BAR = 0.9
MANY_KEYS = 10


def measure(run: Run) -> list[Figure]:
    with processes.jwksd(run.home / "server") as server:
        answer = bare.record(run, server.url + processes.JWKS)
        full = bare.compare(run, processes.JWKS, server, answer)
        known = bare.compare(run, processes.JWKS, server, answer, "--header", f"If-None-Match: {etag(answer.read_text())}")
    with processes.jwksd(run.home / "many", "--jwks-max-keys", str(MANY_KEYS)) as server:
        publish_many_keys(server.url)
        many = bare.compare(run, processes.JWKS, server, bare.record(run, server.url + processes.JWKS))
    name = f"`GET {processes.JWKS}`"
    return [
        bare.figure(name, BAR, *full),
        bare.figure(f"{name} as 304", BAR, *known),
        bare.figure(f"{name} with {MANY_KEYS} keys", BAR, *many),
    ]


def etag(recorded: str) -> str:
    found = re.search(r"^etag: (.+)$", recorded, re.MULTILINE | re.IGNORECASE)
    if not found:
        raise processes.Fault(f"the JWKS has no ETag:\n{recorded}")
    return found[1].strip()


def publish_many_keys(url: str) -> None:
    """A key that signs, a stand-by, and the rest retired, with tokens that may live."""
    administrator = calls.administrator(url)
    for _ in range(MANY_KEYS - 2):
        calls.force_rotation(url, administrator)
    published = len(json.loads(processes.output(["curl", "--silent", url + processes.JWKS], 10))["keys"])
    if published != MANY_KEYS:
        raise processes.Fault(f"{published} keys are published instead of {MANY_KEYS}")
