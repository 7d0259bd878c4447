"""The engine of the learning study chooses as the product's own does, which it only hurries."""

import json

import pytest

from benchmarks.evaluation import loops
from benchmarks.learning.asking import request
from benchmarks.learning.live import LiveEngine, Outdated
from benchmarks.learning.policies import AZURE, PLAIN_VW, PRODUCT
from benchmarks.learning.product import Product, ProductPlayer
from benchmarks.learning.service import LearningEngine, Service
from benchmarks.learning.worlds import SEVEN
from personalizer.adapters.vw import VwEngine
from personalizer.domain.loop import DEFAULT_POLICY
from tests.contract.lessons import some_lines

SEED, VISITS, BATCH = 3, 100, 5
ASKED = request([{"hour": 7.0}], {"a": [{"label": "a"}], "b": [{"label": "b"}]})


@pytest.mark.parametrize("product", [AZURE, *PLAIN_VW], ids=lambda each: each.name)
def test_the_live_engine_makes_the_decisions_that_real_children_make(product: Product) -> None:
    """So what is loaded to serve decides as what has learned would, confidence bounds included."""
    assert _chosen(LiveEngine(), product) == _chosen(VwEngine(), product)


@pytest.mark.parametrize("product", [AZURE, *PLAIN_VW], ids=lambda each: each.name)
def test_the_live_engine_thinks_what_real_children_think(product: Product) -> None:
    live, real, arguments = LiveEngine(), VwEngine(), product.policy
    lines = some_lines(real, 20)
    first, second = (each.judge(arguments, None, lines, [3, 19]) for each in (live, real))
    assert {**first.opinions} == {**second.opinions}
    assert live.consult(first.model, lines) == real.consult(second.model, lines)
    real.close()


@pytest.mark.parametrize("product", [PRODUCT, AZURE], ids=lambda each: each.name)
def test_a_loop_in_a_few_lines_chooses_and_logs_as_the_product_does(product: Product) -> None:
    world = SEVEN["segments"](SEED).first(VISITS)
    log = loops.played(product.policy, product.configuration, loops.visits(world), SEED)
    served = [(line["a"][0], line["p"][0]) for line in map(json.loads, log.lines)]
    chosen = _chosen(LiveEngine(), product, batch=1)
    assert served == [(world.actions.index(action) + 1, likely) for action, likely in chosen]


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


def _chosen(
    engine: LearningEngine, product: Product, batch: int = BATCH
) -> list[tuple[str, float]]:
    """Every choice and how likely it was, to the bit."""
    world = SEVEN["segments"](SEED).first(VISITS)
    service = Service(product.configuration, SEED, engine, product.policy)
    player, chosen = ProductPlayer(world, "flat", service), []
    for number, visit in enumerate(world.visits):
        ranking = player.ranked(number, visit)
        chosen.append((ranking.chosen.id, ranking.chosen.probability))
        player.reward(number, float(ranking.chosen.id == visit.best))
        if (number + 1) % batch == 0:
            player.learn()
    player.close()
    return chosen
