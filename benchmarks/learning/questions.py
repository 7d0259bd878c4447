"""What the study asks: each question is a table, each of its rows a setting of the loop."""

from dataclasses import dataclass
from itertools import product

from benchmarks.learning.loop import Pay, Replay, Setting
from benchmarks.learning.policies import AZURE, CUT, DEFAULT, GREEDY, INVERTED, NEGATED, WIDE
from cli.worlds import WORLDS, Shape


@dataclass(frozen=True, slots=True)
class Question:
    """Every row is a label and the setting that it stands for, in whatever world is played."""

    title: str
    labels: tuple[str, ...]
    rows: tuple[tuple[tuple[str, ...], Setting], ...]
    shapes: tuple[Shape, ...] = ("flat",)

    def columns(self) -> list[tuple[str, Shape]]:
        return list(product(WORLDS, self.shapes))


def policies() -> Question:
    rows = tuple(
        (
            (policy.name, str(cost), str(batch), str(replay)),
            Setting(policy=policy, cost=cost, batch=batch, replay=Replay(replay)),
        )
        for policy, cost, batch, replay in product(
            (DEFAULT, GREEDY, AZURE), (INVERTED, NEGATED, WIDE), (1, 100), (0, 4)
        )
        # Without a confidence bound a policy is told no range.
        if policy is DEFAULT or cost is not WIDE
    )
    labels = ("policy", "cost", "batch", "replay")
    return Question("Policies, costs, batches, replay", labels, rows, shapes=("flat", "nested"))


def rewards() -> Question:
    pays = {
        "0 or 1": Pay(),
        "-1 or 1": Pay(wrong=-1.0, harmful=-1.0),
        "-1, 0 or 1": Pay(harmful=-1.0),
        "-1 or 0": Pay(right=0.0, wrong=-1.0, harmful=-1.0),
    }
    rows = tuple(
        ((name, str(cost), str(replay)), Setting(pay=pay, cost=cost, replay=Replay(replay)))
        for (name, pay), cost, replay in product(pays.items(), (INVERTED, CUT, WIDE), (0, 4))
    )
    return Question(
        "The default policy when rewards go below 0", ("rewards", "cost", "replay"), rows
    )


def replays() -> Question:
    choices = [Replay(events) for events in (0, 1, 2, 4, 8)] + [Replay(4, 200), Replay(4, 500)]
    rows = tuple(
        (
            (str(batch), str(replay.events), str(replay.reach or "all")),
            Setting(batch=batch, replay=replay),
        )
        for batch, replay in product((1, 100), choices)
    )
    return Question("How much replay, from how far back", ("batch", "replay", "reach"), rows)
