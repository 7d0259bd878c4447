"""Was the right thing learned, and is that what the model is made of?"""

from collections import Counter
from decimal import Decimal
from typing import Any

from personalizer.adapters.vw import VwEngine
from personalizer.usecases.verify import Verify
from tests.kill import straight
from tests.kill.chain import Chain
from tests.kill.client import Told
from tests.kill.scene import Scene


def check(scene: Scene, chain: Chain) -> None:
    _each_once(scene, chain)
    _rankings_as_given(scene, chain)
    if chain.commits:
        _the_model_is_its_log(chain)
        _every_model_is_its_log(scene)


def _each_once(scene: Scene, chain: Chain) -> None:
    """Every event that counts, with its reward; inactive ones never."""
    counts = Counter(line["EventId"] for line in chain.logged)
    assert max(counts.values(), default=1) == 1, f"trained twice: {counts.most_common(1)}"
    trained = {line["EventId"]: -Decimal(str(line["_label_cost"])) for line in chain.logged}
    expected = scene.client.lessons()
    pairs = {i: (trained.get(i), expected.get(i)) for i in trained.keys() | expected.keys()}
    wrong = {event_id: pair for event_id, pair in pairs.items() if pair[0] != pair[1]}
    assert not wrong, f"(trained, expected): {wrong}"


def _rankings_as_given(scene: Scene, chain: Chain) -> None:
    """The ranking that a client got is the ranking that was logged."""
    ids = [action["id"] for action in scene.client.actions]
    for line in chain.logged:
        assert _given(scene.client.told[line["EventId"]]) == _logged(line, ids), line["EventId"]


def _given(told: Told) -> list[tuple[str, float]]:
    ranking = told.ranking["ranking"]
    assert ranking[0]["id"] == told.ranking["rewardActionId"]
    return [(action["id"], action["probability"]) for action in ranking]


def _logged(line: dict[str, Any], ids: list[str]) -> list[tuple[str, float]]:
    return [(ids[number - 1], p) for number, p in zip(line["a"], line["p"], strict=True)]


def _the_model_is_its_log(chain: Chain) -> None:
    """Byte for byte what one straight pass over its lines makes, and finite."""
    model = chain.model()
    assert straight.is_finite(model)
    first = chain.first_of_lineage()
    straight_model = straight.model(chain.commits[-1], chain.lines[first:], first)
    assert model == straight_model, "not the model of its log"


def _every_model_is_its_log(scene: Scene) -> None:
    """By the product's own account."""
    engine = VwEngine()
    try:
        verdicts = [*Verify(scene.cluster.loops, scene.cluster.objects, engine)(scene.loop)]
    finally:
        engine.close()
    assert all(verdict.same and verdict.stored for verdict in verdicts), verdicts
