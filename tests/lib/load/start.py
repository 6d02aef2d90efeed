"""From the start of the process to the first answer of the JWKS."""

import http.client
import pathlib
import shutil
import time
from urllib.parse import urlsplit

import processes
from figures import Figure, Run, at_most

EMPTY_BAR_MS = 300
KEYS_BAR_MS = 50
TIMES = 2
POLL_SECONDS = 0.0005


def measure(run: Run) -> list[Figure]:
    empty = [first_answer_ms(fresh(run.home / "empty")) for _ in range(TIMES * run.rounds)]
    first_answer_ms(fresh(run.home / "kept"))
    kept = [first_answer_ms(run.home / "kept") for _ in range(TIMES * run.rounds)]
    made = "three RSA keys are made, four demo users hashed; one second is the limit"
    opened = "the keys are opened and checked"
    return [
        at_most("start to the first JWKS answer, empty folder", "ms", EMPTY_BAR_MS, empty, made),
        at_most("start to the first JWKS answer, keys present", "ms", KEYS_BAR_MS, kept, opened),
    ]


def fresh(home: pathlib.Path) -> pathlib.Path:
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir()
    return home


def first_answer_ms(home: pathlib.Path) -> float:
    begun = time.monotonic()
    process = processes.spawn_jwksd(home, [])
    try:
        url = urlsplit(processes.wait_until_ready(process, home, POLL_SECONDS))
        connection = http.client.HTTPConnection(url.hostname or "", url.port, timeout=10)
        connection.request("GET", processes.JWKS)
        answer = connection.getresponse()
        answer.read()
        taken = time.monotonic() - begun
        if answer.status != 200:
            raise processes.Fault(f"the JWKS was answered {answer.status}")
        connection.close()
    finally:
        processes.end(process)
    return 1000 * taken
