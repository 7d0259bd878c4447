"""Which earlier lines come back beside a new one."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from personalizer.domain.replay import NO_REPLAY, Replay

REPLAY = Replay(events=4, reach=10, busiest=5.0)


@given(st.integers(0, 2**40), st.integers(0, 2**40), st.integers(1, 20), st.integers(1, 1000))
def test_as_many_as_asked_are_drawn_and_none_out_of_reach(
    position: int, before: int, events: int, reach: int
) -> None:
    oldest = max(0, position - before)
    draws = Replay(events, reach).draws(position, oldest)
    assert len(draws) == (events if position > oldest else 0)
    assert all(max(oldest, position - reach) <= drawn < position for drawn in draws)


def test_the_first_line_has_nothing_to_bring_back() -> None:
    assert REPLAY.draws(5, oldest=5) == []


def test_nothing_comes_back_where_replay_is_off() -> None:
    assert NO_REPLAY.draws(100, oldest=0) == []


def test_a_place_in_the_log_always_draws_the_same() -> None:
    """These numbers are part of the format: other ones would make other models of the same log."""
    assert REPLAY.draws(1000, oldest=0) == [996, 997, 996, 992]


def test_every_line_in_reach_is_drawn_alike() -> None:
    back = Counter(at - drawn for at in range(1000, 2000) for drawn in REPLAY.draws(at, 0))
    assert back.keys() == {*range(1, 11)}
    assert all(330 <= count <= 470 for count in back.values())  # 400 each, by 3.5 deviations


def test_a_loop_is_busy_that_ranks_its_reach_faster_than_it_may() -> None:
    assert REPLAY.is_busy(1999)
    assert not REPLAY.is_busy(2000)
    assert REPLAY.is_busy(0)
