"""The engine of the learning study chooses as the product's own does, which it only hurries."""

import pytest

from benchmarks.learning.asking import request
from benchmarks.learning.live import LiveEngine, Outdated
from benchmarks.learning.policies import AZURE, PLAIN_VW
from benchmarks.learning.product import Product, ProductPlayer
from benchmarks.learning.service import LearningEngine, Service
from benchmarks.learning.worlds import SEVEN
from personalizer.adapters.vw import VwEngine
from personalizer.domain.loop import DEFAULT_POLICY

SEED, VISITS, BATCH = 3, 100, 5
ASKED = request([{"hour": 7.0}], {"a": [{"label": "a"}], "b": [{"label": "b"}]})


@pytest.mark.parametrize("product", [AZURE, *PLAIN_VW], ids=lambda each: each.name)
def test_the_live_engine_makes_the_decisions_that_real_children_make(product: Product) -> None:
    """So what is loaded to serve decides as what has learned would, confidence bounds included."""
    assert _chosen(LiveEngine(), product) == _chosen(VwEngine(), product)


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
