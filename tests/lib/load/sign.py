"""Signing in process against OpenSSL, on one core."""

import re

import processes
from figures import Figure, Run, ratio

BAR = 0.9
ROUNDS = 3
SECONDS = 3


def measure(run: Run) -> list[Figure]:
    ours, theirs = [], []
    for _ in range(min(run.rounds, ROUNDS)):
        theirs.append(openssl())
        ours.append(jwksd())
    return [ratio("RS256 signing in process, one core, to `openssl speed rsa2048`", BAR, ours, theirs, "signatures/s")]


def openssl() -> float:
    text = processes.output(["openssl", "speed", "-mr", "-seconds", str(SECONDS), "rsa2048"], 60)
    found = re.search(r"^\+F2:\d+:2048:([\d.]+):", text, re.MULTILINE)
    if not found:
        raise processes.Fault(f"openssl speed said what this does not understand:\n{text}")
    # Version 1 printed seconds a signature, version 3 prints signatures a second.
    value = float(found[1])
    return value if value > 1 else 1 / value


def jwksd() -> float:
    text = processes.output(["cargo", "bench", "--locked", "--quiet", "--package", "jwksd-jose", "--bench", "sign"], 600)
    section = text.split("RS256, signing", 1)[-1].split("RS256, verifying", 1)[0]
    found = re.search(r"^jwksd, through the Signer port\s+([\d.]+)", section, re.MULTILINE)
    if not found:
        raise processes.Fault(f"cargo bench -p jwksd-jose said what this does not understand:\n{text}")
    return float(found[1])
