"""A status list against a bare poem handler."""

import bare
import calls
import processes
from figures import Figure, Run

PATH = "/status-lists/1"
BAR = 0.6


def measure(run: Run) -> list[Figure]:
    """Goes on while the list is signed anew every five seconds."""
    with processes.jwksd(run.home / "server") as server:
        calls.token(server.url)
        sides = bare.compare(run, PATH, server, bare.record(run, server.url + PATH))
    return [bare.figure(f"`GET {PATH}`", BAR, *sides)]
