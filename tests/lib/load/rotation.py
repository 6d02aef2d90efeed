"""Rotations while tokens are issued and verified: what they cost those who wait, and that no verifier notices."""

import threading
from collections import deque

import jwt

import calls
import processes
from figures import Figure, Run, ratio_at_most

BAR = 2
CONNECTIONS = 64
MAX_AGE_SECONDS = 1
ROTATION_SECONDS = 1.25  # what a cache holds is as old as its fetch took when its age begins to count
VERIFY_PAUSE_SECONDS = 0.02
TOKENS_KEPT = 500
KEYS_MAX = 10_000
SCHEDULE = ["--jwks-max-age", f"{MAX_AGE_SECONDS}s", "--key-publish-lead", "10s", "--clock-skew", "1s"]


def measure(run: Run) -> list[Figure]:
    still: list[float] = []
    rotating: list[float] = []
    options = [*processes.UNLIMITED, *SCHEDULE, "--jwks-max-keys", str(KEYS_MAX)]
    with processes.jwksd(run.home / "server", *options) as server:
        processes.issue(server.url, CONNECTIONS, 1)
        rotator, verifier = Rotator(server.url), Verifier(server.url)
        with verifier:
            for number in range(2 * run.rounds):
                if number % 4 in (0, 3):  # with and without come first in turn
                    with rotator:
                        rotating.append(processes.issue(server.url, CONNECTIONS, run.seconds))
                else:
                    still.append(processes.issue(server.url, CONNECTIONS, run.seconds))
    seen = f"{verifier.verified:,} tokens verified beside, none refused, in {rotator.rotations} rotations"
    name = f"99 of 100 tokens, {CONNECTIONS} connections, rotating every {ROTATION_SECONDS} s, to the same without"
    return [ratio_at_most(name, BAR, rotating, still, f"ms; {seen}")]


class Repeated:
    """Something done again and again on a thread of its own, as long as this is entered."""

    def __init__(self, url: str) -> None:
        self.url = url

    def __enter__(self) -> None:
        self.is_over, self.fault = threading.Event(), ""
        self.prepare()
        self.thread = threading.Thread(target=self._repeat)
        self.thread.start()

    def __exit__(self, *_: object) -> None:
        self.is_over.set()
        self.thread.join()
        if self.fault:
            raise processes.Fault(self.fault)

    def _repeat(self) -> None:
        try:
            while not self.is_over.is_set():
                self.act()
        except Exception as error:  # whatever it is, there is no figure
            self.fault = f"{type(error).__name__}: {error}"

    def prepare(self) -> None:
        """Done once, before."""

    def act(self) -> None:
        """Done again and again."""
        raise NotImplementedError


class Rotator(Repeated):
    """Has the stand-by sign whenever every cache must know it: this long after, since there are no other replicas."""

    rotations = 0

    def prepare(self) -> None:
        self.headers = calls.administrator(self.url)

    def act(self) -> None:
        calls.force_rotation(self.url, self.headers)
        self.rotations += 1
        self.is_over.wait(ROTATION_SECONDS)


class Verifier(Repeated):
    """Verifies new tokens and old ones, by a JWKS that it keeps for as long as it may."""

    verified = 0

    def prepare(self) -> None:
        self.keys = jwt.PyJWKClient(self.url + processes.JWKS, lifespan=MAX_AGE_SECONDS)
        self.tokens: deque[str] = deque(maxlen=TOKENS_KEPT)

    def act(self) -> None:
        self.tokens.append(calls.token(self.url))
        for token in (self.tokens[-1], self.tokens[0]):
            key = self.keys.get_signing_key_from_jwt(token)
            jwt.decode(token, key, algorithms=["RS256"], issuer=self.url, audience=self.url)
            self.verified += 1
        self.is_over.wait(VERIFY_PAUSE_SECONDS)
