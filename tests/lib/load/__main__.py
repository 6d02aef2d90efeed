"""Measure what tests/load was asked for, and print it as a Markdown table.

    load --rounds NUMBER --seconds NUMBER section...

What tests/load builds must be there already.
"""

import argparse
import os
import pathlib
import signal
import sys
import tempfile

import build
import introspect
import jwks
import login
import memory
import refresh
import rotation
import sign
import start
import status
from figures import Figure, Run, table

MEASURES = {
    "jwks": jwks.measure,
    "sign": sign.measure,
    "introspect": introspect.measure,
    "status": status.measure,
    "login": login.measure,
    "refresh": refresh.measure,
    "rotation": rotation.measure,
    "memory": memory.measure,
    "start": start.measure,
    "crates": build.count_crates,
    "build": build.measure,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="tests/load")
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--seconds", type=int, default=2)
    parser.add_argument("section", nargs="+", choices=MEASURES)
    asked = parser.parse_args()
    if not (1 <= asked.rounds <= 50 and 1 <= asked.seconds <= 60):
        parser.error("--rounds goes from 1 to 50, --seconds from 1 to 60")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the servers are ended with us
    warn_of_company()
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="jwksd-load-") as folder:
        for section in dict.fromkeys(asked.section):
            print(f"Measuring {section} ...", file=sys.stderr, flush=True)
            home = pathlib.Path(folder) / section
            home.mkdir()
            figures += MEASURES[section](Run(asked.rounds, asked.seconds, home))
    print(table(figures))


def warn_of_company() -> None:
    load = os.getloadavg()[0]
    if load > 0.5:
        print(f"This machine is not idle (load {load:.1f}): trust the ratios, and only if they agree.", file=sys.stderr)


if __name__ == "__main__":
    main()
