"""Logins against the hash alone: with every core busy, and one at a time; and what a login takes beside its hash."""

import os
import statistics

import processes
from figures import Figure, Run, at_most, ratio

RATIO_BAR = 0.85
REST_BAR_MS = 3
CONNECTIONS = 16
CHEAP_HASH = ["--argon2-memory-kib", "8", "--argon2-iterations", "1"]


def measure(run: Run) -> list[Figure]:
    cores = os.cpu_count() or 1
    with processes.jwksd(run.home / "server", *processes.UNLIMITED) as server:
        processes.log_in(server.url, CONNECTIONS, 1)
        busy_hashes, busy_logins = take_turns(run, server.url, cores, CONNECTIONS)
        lone_hashes, lone_logins = take_turns(run, server.url, 1, 1)
    hash_ms, login_ms = [1000 / rate for rate in lone_hashes], [1000 / rate for rate in lone_logins]
    rest = [login - alone for login, alone in zip(login_ms, hash_ms, strict=True)]
    with processes.jwksd(run.home / "cheap", *processes.UNLIMITED, *CHEAP_HASH) as server:
        processes.log_in(server.url, 1, 1)
        cheap = [1000 / processes.log_in(server.url, 1, run.seconds) for _ in range(run.rounds)]
        many = [processes.log_in(server.url, CONNECTIONS, run.seconds) for _ in range(run.rounds)]
    alone = f"a login takes {statistics.median(login_ms):.1f} ms, its hash {statistics.median(hash_ms):.1f} ms"
    without = f"the hash made cheap; then {statistics.median(many):,.0f} logins/s at {CONNECTIONS} connections"
    name = f"logins at the default Argon2 cost, to the hash alone on {cores} cores"
    return [
        ratio(name, RATIO_BAR, busy_logins, busy_hashes, "a second"),
        at_most("the rest of a login, one at a time, as the difference to the hash", "ms", REST_BAR_MS, rest, alone),
        at_most("the rest of a login, one at a time, measured by itself", "ms", REST_BAR_MS, cheap, without),
    ]


def take_turns(run: Run, url: str, threads: int, connections: int) -> tuple[list[float], list[float]]:
    hashes: list[float] = []
    logins: list[float] = []
    for number in range(2 * run.rounds):
        if number % 4 in (0, 3):  # ours and theirs come first in turn
            hashes.append(processes.hash_rate(threads, run.seconds))
        else:
            logins.append(processes.log_in(url, connections, run.seconds))
    return hashes, logins
