"""When an event is looked at again."""

import pytest

from personalizer.domain.event import Key, State
from personalizer.domain.timer import (
    active_time_to_live,
    bucket,
    buckets,
    minutes_to_sweep,
    time_to_live,
)
from tests.factories import KEY, NOW, a_final_event, a_stub, an_event

MINUTE = 60_000
DEADLINE_S = an_event().deadline // 1000


def swept(now: int) -> list[str]:
    return buckets(minutes_to_sweep(now), 8)


def test_a_bucket_is_found_by_the_sweeper_that_comes_after_the_deadline() -> None:
    assert bucket(KEY, NOW, 8) in swept(NOW + 1)


def test_a_bucket_is_found_until_the_window_is_over() -> None:
    assert bucket(KEY, NOW, 8) in swept(NOW + 15 * MINUTE)


@pytest.mark.parametrize("hours", range(1, 24))
def test_a_bucket_of_the_last_day_is_found_within_every_hour(hours: int) -> None:
    later = NOW + hours * 60 * MINUTE
    assert any(bucket(KEY, NOW, 8) in swept(later + m * MINUTE) for m in range(60))


def test_one_sweep_looks_at_a_few_hundred_buckets() -> None:
    assert len(swept(NOW)) == len(set(swept(NOW))) == (16 + 24) * 8


def test_events_spread_over_the_shards() -> None:
    used = {bucket(Key("default", f"e-{n}"), NOW, 8) for n in range(200)}
    assert len(used) == 8


def test_a_stub_may_go_at_its_deadline() -> None:
    stub = a_stub()
    assert time_to_live(stub) == stub.deadline // 1000


def test_a_pending_event_leaves_the_sweeper_five_minutes() -> None:
    assert time_to_live(an_event()) == DEADLINE_S + 300


def test_a_deadline_within_a_second_is_rounded_up() -> None:
    assert time_to_live(an_event(deadline=NOW + 1)) == NOW // 1000 + 1 + 300


def test_an_inactive_event_is_kept_for_an_hour() -> None:
    assert time_to_live(an_event(state=State.INACTIVE)) == DEADLINE_S + 3600


def test_an_inactive_event_knows_its_ttl_once_active() -> None:
    inactive = an_event(state=State.INACTIVE)
    assert active_time_to_live(inactive) == time_to_live(an_event())


def test_a_final_event_stays_two_days_as_a_tombstone() -> None:
    assert time_to_live(a_final_event(final_at=NOW)) == NOW // 1000 + 48 * 3600
