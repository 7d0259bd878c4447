"""What the study asks: each question is a table, each of its rows a contender in a setting."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product

from benchmarks.learning.contender import Contender
from benchmarks.learning.play import AT_ONCE, PLAIN, Pay, Run, Setting
from benchmarks.learning.policies import ALL, AZURE, GREEDY, PRODUCT, RIDGE, WITHOUT_REPLAY
from benchmarks.learning.worlds import SEVEN, WORLDS
from cli.worlds import Shape

SEEDS = range(5)
VISITS = 2_000
SOME = ("digits", "segments", "phishing", "chile")
"""Where all seven would take too long for what there is to see."""


@dataclass(frozen=True, slots=True)
class Row:
    labels: tuple[str, ...]
    contender: Contender
    setting: Setting = AT_ONCE

    def runs(self, world: str, seeds: Sequence[int], visits: int) -> list[Run]:
        return [Run(self.contender, world, self.setting, seed, visits) for seed in seeds]


@dataclass(frozen=True, slots=True)
class Question:
    title: str
    labels: tuple[str, ...]
    rows: tuple[Row, ...]
    worlds: tuple[str, ...] = tuple(SEVEN)

    def runs(self, seeds: Sequence[int], visits: int) -> list[Run]:
        cells = product(self.worlds, self.rows)
        return [run for world, row in cells for run in row.runs(world, seeds, visits)]


POLICIES = Question(
    "Policies and peers",
    ("policy",),
    tuple(Row((each.name,), each) for each in ALL),
    tuple(WORLDS),
)

_SHAPES: tuple[Shape, ...] = ("flat", "nested")
_SHAPED: tuple[Contender, ...] = (PRODUCT, GREEDY)
SHAPES = Question(
    "Flat and nested contexts",
    ("policy", "context"),
    tuple(
        Row((each.name, shape), each, Setting(shape=shape))
        for each, shape in product(_SHAPED, _SHAPES)
    ),
)

_BATCHED: tuple[Contender, ...] = (PRODUCT, AZURE, RIDGE)
BATCHES = Question(
    "Updates every 1, 100 and 1,000 events",
    ("policy", "events"),
    tuple(
        Row((each.name, f"{batch:,}"), each, Setting(batch=batch))
        for batch, each in product((1, 100, 1_000), _BATCHED)
    ),
    SOME,
)

_HABITS = {
    "at once": AT_ONCE,
    "50 visits later": Setting(delay=50),
    "50 visits later, never for half of those worth 0": Setting(delay=50, silent=0.5),
}
LATE = Question(
    "Rewards that come late, and default rewards",
    ("policy", "rewards come"),
    tuple(
        Row((each.name, habit), each, setting)
        for (habit, setting), each in product(_HABITS.items(), (PRODUCT, AZURE))
    ),
    SOME,
)

_PAYS = {
    "0 or 1": PLAIN,
    "-1 or 1": Pay(wrong=-1.0, harmful=-1.0),
    "-1, 0 or 1": Pay(harmful=-1.0),
}
WIDE = replace(
    PRODUCT,
    name="product, costs up to 2",
    policy=PRODUCT.policy.replace("--cb_max_cost 1", "--cb_max_cost 2"),
)
BELOW_ZERO = Question(
    "Rewards below 0",
    ("policy", "rewards"),
    tuple(
        Row((each.name, name), each, Setting(pay=pay))
        for (name, pay), each in product(_PAYS.items(), (PRODUCT, WIDE))
    ),
    SOME,
)

CHANGES = Question(
    "What was right changes half way",
    ("policy",),
    tuple(
        Row((each.name,), each, Setting(changes=True)) for each in (PRODUCT, WITHOUT_REPLAY, AZURE)
    ),
    SOME,
)

TABLES = (POLICIES, SHAPES, BATCHES, LATE, BELOW_ZERO)
