"""The JWKS against a bare poem handler that returns the same bytes, as 200 and as 304."""

import re

import processes
from figures import Figure, Run, ratio

CONNECTIONS = 64
BAR = 0.9


def measure(run: Run) -> list[Figure]:
    with processes.jwksd(run.home / "server") as server:
        answer = run.home / "answer"
        processes.output(["curl", "--silent", "--include", "--output", str(answer), server.url + processes.JWKS], 10)
        recorded = answer.read_text()
        etag = re.search(r"^etag: (.+)$", recorded, re.MULTILINE | re.IGNORECASE)
        if not recorded.startswith("HTTP/1.1 200") or not etag:
            raise processes.Fault(f"the JWKS is not one with an ETag:\n{recorded}")
        with processes.bare_poem(answer) as bare:
            full = compare(run, server.url, bare, [])
            not_modified = compare(run, server.url, bare, ["--header", f"If-None-Match: {etag[1].strip()}"])
    name = "`GET /.well-known/jwks.json`, 64 connections, to a bare poem handler"
    return [
        ratio(name, BAR, *full, "requests/s"),
        ratio(f"{name}, as 304", BAR, *not_modified, "requests/s"),
    ]


def compare(run: Run, ours: str, theirs: str, options: list[str]) -> tuple[list[float], list[float]]:
    rates: tuple[list[float], list[float]] = ([], [])
    for url in (ours, theirs):
        processes.wrk(url + processes.JWKS, CONNECTIONS, 1, *options)
    for _ in range(run.rounds):
        for url, found in zip((ours, theirs), rates, strict=True):
            rate, refused = processes.wrk(url + processes.JWKS, CONNECTIONS, run.seconds, *options)
            if refused:
                raise processes.Fault(f"{refused} requests were refused")
            found.append(rate)
    return rates
