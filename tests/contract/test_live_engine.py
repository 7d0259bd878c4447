"""The engine of the learning study chooses as the product's own does, which it only hurries."""

from collections.abc import Iterator
from itertools import batched

import pytest

from benchmarks.learning.asking import request
from benchmarks.learning.live import LiveEngine, Outdated
from benchmarks.learning.policies import AZURE, GREEDY, PLAIN_VW
from benchmarks.learning.product import Product, ProductPlayer
from benchmarks.learning.service import LearningEngine, Service
from benchmarks.learning.worlds import SEVEN, Visit, World
from personalizer.adapters.vw import VwEngine, examples
from personalizer.domain.loop import DEFAULT_POLICY
from personalizer.domain.request import RankRequest
from personalizer.ports import Prediction

SEED, VISITS, BATCH = 3, 100, 5
BOUNDED = ("--regcbopt", "--elim")
ASKED = request([{"hour": 7.0}], {"a": [{"label": "a"}], "b": [{"label": "b"}]})


@pytest.mark.parametrize("product", [AZURE, GREEDY, *PLAIN_VW[3:]], ids=lambda each: each.name)
def test_the_live_engine_makes_the_decisions_that_real_children_make(product: Product) -> None:
    assert _chosen(LiveEngine(), product) == _chosen(VwEngine(), product)


@pytest.mark.parametrize("product", [PLAIN_VW[0], PLAIN_VW[2]], ids=lambda each: each.name)
def test_of_explorers_with_bounds_all_but_a_few_opinions_are_the_same(product: Product) -> None:
    """VW's bounds come out a little otherwise in a workspace that can learn: an action on the brink
    falls on the other side."""
    live, real = LiveEngine(), VwEngine()
    opinions = zip(_opinions(live, product), _opinions(real, product), strict=True)
    assert sum(one != other for one, other in opinions) <= 0.05 * VISITS
    real.close()


def test_a_model_that_has_learned_more_since_refuses_to_predict() -> None:
    engine = LiveEngine()
    first = engine.learn(DEFAULT_POLICY, None, []).model
    predictor = engine.load(first)
    engine.learn(DEFAULT_POLICY, first, [])
    with pytest.raises(Outdated):
        predictor.predict(ASKED)


def test_an_older_model_cannot_be_continued() -> None:
    engine = LiveEngine()
    first = engine.learn(DEFAULT_POLICY, None, []).model
    engine.learn(DEFAULT_POLICY, first, [])
    with pytest.raises(Outdated):
        engine.learn(DEFAULT_POLICY, first, [])


def _chosen(engine: LearningEngine, product: Product) -> list[tuple[str, float]]:
    """Every choice and how likely it was, to the bit."""
    world = SEVEN["segments"](SEED).first(VISITS)
    service = Service(product.configuration, SEED, engine, product.policy)
    player, chosen = ProductPlayer(world, "flat", service), []
    for number, visit in enumerate(world.visits):
        ranking = player.ranked(number, visit)
        chosen.append((ranking.chosen.id, ranking.chosen.probability))
        player.reward(number, float(ranking.chosen.id == visit.best))
        if (number + 1) % BATCH == 0:
            player.learn()
    player.close()
    return chosen


def _opinions(engine: LearningEngine, product: Product) -> Iterator[Prediction]:
    """Of every visit, by what the batches before it taught; each action is tried in its turn."""
    world, model = SEVEN["segments"](SEED).first(VISITS), None
    for batch in batched(enumerate(world.visits), BATCH, strict=True):
        asked = [_asked(world, visit) for _, visit in batch]
        if model is not None:
            yield from map(engine.load(model).predict, asked)
        tried = [number % len(world.actions) for number, _ in batch]
        paid = [world.actions[t] == visit.best for t, (_, visit) in zip(tried, batch, strict=True)]
        lines = [_line(*each) for each in zip(asked, tried, paid, strict=True)]
        model = engine.learn(product.policy, model, lines).model


def _asked(world: World, visit: Visit) -> RankRequest:
    actions = {action: world.features(visit, action) for action in world.actions}
    return request(world.context(visit, "flat"), actions)


def _line(asked: RankRequest, tried: int, paid: bool) -> bytes:
    count = len(asked.candidates)
    order = [tried + 1, *(other + 1 for other in range(count) if other != tried)]
    label = f'"_label_cost":{-int(paid)},"_label_probability":{1 / count}'
    features = examples.features(asked).decode()
    return f'{{{label},"_label_Action":{tried + 1},"_labelIndex":{tried},"a":{order},"c":{features}}}'.encode()
