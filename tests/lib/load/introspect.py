"""Introspection against a bare poem handler that is asked the same."""

import base64
import os
import pathlib

import bare
import calls
import processes
from figures import Figure, Run

PATH = "/introspect"
LUA = pathlib.Path(__file__).with_name("introspect.lua")
TOKENS = 64
BAR = 0.6


def measure(run: Run) -> list[Figure]:
    with processes.jwksd(run.home / "server", *processes.UNLIMITED, "--access-token-ttl", "1h") as server:
        prepare(run, server.url)
        answer = record(run, server.url + PATH)
        sides = bare.compare(run, PATH, server, answer, "--script", str(LUA))
    return [bare.figure(f"`POST {PATH}`, {TOKENS} tokens in turn", BAR, *sides)]


def prepare(run: Run, url: str) -> None:
    """A client, and the forms in which it asks about many tokens, for the script of wrk."""
    client = calls.post(f"{url}/admin/clients", {"client_id": "resource-server"}, calls.administrator(url))
    pair = f"{client['client_id']}:{client['client_secret']}"
    forms = run.home / "forms"
    forms.write_text("".join(f"token={calls.token(url)}\n" for _ in range(TOKENS)))
    os.environ["INTROSPECT_AUTHORIZATION"] = "Basic " + base64.b64encode(pair.encode()).decode()
    os.environ["INTROSPECT_FORMS"] = str(forms)


def record(run: Run, url: str) -> pathlib.Path:
    """What is said of the first token, which is what the bare handler is to answer."""
    form = (run.home / "forms").read_text().splitlines()[0]
    answer = bare.record(run, url, "--header", f"Authorization: {os.environ['INTROSPECT_AUTHORIZATION']}", "--data", form)
    if '"active":true' not in answer.read_text():
        raise processes.Fault(f"the first token is not active:\n{answer.read_text()}")
    return answer
