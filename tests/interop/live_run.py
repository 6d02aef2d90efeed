"""Tokens issued and verified without a pause while the keys change under them.

jose and PyJWT keep a JWKS for minutes, whatever its max-age, and look at it again for a kid that they do not know, but
only once in thirty seconds. So a key signs for a little longer than that, as tests/run starts the server, and what is
done by hand leaves them the time too. Since a stand-by is always published, each look shows the key that signs next:
the one that signs after the revocation is known to all of them already.

This waits for the real clock, since that is what the verifiers go by.
"""

import itertools
import time
from collections import Counter

import server
from server import Token
from verifiers import EXPIRED, NAMES, Verdict, Verifiers

KEYS = 5
REVOKE_SECONDS = 6  # after the verifiers first looked
ROTATE_SECONDS = 34
SETTLED_SECONDS = 4
LIMIT_SECONDS = 150
BEAT_SECONDS = 0.2
BEATS_A_ROUND = 5  # each live token is verified anew once in so many beats


class LiveRun:
    """One run: what was issued, and what the verifiers said."""

    def __init__(self) -> None:
        self.kids: list[str] = []  # in the order in which they signed; one that came back would stand here twice
        self.issued = 0
        self.verified = Counter[str]()
        self.refused_over = Counter[str]()
        self.failures: list[str] = []
        self.revoked: Token | None = None
        self.fresh_on_revoked: dict[str, list[Verdict]] = {}
        self.turned_over_on_revoked: dict[str, list[Verdict]] = {}
        self._live: list[Token] = []

    def run(self, verifiers: Verifiers) -> None:
        begun = time.monotonic()
        self._issue_and_verify(verifiers, until=begun + REVOKE_SECONDS)
        self._revoke()
        self._issue_and_verify(verifiers, until=begun + ROTATE_SECONDS)
        self._rotate(verifiers)
        while len(self.kids) < KEYS:
            assert time.monotonic() < begun + LIMIT_SECONDS, f"only {len(self.kids)} keys have signed"
            self._issue_and_verify(verifiers, until=time.monotonic() + 1)
        self._issue_and_verify(verifiers, until=time.monotonic() + SETTLED_SECONDS)

    def _revoke(self) -> None:
        """Those with empty caches must refuse what the key has signed."""
        revoked = self._live[-1]
        server.revoke(revoked.kid)
        self._live = []
        self.revoked = revoked
        with Verifiers() as fresh:
            self.fresh_on_revoked = fresh.verdicts([revoked.text])

    def _rotate(self, verifiers: Verifiers) -> None:
        """The key that signs now is news, so who keeps whole sets looks, and the revoked one is gone."""
        server.rotate()
        self._beat(verifiers, 0)
        assert self.revoked
        self.turned_over_on_revoked = verifiers.verdicts([self.revoked.text])

    def _issue_and_verify(self, verifiers: Verifiers, until: float) -> None:
        for beat in itertools.count():
            begun = time.monotonic()
            if begun >= until:
                return
            self._beat(verifiers, beat)
            time.sleep(max(0, begun + BEAT_SECONDS - time.monotonic()))

    def _beat(self, verifiers: Verifiers, beat: int) -> None:
        token = server.issue()
        self.issued += 1
        if not self.kids or self.kids[-1] != token.kid:
            self.kids.append(token.kid)
        asked = [token, *self._live[beat % BEATS_A_ROUND :: BEATS_A_ROUND]]
        self._live.append(token)
        asked_at = time.time()
        verdicts = verifiers.verdicts([token.text for token in asked])
        answered_at = time.time()
        for name in NAMES:
            for token, verdict in zip(asked, verdicts[name], strict=True):
                self._judge(name, token, verdict, (asked_at, answered_at))
        over = {token.text for token in asked if token.exp <= asked_at}
        self._live = [token for token in self._live if token.text not in over]

    def _judge(self, name: str, token: Token, verdict: Verdict, when: tuple[float, float]) -> None:
        asked_at, answered_at = when
        if token.exp <= asked_at and verdict in EXPIRED:
            self.refused_over[name] += 1
        elif token.exp > asked_at and verdict is None:
            self.verified[name] += 1
        elif not (asked_at < token.exp <= answered_at):  # else it ended while it was looked at
            left = f"{token.exp - answered_at:.1f} s before its end"
            self.failures.append(f"{name}: {verdict or 'accepted'}, key {self.kids.index(token.kid) + 1}, {left}")

    def summary(self) -> str:
        lines = [f"{self.issued} tokens of {len(self.kids)} keys, each verified until it was over, and once more:"]
        for name in NAMES:
            lines.append(f"  {name:<9}{self.verified[name]:>7} accepted {self.refused_over[name]:>6} refused")
        lines += [f"  {len(self.failures)} failures", *(f"    {failure}" for failure in self.failures[:20])]
        return "\n".join(lines)
