"""A route against a bare poem handler that returns the same bytes to the same requests."""

import pathlib
import statistics

import processes
from figures import Figure, Run, ratio

CONNECTIONS = 64


def record(run: Run, url: str, *options: str) -> pathlib.Path:
    """The file of the whole answer, which must be a success."""
    answer = run.home / "answer"
    processes.output(["curl", "--silent", "--include", *options, "--output", str(answer), url], 10)
    if not answer.read_text().startswith("HTTP/1.1 200"):
        raise processes.Fault(f"{url} is not answered with 200:\n{answer.read_text()}")
    return answer


class Side:
    """What one of the two servers has done so far."""

    def __init__(self, server: processes.Server, path: str) -> None:
        self.server = server
        self.url = server.url + path
        self.rates: list[float] = []
        self.cpu_micros: list[float] = []

    def take_turn(self, seconds: int, options: list[str]) -> None:
        cpu_before = self.server.cpu_seconds()
        rate, refused = processes.wrk(self.url, CONNECTIONS, seconds, *options)
        if refused:
            raise processes.Fault(f"{refused} requests were refused")
        self.rates.append(rate)
        self.cpu_micros.append(1e6 * (self.server.cpu_seconds() - cpu_before) / (rate * seconds))


def compare(run: Run, path: str, server: processes.Server, answer: pathlib.Path, *options: str) -> tuple[Side, Side]:
    """What `server` does at `path`, and what a bare handler does with its recorded `answer`."""
    with processes.bare_poem(answer) as bare:
        sides = (Side(server, path), Side(bare, path))
        for side in sides:
            processes.wrk(side.url, CONNECTIONS, 1, *options)
        for number in range(run.rounds):
            for side in sides if number % 2 == 0 else reversed(sides):
                side.take_turn(run.seconds, list(options))
    return sides


def figure(name: str, bar: float, ours: Side, theirs: Side) -> Figure:
    cpu = f"{statistics.median(ours.cpu_micros):.1f} to {statistics.median(theirs.cpu_micros):.1f} µs"
    name = f"{name}, {CONNECTIONS} connections, to a bare poem handler"
    return ratio(name, bar, ours.rates, theirs.rates, f"requests/s, {cpu} of a processor each")
