"""One contender in one world: choose, hear of it some time later, learn in batches."""

from collections import deque
from dataclasses import dataclass
from functools import lru_cache
from random import Random
from typing import NamedTuple

from benchmarks.learning.contender import Contender, Player
from benchmarks.learning.worlds import WORLDS, World
from cli.worlds import Shape


class Pay(NamedTuple):
    """What a choice earns. Every second wrong one, by the classes it mixes up, is harmful."""

    right: float = 1.0
    wrong: float = 0.0
    harmful: float = 0.0

    def of(self, world: World, action: str, best: str) -> float:
        if action == best:
            return self.right
        apart = world.actions.index(action) + world.actions.index(best)
        return self.harmful if apart % 2 else self.wrong


PLAIN = Pay()


class Setting(NamedTuple):
    """How visits come and what they tell.

    `batch`: visits that share one model, because the next is not there yet. `delay`: how many
    visits later a reward comes. `silent`: the share of worthless choices of which nothing is heard,
    so that the default reward is learned once the wait is over.
    """

    shape: Shape = "flat"
    batch: int = 1
    delay: int = 0
    silent: float = 0.0
    pay: Pay = PLAIN
    changes: bool = False


AT_ONCE = Setting()


@dataclass(frozen=True, slots=True)
class Run:
    contender: Contender
    world: str
    setting: Setting
    seed: int
    visits: int

    @property
    def key(self) -> str:
        return f"{self.world} {self.seed} {self.visits} {self.setting} {self.contender}"


def play(run: Run) -> list[float]:
    """What each visit was worth, in order."""
    world = _world(run.world, run.seed, run.visits)
    if run.setting.changes:
        world = world.changed_half_way()
    player = run.contender.player(world, run.setting.shape, run.seed)
    try:
        return played(player, world, run.setting, Random(run.seed))
    finally:
        player.close()


@lru_cache(maxsize=8)
def _world(name: str, seed: int, visits: int) -> World:
    """Runs of the same come one after the other."""
    return WORLDS[name](seed).first(visits)


def played(player: Player, world: World, setting: Setting, chance: Random) -> list[float]:
    earned: list[float] = []
    waiting: deque[int] = deque()
    for number, visit in enumerate(world.visits):
        action = player.choose(number, visit)
        earned.append(setting.pay.of(world, action, visit.best))
        waiting.append(number)
        if len(waiting) > setting.delay:
            _tell(player, waiting.popleft(), earned, setting, chance)
        if len(earned) % setting.batch == 0:
            player.learn()
    return earned


def _tell(
    player: Player, number: int, earned: list[float], setting: Setting, chance: Random
) -> None:
    keeps_silent = chance.random() < setting.silent
    if earned[number] or not keeps_silent:
        player.reward(number, earned[number])
