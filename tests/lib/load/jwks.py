"""The JWKS against a bare poem handler that returns the same bytes, as 200, as 304, and with many keys."""

import json
import pathlib
import re
import statistics

import calls
import processes
from figures import Figure, Run, ratio

CONNECTIONS = 64
BAR = 0.9
MANY_KEYS = 10


def measure(run: Run) -> list[Figure]:
    with processes.jwksd(run.home / "server") as server:
        answer, etag = record(run, server)
        with processes.bare_poem(answer) as bare:
            full = compare(run, server, bare, [])
            not_modified = compare(run, server, bare, ["--header", f"If-None-Match: {etag}"])
    with processes.jwksd(run.home / "many", "--jwks-max-keys", str(MANY_KEYS)) as server:
        publish_many_keys(server.url)
        answer, _ = record(run, server)
        with processes.bare_poem(answer) as bare:
            many = compare(run, server, bare, [])
    name = "`GET /.well-known/jwks.json`, 64 connections, to a bare poem handler"
    return [
        figure(name, *full),
        figure(f"{name}, as 304", *not_modified),
        figure(f"{name}, with {MANY_KEYS} keys", *many),
    ]


def record(run: Run, server: processes.Server) -> tuple[pathlib.Path, str]:
    """The file of the whole answer, and its ETag."""
    answer = run.home / "answer"
    processes.output(["curl", "--silent", "--include", "--output", str(answer), server.url + processes.JWKS], 10)
    recorded = answer.read_text()
    etag = re.search(r"^etag: (.+)$", recorded, re.MULTILINE | re.IGNORECASE)
    if not recorded.startswith("HTTP/1.1 200") or not etag:
        raise processes.Fault(f"the JWKS is not one with an ETag:\n{recorded}")
    return answer, etag[1].strip()


def publish_many_keys(url: str) -> None:
    """A key that signs, a stand-by, and the rest retired, with tokens that may live."""
    administrator = calls.administrator(url)
    for _ in range(MANY_KEYS - 2):
        calls.force_rotation(url, administrator)
    published = len(json.loads(processes.output(["curl", "--silent", url + processes.JWKS], 10))["keys"])
    if published != MANY_KEYS:
        raise processes.Fault(f"{published} keys are published instead of {MANY_KEYS}")


class Side:
    """What one of the two servers has done so far."""

    def __init__(self, server: processes.Server) -> None:
        self.server = server
        self.rates: list[float] = []
        self.cpu_micros: list[float] = []

    def take_turn(self, seconds: int, options: list[str]) -> None:
        cpu_before = self.server.cpu_seconds()
        rate, refused = processes.wrk(self.server.url + processes.JWKS, CONNECTIONS, seconds, *options)
        if refused:
            raise processes.Fault(f"{refused} requests were refused")
        self.rates.append(rate)
        self.cpu_micros.append(1e6 * (self.server.cpu_seconds() - cpu_before) / (rate * seconds))


def compare(run: Run, ours: processes.Server, theirs: processes.Server, options: list[str]) -> tuple[Side, Side]:
    sides = (Side(ours), Side(theirs))
    for server in (ours, theirs):
        processes.wrk(server.url + processes.JWKS, CONNECTIONS, 1, *options)
    for number in range(run.rounds):
        for side in sides if number % 2 == 0 else reversed(sides):
            side.take_turn(run.seconds, options)
    return sides


def figure(name: str, ours: Side, theirs: Side) -> Figure:
    cpu = f"{statistics.median(ours.cpu_micros):.1f} to {statistics.median(theirs.cpu_micros):.1f} µs"
    return ratio(name, BAR, ours.rates, theirs.rates, f"requests/s, {cpu} of a processor each")
