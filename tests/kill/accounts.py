"""Was anything lost, or counted twice? By what passed the hub, and by the product's accounts."""

from collections import Counter

from personalizer.domain.event import Why
from personalizer.domain.hub import Announced, Joined
from personalizer.usecases.conservation import Conservation
from tests.kill.chain import Chain
from tests.kill.scene import Scene

TOO_OLD = "older than the dedupe window"


def check(scene: Scene, chain: Chain) -> None:
    _joined_means_trained_or_set_aside(scene, chain)
    _one_decision_each(scene)
    _defaults_only_after_the_wait(scene)
    _the_accounts_balance(scene, chain)


def _joined_means_trained_or_set_aside(scene: Scene, chain: Chain) -> None:
    joined = {record.uid for record in scene.hub() if isinstance(record, Joined)}
    trained = {line["uid"] for line in chain.logged}
    reasons = scene.cluster.quarantined(scene.loop)
    assert reasons.keys() == scene.poisoned, f"set aside: {reasons}"
    assert TOO_OLD not in reasons.values(), "set aside, but for another reason"
    assert trained | reasons.keys() == joined
    assert not trained & reasons.keys()


def _one_decision_each(scene: Scene) -> None:
    """However often a client had to ask for it."""
    ranked = {
        (record.event_id, record.uid)
        for record in scene.hub()
        if isinstance(record, Announced) and record.kind == "ranked"
    }
    assert Counter(event_id for event_id, _ in ranked) == Counter([*scene.client.told])


def _defaults_only_after_the_wait(scene: Scene) -> None:
    for record in scene.hub():
        if isinstance(record, Joined) and record.why in (Why.WAIT, Why.TTL):
            assert record.final_at >= record.ranked_at + scene.settings.reward_wait_ms


def _the_accounts_balance(scene: Scene, chain: Chain) -> None:
    """Poison is in quarantine, although nobody ranked it."""
    cluster = scene.cluster
    balance = Conservation(
        cluster.events, cluster.loops, cluster.objects, cluster.quarantine, cluster.audit
    )(scene.loop)
    assert balance.trained == {line["uid"] for line in chain.logged}
    assert balance.quarantined == scene.poisoned
    assert not balance.unexplained
    never = [told for told in scene.client.told.values() if told.lesson(scene.settings) is None]
    assert len(balance.pending) == len(never), "what was never shown, and only that, still waits"
    assert not balance.in_flight | balance.twice | balance.misplaced
