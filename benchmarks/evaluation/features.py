"""Are features that matter told from noise? Two data sets, with four features more that are noise.

`python -m benchmarks.evaluation.features` prints what the product's own feature evaluation makes of
the loops' logs, and how often noise seems to be more (`--seeds`).
"""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random

from benchmarks.evaluation.loops import played, visits
from benchmarks.learning.policies import PRODUCT
from benchmarks.learning.product import Product
from benchmarks.learning.worlds import WORLDS, World
from personalizer import dsjson
from personalizer.adapters.vw import VwEngine
from personalizer.domain import policy
from personalizer.domain.evaluation import cressie_read
from personalizer.domain.evaluation.importance import PLACEBOS, scores, studied
from personalizer.domain.evaluation.result import FeatureScore
from personalizer.domain.evaluation.sums import Sums
from personalizer.domain.evaluation.weights import Weights
from personalizer.domain.health import Range
from personalizer.usecases.evaluation.counting import counted
from personalizer.usecases.evaluation.parts import Run
from personalizer.usecases.evaluation.progressive import Pursue, Pursued
from personalizer.usecases.evaluation.study import Study
from personalizer.usecases.evaluation.terms import Terms

NAMES = ("chile", "phishing")
NOISE = "noise"
AZURES_EXPLORATION = 0.2
REWARDS = Range(0.0, 1.0)
FOREVER = 1 << 60


@dataclass(frozen=True, slots=True)
class Bench:
    """What a run of the product does, in this process."""

    engine: VwEngine
    loop: Product
    lines: Sequence[bytes]

    def scores(self) -> tuple[FeatureScore, ...]:
        census = counted(self.lines)
        without = {
            feature: self._weights(Study("without", self._arguments, len(self.lines), (feature,)))
            for feature in studied(census)
        }
        placebos = [
            self._weights(Study("beside", self._arguments, len(self.lines), placebo=number))
            for number in range(1, PLACEBOS + 1)
        ]
        base = self._weights(Study("all", self._arguments, len(self.lines)))
        return scores(base, without, placebos, census, self._estimate)

    @property
    def _arguments(self) -> str:
        return policy.canonical(self.loop.policy)

    def _weights(self, study: Study) -> Weights:
        settings = self.loop.configuration
        terms = Terms(
            settings.cost_offset, settings.replay, settings.exploration, REWARDS, 0, FOREVER
        )
        pursue = Pursue(self.engine, lambda: 0)
        return pursue(study, terms, [[Run(0, self.lines)]], Pursued(), lambda: True).weights

    def _estimate(self, weights: Weights) -> float:
        sums = Sums()
        for weight, reward in weights:
            sums.add(weight, reward, reward)
        return cressie_read.estimate(sums, self._heaviest)

    @property
    def _heaviest(self) -> float:
        decisions = filter(None, map(dsjson.evaluated, self.lines))
        return 1 / min(min(decision.probabilities) for decision in decisions)


def noisy(world: World, seed: int) -> World:
    """With two numbers and two words that tell nothing."""
    chance = Random(seed)
    made = []
    for visit in world.visits:
        noise: dict[str, float | str] = {f"{NOISE}{number}": chance.random() for number in (1, 2)}
        noise |= {f"{NOISE}{number}": f"v{chance.randrange(4)}" for number in (3, 4)}
        made.append(visit._replace(context={**visit.context, **noise}))
    return replace(world, visits=tuple(made))


def benches(engine: VwEngine, exploration: float, seeds: int) -> Iterator[tuple[str, Bench]]:
    settings = replace(PRODUCT.configuration, exploration=exploration)
    loop = replace(PRODUCT, configuration=settings)
    for name in NAMES:
        for seed in range(seeds):
            asked = visits(noisy(WORLDS[name](seed), seed))
            lines = played(loop.policy, settings, asked, seed).lines
            yield f"{name}, {exploration:.0%} explored", Bench(engine, loop, lines)


def table(title: str, found: Sequence[FeatureScore], events: int) -> Iterator[str]:
    yield f"\n{title}, {events:,} events\n"
    yield "| namespace | feature | score | drop of the reward, 95 % | events | values |"
    yield "|---|---|---|---|---|---|"
    for each in found:
        low, high = each.drop
        yield (
            f"| {each.namespace} | {each.feature or 'all'} | {each.score:.0f} |"
            f" {low:+.3f} to {high:+.3f} | {each.events:,} | {each.values:,} |"
        )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--exploration", type=float, default=AZURES_EXPLORATION)
    told = parser.parse_args()
    engine, noise = VwEngine(), list[FeatureScore]()
    for title, bench in benches(engine, told.exploration, told.seeds):
        found = bench.scores()
        noise += [each for each in found if each.feature.startswith(NOISE)]
        print("\n".join(table(title, found, len(bench.lines))), flush=True)
    engine.close()
    taken = sum(each.score > 0 for each in noise)
    print(f"\nOf {len(noise)} features that are noise, {taken} seemed to be more.")


if __name__ == "__main__":
    main()
