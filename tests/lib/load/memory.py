"""Resident memory: idle, and the most that a flood of logins takes, for hashes and for all else."""

import os
import time

import login
import processes
from figures import Figure, Run, at_most

IDLE_BAR_MIB = 25
HASH_MIB = 19
FLOOD = 256
SLACK_MIB = 8
REST_SECONDS = 5


def measure(run: Run) -> list[Figure]:
    cores = os.cpu_count() or 1
    with processes.jwksd(run.home / "server", *processes.UNLIMITED) as server:
        processes.output(["curl", "--silent", "--fail", server.url + processes.JWKS], 10)
        time.sleep(REST_SECONDS)
        idle = server.memory_mib("VmRSS")
        flooded, refused = flood(run, server)
        time.sleep(REST_SECONDS)
        after = server.memory_mib("VmRSS")
    # What connections, SQLite and the allocator take under such a flood, where hashes take nothing.
    with processes.jwksd(run.home / "cheap", *processes.UNLIMITED, *login.CHEAP_HASH) as server:
        beside, _ = flood(run, server)
    told = f"{flooded:.1f} MiB at most in all, {after:.1f} MiB soon after; {refused} logins were answered 503"
    name = f"memory at most, {FLOOD} logins at once, beyond the same with hashes that take none"
    return [
        at_most("resident memory, idle", "MiB", IDLE_BAR_MIB, [idle], "after the start and one request"),
        at_most(name, "MiB", cores * HASH_MIB + SLACK_MIB, [flooded - beside], told),
    ]


def flood(run: Run, server: processes.Server) -> tuple[float, int]:
    """The most memory that a flood of logins takes, most of which are answered 503, which is the point; and how many those are."""
    _, refused = processes.post_logins(server.url, FLOOD, 3 * run.seconds)
    return server.memory_mib("VmHWM"), refused
