"""The days of a log."""

from personalizer.domain.days import COARSE_DAYS, FINE_DAYS, Day, extended, since, span


def a_day(date: int, generation: int, first: int = 0, last: int = 0) -> Day:
    return Day(date, generation, generation * 10, first, last)


def test_the_commits_of_a_day_are_one_day() -> None:
    days = extended(extended((), a_day(5, 1, first=30, last=40)), a_day(5, 2, first=20, last=35))
    assert days == (a_day(5, 2, first=20, last=40),)


def test_another_day_is_told_apart() -> None:
    assert extended((a_day(5, 1),), a_day(6, 2)) == (a_day(5, 1), a_day(6, 2))


def test_a_clock_that_is_slow_does_not_start_yesterday_again() -> None:
    assert extended((a_day(5, 1), a_day(6, 2)), a_day(5, 3)) == (a_day(5, 1), a_day(6, 3))


def test_days_of_long_ago_are_joined_by_the_month_and_no_others() -> None:
    days: tuple[Day, ...] = ()
    for date in range(2 * FINE_DAYS):
        days = extended(days, a_day(date, date + 1, first=date, last=date))
    dates = [day.date for day in days]
    assert dates[-FINE_DAYS:] == [*range(FINE_DAYS, 2 * FINE_DAYS)]
    assert len(days) <= FINE_DAYS + FINE_DAYS // COARSE_DAYS + 2
    assert span(days) == (0, 2 * FINE_DAYS - 1)


def test_what_is_forgotten_has_no_span() -> None:
    days = (a_day(5, 1, first=1, last=9), a_day(6, 4, first=3, last=7))
    assert span(since(days, 2)) == (3, 7)
    assert span(since(days, 5)) is None
