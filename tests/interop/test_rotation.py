"""No verifier notices that keys change: jose, jwks-rsa and PyJWT with the caches that they have by default."""

from collections.abc import Iterator

import pytest

import server
from live_run import KEYS, LiveRun
from verifiers import KEEP_SETS, NAMES, UNKNOWN_KEY, Verifiers


@pytest.fixture(scope="module")
def lasting() -> Iterator[Verifiers]:
    """Verifiers that keep their caches from the first test to the last."""
    with Verifiers() as lasting:
        yield lasting


@pytest.fixture(scope="module")
def live(lasting: Verifiers) -> LiveRun:
    run = LiveRun()
    run.run(lasting)
    print(f"\n\n{lasting.algorithm}: {run.summary()}\n")
    return run


def test_every_token_verifies_everywhere_until_it_is_over(live: LiveRun) -> None:
    assert live.failures == []
    for name in NAMES:
        assert live.verified[name] > live.issued, f"{name} verified less than was issued"


def test_keys_changed_meanwhile_by_revocation_by_hand_and_by_schedule(live: LiveRun) -> None:
    assert len(set(live.kids)) >= KEYS
    assert len(live.kids) == len(set(live.kids)), "a key that had stopped signing signed again"


def test_a_token_that_is_over_is_refused_everywhere(live: LiveRun) -> None:
    for name in NAMES:
        assert live.refused_over[name] > 0


def test_a_fresh_verifier_refuses_what_a_revoked_key_has_signed(live: LiveRun) -> None:
    for name in NAMES:
        assert live.fresh_on_revoked[name][0] in UNKNOWN_KEY


def test_a_warm_verifier_refuses_it_as_soon_as_its_cache_has_turned_over(live: LiveRun) -> None:
    for name in KEEP_SETS:
        assert live.turned_over_on_revoked[name][0] in UNKNOWN_KEY


def test_a_fresh_verifier_accepts_the_key_that_signs_now(live: LiveRun) -> None:
    token = server.issue()
    with Verifiers() as fresh:
        assert fresh.verdicts([token.text]) == {name: [None] for name in NAMES}
