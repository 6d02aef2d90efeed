#!/usr/bin/env python3
"""Run a command against a freshly started jwksd, so that no test owns a server of its own.

    with_server.py [jwksd options] -- command [arguments]

The server gets an empty directory, a free port and none of the caller's environment; the command finds its base
URL in SERVER_URL. Afterwards the server must stop on SIGTERM with exit code 0: a test that leaves it hanging or
dead fails even when the command itself passed. JWKSD_BIN names another binary than the debug build.
"""

import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
START_SECONDS = 30
STOP_SECONDS = 20
LOG_TAIL_LINES = 60


class ServerFault(Exception):
    """The server itself misbehaved: it did not start, did not live, or did not stop as it should."""


def main() -> int:
    if "--" not in sys.argv:
        sys.exit(__doc__)
    split = sys.argv.index("--")
    options, command = sys.argv[1:split], sys.argv[split + 1 :]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the server is ended with us
    with tempfile.TemporaryDirectory(prefix="jwksd-test-") as directory:
        home = pathlib.Path(directory)
        try:
            return run(command, options, home)
        except ServerFault as fault:
            print(f"with_server: {fault}; the end of its log:", file=sys.stderr)
            print(log_tail(home), file=sys.stderr)
            return 1


def run(command: list[str], options: list[str], home: pathlib.Path) -> int:
    server = start(options, home)
    try:
        url = wait_until_ready(server, home)
        status = subprocess.run(command, check=False, env={**os.environ, "SERVER_URL": url}).returncode
        if server.poll() is not None:
            raise ServerFault(f"jwksd ended during the test with exit code {server.returncode}")
        stop(server)
        return status
    finally:
        if server.poll() is None:
            server.kill()
            server.wait()


def start(
    options: list[str], home: pathlib.Path, variables: dict[str, str] | None = None
) -> "subprocess.Popen[bytes]":
    arguments = ["serve", "--listen", "127.0.0.1:0", "--ready-file", str(home / "ready"), *options]
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "RUST_BACKTRACE": "1", **(variables or {})}
    with open(home / "server.log", "wb") as log:
        return subprocess.Popen(
            [str(binary()), *arguments], cwd=home, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )


def binary() -> pathlib.Path:
    target = REPOSITORY / os.environ.get("CARGO_TARGET_DIR", "target")
    path = pathlib.Path(os.environ.get("JWKSD_BIN", target / "debug" / "jwksd")).absolute()
    if not path.exists():
        sys.exit(f"with_server: {path} does not exist; run `cargo build` first")
    return path


def wait_until_ready(server: "subprocess.Popen[bytes]", home: pathlib.Path) -> str:
    deadline = time.monotonic() + START_SECONDS
    ready = home / "ready"
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise ServerFault(f"jwksd ended at start with exit code {server.returncode}")
        if ready.exists() and (text := ready.read_text()).endswith("\n"):
            return text.strip()
        time.sleep(0.02)
    raise ServerFault(f"jwksd wrote no ready file within {START_SECONDS} s")


def stop(server: "subprocess.Popen[bytes]") -> None:
    server.terminate()
    try:
        code = server.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        raise ServerFault(f"jwksd was still running {STOP_SECONDS} s after SIGTERM") from None
    if code != 0:
        raise ServerFault(f"jwksd answered SIGTERM with exit code {code}")


def log_tail(home: pathlib.Path) -> str:
    return "\n".join((home / "server.log").read_text(errors="replace").splitlines()[-LOG_TAIL_LINES:])


if __name__ == "__main__":
    sys.exit(main())
