"""Resident memory: idle, and the most that a flood of logins takes."""

import os
import time

import processes
from figures import Figure, Run, at_most

IDLE_BAR_MIB = 25
HASH_MIB = 19
FLOOD = 256
SLACK_MIB = 15
REST_SECONDS = 5


def measure(run: Run) -> list[Figure]:
    cores = os.cpu_count() or 1
    with processes.jwksd(run.home / "server", *processes.UNLIMITED) as server:
        processes.output(["curl", "--silent", "--fail", server.url + processes.JWKS], 10)
        time.sleep(REST_SECONDS)
        idle = server.memory_mib("VmRSS")
        # Most of these are answered 503, which is the point.
        _, refused = processes.post_logins(server.url, FLOOD, 3 * run.seconds)
        flooded = server.memory_mib("VmHWM")
        time.sleep(REST_SECONDS)
        after = server.memory_mib("VmRSS")
    bar = idle + cores * HASH_MIB + SLACK_MIB
    bound = f"bar: idle, {cores} × {HASH_MIB} MiB to hash in, {SLACK_MIB} for connections and SQLite"
    bound += f"; {refused} logins were answered 503; {after:.1f} MiB soon after"
    return [
        at_most("resident memory, idle", "MiB", IDLE_BAR_MIB, [idle], "after the start and one request"),
        at_most(f"resident memory at most, {FLOOD} logins at once", "MiB", bar, [flooded], bound),
    ]
