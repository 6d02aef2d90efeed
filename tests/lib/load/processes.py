"""Starting and ending what is measured, and putting load on it. Every process is ended by whoever started it."""

import os
import pathlib
import re
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

REPOSITORY = pathlib.Path(__file__).resolve().parents[3]
RELEASE = REPOSITORY / os.environ.get("CARGO_TARGET_DIR", "target") / "release"
LOGIN_LUA = pathlib.Path(__file__).with_name("login.lua")
ISSUE_LUA = pathlib.Path(__file__).with_name("issue.lua")
REFRESH_LUA = pathlib.Path(__file__).with_name("refresh.lua")
JWKS = "/.well-known/jwks.json"
START_SECONDS = 30
STOP_SECONDS = 20
WRK_EXTRA_SECONDS = 30
RATE = r"^Requests/sec:\s+([\d.]+)$"
UNLIMITED = ["--auth-rate-limit", "burst=1000000,every=1ms"]


class Fault(SystemExit):
    """What is measured did not do what it should, so there is no figure."""

    def __init__(self, text: str) -> None:
        super().__init__(f"tests/load: {text}")


class Server:
    """A running server, ready to answer."""

    def __init__(self, process: "subprocess.Popen[bytes] | subprocess.Popen[str]", url: str) -> None:
        self.process, self.url = process, url

    def cpu_seconds(self) -> float:
        """How long it has kept a processor busy until now."""
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory_mib(self, field: str) -> float:
        """VmRSS is what it takes now, VmHWM the most that it ever took."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(rf"^{field}:\s+(\d+) kB$", status, re.MULTILINE)
        if not found:
            raise Fault(f"/proc does not tell {field}")
        return int(found[1]) / 1024


def spawn_jwksd(home: pathlib.Path, options: list[str]) -> "subprocess.Popen[bytes]":
    """Starts jwksd in `home` with nothing of our environment; `home/ready` appears once it listens."""
    (home / "ready").unlink(missing_ok=True)
    command = [str(RELEASE / "jwksd"), "serve", "--listen", "127.0.0.1:0", "--ready-file", str(home / "ready")]
    command += options
    with open(home / "server.log", "ab") as log:
        environment = {"PATH": os.environ["PATH"], "HOME": str(home)}
        return subprocess.Popen(command, cwd=home, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)


def wait_until_ready(process: "subprocess.Popen[bytes]", home: pathlib.Path, pause: float) -> str:
    """The base URL of a jwksd that was spawned in `home`."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            if (text := (home / "ready").read_text()).endswith("\n"):
                return text.strip()
        except FileNotFoundError:
            pass
        if process.poll() is not None:
            raise Fault(f"jwksd ended at start:\n{(home / 'server.log').read_text(errors='replace')[-4000:]}")
        time.sleep(pause)
    raise Fault(f"jwksd did not listen within {START_SECONDS} s")


def end(process: "subprocess.Popen[bytes] | subprocess.Popen[str]") -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise Fault(f"a process was still running {STOP_SECONDS} s after SIGTERM") from None


@contextmanager
def jwksd(home: pathlib.Path, *options: str) -> Iterator[Server]:
    """A jwksd of its own in `home`, which is made."""
    home.mkdir(exist_ok=True)
    process = spawn_jwksd(home, ["--log-level", "warn", *options])
    try:
        yield Server(process, wait_until_ready(process, home, 0.01))
    finally:
        end(process)


@contextmanager
def bare_poem(answer: pathlib.Path) -> Iterator[Server]:
    """A bare poem handler that gives a recorded answer."""
    command = [str(RELEASE / "examples" / "bare_poem"), str(answer)]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    try:
        url = process.stdout.readline().strip() if process.stdout else ""
        if not url:
            raise Fault("bare_poem did not start")
        yield Server(process, url)
    finally:
        end(process)


def output(command: list[str], seconds: float) -> str:
    """What a command prints, if it ends in time and well."""
    try:
        done = subprocess.run(command, check=True, timeout=seconds, capture_output=True, text=True)
    except subprocess.CalledProcessError as error:
        raise Fault(f"{error}\n{error.stderr}") from None
    except subprocess.TimeoutExpired as error:
        raise Fault(str(error)) from None
    return done.stdout


def wrk(url: str, connections: int, seconds: int, *options: str) -> tuple[float, int]:
    """Answers a second, and how many answers in all were no success."""
    text = wrk_output(url, connections, seconds, *options)
    return found_number(RATE, text), refused_in(text)


def wrk_output(url: str, connections: int, seconds: int, *options: str, arguments: Sequence[str] = ()) -> str:
    threads = min(connections, os.cpu_count() or 1)
    command = ["wrk", f"-t{threads}", f"-c{connections}", f"-d{seconds}s", *options, url, "--", *arguments]
    text = output(command, seconds + WRK_EXTRA_SECONDS)
    if re.search(r"Socket errors: .*[1-9]", text):
        raise Fault(f"connections failed:\n{text}")
    return text


def found_number(pattern: str, text: str) -> float:
    found = re.search(pattern, text, re.MULTILINE)
    if not found:
        raise Fault(f"wrk said what this does not understand:\n{text}")
    return float(found[1])


def refused_in(text: str) -> int:
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    return int(refused[1]) if refused else 0


def log_in(url: str, connections: int, seconds: int) -> float:
    """Logins a second, each of them a success."""
    rate, refused = post_logins(url, connections, seconds)
    if refused:
        raise Fault(f"{refused} logins were refused")
    return rate


def post_logins(url: str, connections: int, seconds: int) -> tuple[float, int]:
    """Answers to logins a second, and how many in all were no success."""
    return wrk(f"{url}/auth", connections, seconds, "--script", str(LOGIN_LUA), "--timeout", "20s")


def issue(url: str, connections: int, seconds: int) -> float:
    """How many milliseconds 99 of 100 tokens take at most; none is refused."""
    text = wrk_output(f"{url}/auth", connections, seconds, "--script", str(ISSUE_LUA))
    if refused := refused_in(text):
        raise Fault(f"{refused} tokens were refused")
    return found_number(r"^p99 in microseconds: (\d+)$", text) / 1000


def refresh(url: str, connections: int, seconds: int, arguments: list[str]) -> float:
    """Refreshes a second, each of them a success; `arguments` are those of refresh.lua."""
    text = wrk_output(f"{url}/auth/refresh", connections, seconds, "--script", str(REFRESH_LUA), arguments=arguments)
    if refused := refused_in(text):
        raise Fault(f"{refused} refreshes were refused")
    return found_number(RATE, text)


def hash_rate(threads: int, seconds: int) -> float:
    """Argon2id hashes a second at the default cost."""
    return float(output([str(RELEASE / "examples" / "hash_rate"), str(threads), str(seconds)], seconds + 30))
