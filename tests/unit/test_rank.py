"""Rank: choose one action, and remember how likely that choice was."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personalizer import payload
from personalizer.adapters.fake import FakeEngine, FakePredictor
from personalizer.adapters.memory import MemoryLoops
from personalizer.domain.decision import Decision, RankedAction, Ranking, Reasons
from personalizer.domain.event import OF_ALL, Aggregation, Event, Key, LearningMode, State
from personalizer.domain.explanation import Explanation, Seen
from personalizer.domain.loop import DEFAULT_POLICY, Configuration, LoopState
from personalizer.domain.request import RankRequest
from personalizer.errors import LoopNotFound, ServiceUnavailable
from personalizer.ports import Prediction
from tests.factories import NOW, House

EXPORT = Configuration().model_export_ms
REFRESH = 1000


def stored(house: House, ranking: Ranking) -> Event:
    event = house.events.get(Key("default", ranking.event_id))
    assert isinstance(event, Event)
    return event


def wide(width: int = 61) -> list[dict[str, int]]:
    return [{f"f{number}": 1 for number in range(width)}]


def spread(ranking: Ranking) -> list[float]:
    return sorted(action.probability for action in ranking.actions)


def test_before_there_is_a_model_every_action_is_as_likely() -> None:
    ranking = House().rank()
    assert spread(ranking) == pytest.approx([1 / 3] * 3)
    assert ranking.generation == 0


def test_with_a_model_its_favourite_is_likely_and_none_impossible() -> None:
    house = House()
    house.learn()
    house.refresh(REFRESH)
    assert spread(house.rank()) == pytest.approx([0.05 / 3, 0.05 / 3, 0.95 + 0.05 / 3])


def test_the_same_event_id_always_draws_the_same_action() -> None:
    house = House()
    chosen = {house.rank(eventId="e").chosen.id for _ in range(3)}
    house.clock.now += 10**9
    assert len(chosen | {house.rank(eventId="e", contextFeatures=[{"x": 2}]).chosen.id}) == 1


def test_different_event_ids_draw_different_actions() -> None:
    house = House()
    assert {house.rank(eventId=f"e-{n}").chosen.id for n in range(30)} == {"a", "b", "c"}


def test_an_event_without_an_id_gets_one() -> None:
    house = House()
    first, second = house.rank(), house.rank()
    assert first.event_id != second.event_id


def test_the_stored_event_is_the_one_that_was_shown() -> None:
    house = House()
    ranking = house.rank(eventId="e")
    decision = payload.unpack(stored(house, ranking).payload).decision
    assert "abc"[decision.order[0]] == ranking.chosen.id
    assert decision.probabilities[0] == ranking.chosen.probability


def test_the_loops_settings_are_stamped_on_the_event() -> None:
    house = House(
        Configuration(
            reward_wait_ms=7,
            default_reward=Decimal("0.25"),
            aggregation=Aggregation.SUM,
            exploration=0.5,
        )
    )
    event = stored(house, house.rank())
    assert (event.ranked_at, event.deadline, event.default_reward) == (
        NOW,
        NOW + 7,
        Decimal("0.25"),
    )
    assert (event.aggregation, event.settles_early, event.floor) == (Aggregation.SUM, False, 0.5)
    assert event.policy == house.head.policy.sha256[:16]


@pytest.mark.parametrize("wait", [False, True])
@pytest.mark.parametrize("aggregation", [*OF_ALL, Aggregation.SUM])
def test_what_takes_several_rewards_waits_for_them(aggregation: Aggregation, wait: bool) -> None:
    house = House(Configuration(aggregation=aggregation, learn_after_wait=wait))
    assert not stored(house, house.rank()).settles_early


@pytest.mark.parametrize(("wait", "early"), [(False, True), (True, False)])
def test_a_loop_may_learn_only_after_the_wait(wait: bool, early: bool) -> None:
    house = House(Configuration(learn_after_wait=wait))
    assert stored(house, house.rank()).settles_early is early


@pytest.mark.parametrize(
    ("body", "state"),
    [({}, State.PENDING), ({"deferActivation": True}, State.INACTIVE)],
)
def test_a_deferred_event_is_inactive(body: dict[str, Any], state: State) -> None:
    house = House()
    assert stored(house, house.rank(**body)).state is state


def test_a_retry_gets_the_stored_ranking_although_the_model_changed() -> None:
    house = House()
    first = house.rank(eventId="e")
    house.learn()
    house.refresh(REFRESH)
    again = house.rank(eventId="e")
    assert (again.actions, again.generation) == (first.actions, 0)
    assert house.rank(eventId="other").generation == 1


def test_a_retry_writes_nothing() -> None:
    house = House()
    house.rank(eventId="e")
    house.rank(eventId="e")
    assert len(house.events.changes) == 1


@pytest.mark.parametrize(
    "body",
    [
        {"contextFeatures": [{"hour": 8}]},
        {"excludedActions": ["a"]},
        {"deferActivation": True},
        {"actions": [{"id": n, "features": [{"name": n}]} for n in "acb"]},
    ],
)
def test_another_request_with_the_same_id_is_ranked_anew(body: dict[str, Any]) -> None:
    house = House()
    first = stored(house, house.rank(eventId="e"))
    assert stored(house, house.rank(eventId="e", **body)).uid != first.uid


def test_excluded_actions_never_reach_the_model_and_keep_their_place() -> None:
    house = House()
    house.learn()
    house.refresh(REFRESH)
    ranking = house.rank(excludedActions=["b"])
    assert (ranking.actions[1].id, ranking.actions[1].probability) == ("b", 0)
    event = stored(house, ranking)
    assert len(payload.unpack(event.payload).decision.order) == 2


def test_the_only_candidate_is_certain() -> None:
    ranking = House().rank(excludedActions=["a", "c"])
    assert ranking.chosen == RankedAction("b", 1.0)


def test_a_context_too_wide_for_a_cubic_model_is_ranked_at_random() -> None:
    house = House()
    house.learn()
    house.refresh(REFRESH)
    assert spread(house.rank(contextFeatures=wide())) == pytest.approx([1 / 3] * 3)


def test_a_wide_context_is_no_trouble_for_a_model_without_cubic_terms() -> None:
    house = House()
    house.learn(contextFeatures=wide())
    house.refresh(REFRESH)
    assert spread(house.rank(contextFeatures=wide()))[-1] > 0.9


def test_a_newer_model_is_noticed_beside_the_request_that_finds_it_is_time() -> None:
    house = House()
    house.learn()
    house.clock.now += REFRESH
    assert [house.rank().generation for _ in range(2)] == [0, 1]


def test_a_newer_model_is_not_looked_for_all_the_time() -> None:
    house = House()
    house.learn()
    house.refresh(REFRESH - 1)
    assert house.rank().generation == 0


def test_a_model_is_not_served_before_it_is_published() -> None:
    house = taught_twice()
    house.refresh(EXPORT - 1)
    assert house.rank().generation == 1


def test_a_model_is_served_once_its_time_has_come() -> None:
    house = taught_twice()
    house.refresh(EXPORT)
    assert house.rank().generation == 2


@pytest.mark.parametrize("damage", ["missing", "corrupt", "unloadable"])
def test_a_model_that_cannot_be_had_leaves_the_last_good_one_serving(damage: str) -> None:
    house = taught_twice()
    house.refresh(EXPORT - 1)
    spoil(house, damage)
    house.refresh(REFRESH)
    assert (house.rank().generation, house.serving.failures) == (1, 1)


def test_a_loop_that_cannot_be_read_leaves_the_last_good_model_serving() -> None:
    house = taught_twice()
    house.refresh(EXPORT - 1)
    house.serving._loops = Unreachable()
    house.refresh(REFRESH)
    assert (house.rank().generation, house.serving.failures) == (1, 1)


class Unreachable(MemoryLoops):
    def state(self, loop: str, *, consistent: bool = False) -> LoopState:
        raise ServiceUnavailable("read loop")


def test_a_loop_that_was_deleted_is_not_served_any_more() -> None:
    house = taught_twice()
    house.memory_loops.delete("default", NOW)
    house.refresh(REFRESH)
    with pytest.raises(LoopNotFound):
        house.rank()


def test_a_loop_that_is_deleted_while_it_is_looked_at_is_looked_at_no_more() -> None:
    house = taught_twice()
    house.memory_loops.delete("default", NOW)
    house.refresh(REFRESH)
    assert house.serving.refresh("default") is None


def test_a_model_that_serves_already_is_not_fetched_again() -> None:
    house = House()
    house.learn()
    house.refresh(REFRESH)
    spoil(house, "missing")
    house.refresh(REFRESH)
    assert house.serving.failures == 0


def test_a_model_that_can_be_had_again_is_served() -> None:
    house = taught_twice()
    key, model = spoil(house, "missing")
    house.refresh(EXPORT)
    house.memory_objects.data[key] = model
    house.refresh(REFRESH)
    assert house.rank().generation == 2


def test_a_first_model_that_cannot_be_had_leaves_exploration() -> None:
    house = House()
    house.learn()
    fresh = House(memory_loops=house.memory_loops)  # it has the head, and no objects
    assert spread(fresh.rank()) == pytest.approx([1 / 3] * 3)


def test_an_unknown_loop_is_an_error() -> None:
    with pytest.raises(LoopNotFound):
        House().rank("nobody")


def test_loops_do_not_see_each_others_events_or_models() -> None:
    house = House()
    house.add_loop("other")
    house.learn(eventId="e")
    house.refresh(REFRESH)
    assert house.rank("other", eventId="e").generation == 0


def test_the_default_policy_is_what_the_first_model_is_made_of() -> None:
    house = House()
    house.learn()
    latest = house.head.latest
    assert latest is not None
    model = house.engine.load(house.memory_objects.get(latest.object))
    assert model.arguments == DEFAULT_POLICY


# Modes


APPRENTICE, LOGGING_ONLY = LearningMode.APPRENTICE, LearningMode.LOGGING_ONLY
OWN = [RankedAction("a", 1.0), RankedAction("b", 0.0), RankedAction("c", 0.0)]
"""The choice of the application of these tests."""


def in_mode(mode: LearningMode) -> House:
    """With a model that would choose the last action."""
    house = House(Configuration(learning_mode=mode, exploration=0), engine=Contrary())
    house.learn()
    house.refresh(REFRESH)
    return house


class Contrary(FakeEngine):
    """Its models prefer the last candidate."""

    def load(self, model: bytes, arguments: str = "") -> FakePredictor:
        class Last(FakePredictor):
            def predict(self, request: RankRequest) -> Prediction:
                prediction = super().predict(request)
                return Prediction([*reversed(prediction.order)], prediction.probabilities)

        return Last(model)


def logged(house: House, ranking: Ranking) -> Decision:
    return payload.unpack(stored(house, ranking).payload).decision


@pytest.mark.parametrize("mode", [APPRENTICE, LOGGING_ONLY])
def test_the_application_is_answered_its_own_choice(mode: LearningMode) -> None:
    ranking = in_mode(mode).rank()
    assert (ranking.chosen, ranking.actions) == (OWN[0], OWN)


@pytest.mark.parametrize("mode", [APPRENTICE, LOGGING_ONLY])
def test_the_applications_choice_is_the_first_that_is_not_excluded(mode: LearningMode) -> None:
    ranking = in_mode(mode).rank(excludedActions=["a"])
    assert ranking.chosen == RankedAction("b", 1.0)
    assert [(action.id, action.probability) for action in ranking.actions] == [
        ("a", 0.0),
        ("b", 1.0),
        ("c", 0.0),
    ]


def test_what_an_apprentice_would_have_chosen_is_kept_as_it_is_online() -> None:
    house, online = in_mode(APPRENTICE), in_mode(LearningMode.ONLINE)
    decisions = [logged(each, each.rank()) for each in (house, online)]
    assert decisions == [Decision((2, 1, 0), (1.0, 0.0, 0.0), ())] * 2


def test_where_all_is_only_logged_the_truth_is() -> None:
    house = in_mode(LOGGING_ONLY)
    ranking = house.rank()
    assert logged(house, ranking) == Decision((0, 1, 2), (1.0, 0.0, 0.0), ())
    assert (stored(house, ranking).floor, ranking.generation) == (0.0, 0)


@pytest.mark.parametrize("mode", [APPRENTICE, LOGGING_ONLY])
def test_a_retry_in_another_mode_gets_the_answer_of_the_first(mode: LearningMode) -> None:
    house = in_mode(mode)
    first = house.rank(eventId="e")
    house.configure(learning_mode=LearningMode.ONLINE)
    house.refresh(REFRESH)
    assert house.rank(eventId="e") == first
    assert house.rank(eventId="other").chosen.id == "c"


def test_a_retry_of_an_online_decision_gets_it_in_any_mode() -> None:
    house = in_mode(LearningMode.ONLINE)
    first = house.rank(eventId="e")
    house.configure(learning_mode=APPRENTICE)
    house.refresh(REFRESH)
    assert house.rank(eventId="e") == first
    assert house.rank(eventId="other").chosen == OWN[0]


def taught_twice() -> House:
    """Its second model waits to be published."""
    house = House()
    house.learn()
    house.learn()
    return house


def spoil(house: House, damage: str) -> tuple[str, bytes]:
    """Make the latest model one that cannot be served; what it was."""
    latest, data = house.head.latest, house.memory_objects.data
    assert latest is not None
    key, model = latest.object.key, data.pop(latest.object.key)
    if damage == "corrupt":
        data[key] = model + b"!"
    elif damage == "unloadable":
        broken = replace(latest, object=house.memory_objects.put(key, b"\xff"))
        assert house.memory_loops.advance(house.head, replace(house.head, latest=broken))
    return key, model


# Why


def explaining(**changes: Any) -> House:
    house = House(Configuration(exploration=0, explains=True, **changes))
    house.learn()
    house.refresh(REFRESH)
    return house


def test_a_loop_that_explains_tells_what_each_candidate_is_worth_and_why() -> None:
    reasons = explaining().rank(excludedActions=["b"]).reasons
    assert reasons == [
        Reasons("a", [((Seen("i", "id", "a"),), 0.0)]),
        Reasons("c", [((Seen("i", "id", "c"),), -1.0)]),
    ]


def test_other_loops_do_not_explain() -> None:
    assert House().rank().reasons is None


def test_without_a_model_there_are_no_reasons() -> None:
    house = House(Configuration(explains=True))
    assert house.rank().reasons == []


@pytest.mark.parametrize("mode", [APPRENTICE, LOGGING_ONLY])
def test_a_choice_that_is_not_the_models_is_not_explained(mode: LearningMode) -> None:
    assert explaining(learning_mode=mode).rank().reasons == []


def test_what_costs_too_much_to_explain_is_ranked_all_the_same() -> None:
    house = explaining()
    wide = [{"id": name, "features": [{f"f{n}": 1 for n in range(300)}]} for name in "ab"]
    ranking = house.rank(actions=wide)
    assert (ranking.chosen.id, ranking.reasons) == ("a", [])


def test_a_retry_is_not_explained_by_a_model_that_did_not_rank_it() -> None:
    house = explaining()
    assert house.rank(eventId="e").reasons == house.rank(eventId="e").reasons != []
    house.learn()
    house.refresh(EXPORT)
    assert house.rank(eventId="e").reasons == []


class Mute(FakePredictor):
    def explain(self, request: RankRequest) -> Sequence[Explanation]:
        raise RuntimeError("what it says may be about people")


class MuteEngine(FakeEngine):
    def load(self, model: bytes) -> FakePredictor:
        return Mute(model)


def test_a_choice_that_cannot_be_explained_stands_and_is_told_apart() -> None:
    house = House(Configuration(exploration=0, explains=True), engine=MuteEngine())
    house.learn()
    house.refresh(REFRESH)
    ranking = house.rank()
    assert (ranking.chosen.id, ranking.reasons) == ("a", [])
    assert ranking.unexplained == "RuntimeError"
    assert house.reward(ranking.event_id)


# Whatever a model says


class Opinion(FakePredictor):
    def __init__(self, model: bytes, weights: list[float]):
        super().__init__(model)
        self._weights = weights

    def predict(self, request: RankRequest) -> Prediction:
        return Prediction(range(len(request.candidates)), self._weights)


class Opinionated(FakeEngine):
    def __init__(self, weights: list[float]):
        self._weights = weights

    def load(self, model: bytes) -> Opinion:
        return Opinion(model, self._weights)


@given(st.lists(st.floats(), min_size=3, max_size=3), st.floats(0, 1))
def test_what_is_served_is_stored_and_none_is_below_the_floor(
    said: list[float], floor: float
) -> None:
    house = House(Configuration(exploration=floor), engine=Opinionated(said))
    house.learn()
    house.refresh(REFRESH)
    ranking = house.rank()
    decision = payload.unpack(stored(house, ranking).payload).decision
    by_place = dict(zip(decision.order, decision.probabilities, strict=True))
    assert {"abc".index(a.id): a.probability for a in ranking.actions} == by_place
    assert ranking.generation == 1
    assert sum(by_place.values()) == pytest.approx(1)
    assert min(by_place.values()) >= floor / 3
