"""The demo learns: what a newcomer is shown is true."""

import pytest

from cli.demo import report
from cli.demo.commands import watch
from cli.worlds import WORLDS

SEED = 2
ROUNDS = 1500


@pytest.fixture(scope="module")
def rewards(local: None) -> dict[str, list[float]]:
    return watch({name: make(SEED) for name, make in WORLDS.items()}, ROUNDS, SEED)


@pytest.mark.parametrize("world", WORLDS)
def test_the_last_500_decisions_earn_2_5_times_what_luck_would(
    rewards: dict[str, list[float]], world: str
) -> None:
    luck = 1 / len(WORLDS[world](SEED).actions)
    assert report.mean(rewards[world][-report.WINDOW :]) >= 2.5 * luck
