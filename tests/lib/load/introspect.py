"""Introspection against a bare poem handler that returns the same bytes to the same questions."""

import base64
import os
import pathlib
import statistics

import calls
import processes
from figures import Figure, Run, ratio

PATH = "/introspect"
LUA = pathlib.Path(__file__).with_name("introspect.lua")
CONNECTIONS = 64
TOKENS = 64
BAR = 0.6


def measure(run: Run) -> list[Figure]:
    with processes.jwksd(run.home / "server", *processes.UNLIMITED, "--access-token-ttl", "1h") as server:
        prepare(run, server.url)
        answer = run.home / "answer"
        record(run, server.url, answer)
        with processes.bare_poem(answer) as bare:
            ours: list[float] = []
            theirs: list[float] = []
            for url in (server.url, bare.url):
                ask(url, 1)
            for number in range(run.rounds):
                sides = [(server.url, ours), (bare.url, theirs)]
                for url, rates in sides if number % 2 == 0 else reversed(sides):
                    rates.append(ask(url, run.seconds))
    name = f"`POST {PATH}`, {CONNECTIONS} connections, {TOKENS} tokens in turn, to a bare poem handler"
    return [ratio(name, BAR, ours, theirs, f"requests/s, {1e6 / statistics.median(ours):.1f} µs each")]


def prepare(run: Run, url: str) -> None:
    """A client, and the forms in which it asks about many tokens, for the script of wrk."""
    client = calls.post(f"{url}/admin/clients", {"client_id": "resource-server"}, calls.administrator(url))
    pair = f"{client['client_id']}:{client['client_secret']}"
    forms = run.home / "forms"
    forms.write_text("".join(f"token={calls.token(url)}\n" for _ in range(TOKENS)))
    os.environ["INTROSPECT_AUTHORIZATION"] = "Basic " + base64.b64encode(pair.encode()).decode()
    os.environ["INTROSPECT_FORMS"] = str(forms)


def record(run: Run, url: str, answer: pathlib.Path) -> None:
    """What the bare handler is to answer: what jwksd says of the first token."""
    form = (run.home / "forms").read_text().splitlines()[0]
    header = f"Authorization: {os.environ['INTROSPECT_AUTHORIZATION']}"
    options = ["--silent", "--include", "--header", header, "--data", form, "--output", str(answer)]
    processes.output(["curl", *options, url + PATH], 10)
    recorded = answer.read_text()
    if not recorded.startswith("HTTP/1.1 200") or '"active":true' not in recorded:
        raise processes.Fault(f"the first token is not active:\n{recorded}")


def ask(url: str, seconds: int) -> float:
    """Answers a second, each of them a success."""
    rate, refused = processes.wrk(url + PATH, CONNECTIONS, seconds, "--script", str(LUA))
    if refused:
        raise processes.Fault(f"{refused} questions were refused")
    return rate
