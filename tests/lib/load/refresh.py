"""Refreshes of sessions, each of them a commit: with RS256 against OpenSSL on every core, with the others against RS256."""

import os
import pathlib
from contextlib import ExitStack

import calls
import login
import processes
import sign
from figures import Figure, Run, ratio

OPENSSL_BAR = 0.65
RS256_BAR = 4
CONNECTIONS = 64
ALGORITHMS = ["RS256", "ES256", "Ed25519"]
DEMO_USER = {"username": "userABC", "password": "password123"}


def measure(run: Run) -> list[Figure]:
    cores = os.cpu_count() or 1
    openssl: list[float] = []
    rates: dict[str, list[float]] = {algorithm: [] for algorithm in ALGORITHMS}
    options = [*processes.UNLIMITED, *login.CHEAP_HASH, "--signing-algorithm"]
    with ExitStack() as stack:
        urls = {
            algorithm: stack.enter_context(processes.jwksd(run.home / algorithm, *options, algorithm)).url
            for algorithm in ALGORITHMS
        }
        for url in urls.values():
            refresh(run.home / "tokens", url, 1)
        for number in range(run.rounds):
            for algorithm in ALGORITHMS if number % 2 == 0 else reversed(ALGORITHMS):
                rates[algorithm].append(refresh(run.home / "tokens", urls[algorithm], run.seconds))
            openssl.append(cores * sign.openssl())
    name = f"refreshes with {{}}, {CONNECTIONS} connections, to {{}}"
    by_openssl = name.format("RS256", f"`openssl speed rsa2048` on {cores} cores")
    return [
        ratio(by_openssl, OPENSSL_BAR, rates["RS256"], openssl, "a second"),
        *(
            ratio(name.format(algorithm, "those with RS256"), RS256_BAR, rates[algorithm], rates["RS256"], "a second")
            for algorithm in ALGORITHMS[1:]
        ),
    ]


def refresh(tokens: pathlib.Path, url: str, seconds: int) -> float:
    """Refreshes a second, each of them a success, of new sessions; `tokens` is a file for their first tokens."""
    threads = min(CONNECTIONS, os.cpu_count() or 1)
    share = CONNECTIONS // threads + 1
    opened = [calls.post(f"{url}/auth/login", dict(DEMO_USER))["refresh_token"] for _ in range(threads * share)]
    tokens.write_text("\n".join(opened) + "\n")
    return processes.refresh(url, CONNECTIONS, seconds, [str(tokens), str(share)])
