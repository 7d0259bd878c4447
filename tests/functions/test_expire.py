"""The sweeper, as its schedule calls it."""

from decimal import Decimal

from personalizer import bootstrap
from personalizer.domain.event import Key, State, Why
from tests.factories import an_event
from tests.functions.conftest import Service, example


def ranked(service: Service, loop: str, ago: int, state: State = State.PENDING) -> None:
    """An event whose wait was over that many milliseconds ago."""
    deadline = bootstrap.now() - ago
    key = Key(loop, "e-1")
    service.events.rank(
        an_event(key=key, state=state, ranked_at=deadline - 600_000, deadline=deadline)
    )


def test_an_event_whose_wait_is_over_gets_its_default_reward(service: Service, loop: str) -> None:
    ranked(service, loop, ago=10_000)
    service("expire", example("expire"))
    found = service.event(loop, "e-1")
    assert (found.state, found.why, found.final_reward) == (State.FINAL, Why.WAIT, Decimal(0))


def test_an_event_that_may_still_be_rewarded_is_left_alone(service: Service, loop: str) -> None:
    ranked(service, loop, ago=-60_000)
    service("expire", example("expire"))
    assert service.event(loop, "e-1").state is State.PENDING


def test_a_deferred_event_is_left_alone(service: Service, loop: str) -> None:
    ranked(service, loop, ago=10_000, state=State.INACTIVE)
    service("expire", example("expire"))
    assert service.event(loop, "e-1").state is State.INACTIVE
