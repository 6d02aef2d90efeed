"""Resident memory: idle, and the most that a flood of logins takes."""

import os
import time

import processes
from figures import Figure, Run, at_most

IDLE_BAR_MIB = 25
HASH_MIB = 19
FLOOD = 256
SLACK_MIB = 24
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
    # What the threads have not given back counts too, as does what connections and SQLite take under such a flood.
    hashing = flooded - min(idle, after)
    beside = f"{flooded:.1f} MiB at most in all, {after:.1f} MiB soon after; {refused} logins were answered 503"
    return [
        at_most("resident memory, idle", "MiB", IDLE_BAR_MIB, [idle], "after the start and one request"),
        at_most(f"memory to hash in, {FLOOD} logins at once", "MiB", cores * HASH_MIB + SLACK_MIB, [hashing], beside),
    ]
