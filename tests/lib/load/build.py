"""What a newcomer waits for: how many crates there are, and how long a release build from nothing takes."""

import os
import subprocess
import time

import processes
from figures import Figure, Run, at_most

BUILD_BAR_MINUTES = 5
BUILD_TIMEOUT_SECONDS = 3600


def count_crates(_run: Run) -> list[Figure]:
    tree = ["cargo", "tree", "--locked", "--package", "jwksd", "--edges", "normal,build"]
    listed = processes.output([*tree, "--prefix", "none", "--no-dedupe"], 120).splitlines()
    lines = {" ".join(line.split()[:2]) for line in listed if line}
    own = {line for line in lines if line.startswith("jwksd")}
    lock = (processes.REPOSITORY / "Cargo.lock").read_text().count("[[package]]")
    reference = f"{len(own)} of them our own; Cargo.lock names {lock} for all platforms, tests included"
    return [Figure("crates in a release build", str(len(lines)), "", None, reference)]


def measure(run: Run) -> list[Figure]:
    processes.output(["cargo", "fetch", "--locked"], 600)
    command = ["cargo", "build", "--locked", "--release", "--target-dir", str(run.home / "target")]
    begun = time.monotonic()
    subprocess.run(command, check=True, timeout=BUILD_TIMEOUT_SECONDS, cwd=processes.REPOSITORY)
    minutes = (time.monotonic() - begun) / 60
    reference = f"{os.cpu_count()} cores, registry cache filled, nothing built before"
    return [at_most("`cargo build --release` from nothing", "min", BUILD_BAR_MINUTES, [minutes], reference)]
