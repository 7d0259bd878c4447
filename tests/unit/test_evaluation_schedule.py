"""When better policies are looked for."""

import pytest

from personalizer.domain.days import Day
from personalizer.domain.evaluation.schedule import lines_since, period
from personalizer.domain.loop import DAY_MS, Optimization

FIRST_MODEL = 1_000 * DAY_MS
ON = Optimization(enabled=True)


def test_a_loop_that_is_not_asked_to_has_no_period() -> None:
    assert period(Optimization(), FIRST_MODEL, FIRST_MODEL + 100 * DAY_MS) is None


def test_the_first_period_begins_on_the_fifteenth_day() -> None:
    assert period(ON, FIRST_MODEL, FIRST_MODEL + 14 * DAY_MS - 1) is None
    assert period(ON, FIRST_MODEL, FIRST_MODEL + 14 * DAY_MS) == FIRST_MODEL + 14 * DAY_MS


def test_a_loop_without_a_model_has_none() -> None:
    assert period(ON, 0, FIRST_MODEL) is None


@pytest.mark.parametrize(("days", "began"), [(14, 14), (41.9, 14), (42, 42), (100, 98)])
def test_a_period_follows_another(days: float, began: int) -> None:
    found = period(ON, FIRST_MODEL, FIRST_MODEL + int(days * DAY_MS))
    assert found == FIRST_MODEL + began * DAY_MS


def test_settings_may_name_the_day_and_the_length() -> None:
    weekly = Optimization(enabled=True, every_ms=7 * DAY_MS, starts_at=FIRST_MODEL)
    assert period(weekly, 0, FIRST_MODEL + 8 * DAY_MS) == FIRST_MODEL + 7 * DAY_MS
    assert period(weekly, 0, FIRST_MODEL - 1) is None


def test_lines_are_counted_by_days() -> None:
    days = [Day(date, date, lines, 0, 0) for date, lines in ((10, 100), (11, 250), (13, 400))]
    counts = {date: lines_since(days, date * DAY_MS) for date in range(9, 15)}
    assert counts == {9: 400, 10: 400, 11: 300, 12: 150, 13: 150, 14: 0}
    assert lines_since([], 0) == 0
