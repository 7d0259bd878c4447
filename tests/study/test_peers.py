"""The peers of the learning study. They need an environment of their own: `make study`."""

from statistics import mean

import pytest

from benchmarks.learning.contender import Contender
from benchmarks.learning.peers import ContextualBandits, Mabwiser
from benchmarks.learning.play import Run, Setting, play

VISITS = 200


@pytest.mark.parametrize("policy", ["LinUCB", "LinTS"])
def test_mabwiser_soon_tells_phishing_pages_from_others(policy: str) -> None:
    pytest.importorskip("mabwiser", reason="the study's environment is not this one: `make study`")
    assert _earned(Mabwiser(policy, 0.25)) > 0.7


def test_contextualbandits_does_so_too() -> None:
    pytest.importorskip("contextualbandits", reason="it was not compiled: `make study`")
    assert _earned(ContextualBandits(0.25)) > 0.7


def _earned(contender: Contender) -> float:
    """Luck is right in half of them."""
    return mean(play(Run(contender, "phishing", Setting(batch=5), 0, VISITS))[100:])
