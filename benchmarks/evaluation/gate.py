"""How often is a policy applied that is better, and how often one that is not?

`python -m benchmarks.evaluation.gate`: the scenarios of the coverage study, on logs of 1,500 and
5,000 events, by the gate that applying goes by. Then the same policies where what is earned is the
same whatever is shown, so that there is no gain at all.
"""

from collections.abc import Callable, Iterator, Mapping

import numpy as np

from benchmarks.evaluation import scenarios
from benchmarks.evaluation.scenarios import SCENARIOS, Scenario
from personalizer.domain.evaluation.gain import Gain

EVENTS = (1_500, 5_000)
LOGS, NULLS = 50, 200
MANY = 20
"""Policies that are compared."""


def a_little_better() -> Scenario:
    """As in the first scenario; what is evaluated was taught twice as much as what is served, which
    explores one time in twenty."""
    digits = scenarios.population("digits")
    served, evaluated = digits.best(60), scenarios.floored(digits.best(120), 0.05)
    return Scenario(scenarios.CLICKS, scenarios.floored(served, 0.05), evaluated, digits.right)


GATED: Mapping[str, Callable[[], Scenario]] = {**SCENARIOS, "S1, a little better": a_little_better}


def gains(scenario: Scenario, events: int, logs: int) -> Iterator[Gain]:
    drawn = scenario.draw(logs, events, seed=events)
    for weights, heaviest, rewards in zip(*drawn, strict=True):
        gain = Gain()
        shares = map(scenario.rewards.share, rewards.tolist())
        for event in zip(weights.tolist(), heaviest.tolist(), shares, strict=True):
            gain.add(*event)
        yield gain


def applied(scenario: Scenario, events: int, logs: int) -> tuple[float, float]:
    """The share of logs whose policy is: the only one that was compared, or one of many."""
    made = [*gains(scenario, events, logs)]
    return (
        float(np.mean([gain.is_proven() for gain in made])),
        float(np.mean([gain.is_proven(MANY) for gain in made])),
    )


def table() -> Iterator[str]:
    yield f"| scenario | gain | events | applied | as one of {MANY} | applied without any gain |"
    yield "|---|---|---|---|---|---|"
    for name, make in GATED.items():
        scenario = make()
        for events in EVENTS:
            alone, among = applied(scenario, events, LOGS)
            wrong, _ = applied(scenario.without_a_difference(), events, NULLS)
            yield (
                f"| {name} | {scenario.gain:+.3f} | {events:,} | {alone:.0%} | {among:.0%} "
                f"| {wrong:.1%} |"
            )


if __name__ == "__main__":
    for line in table():
        print(line, flush=True)
