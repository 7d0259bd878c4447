"""The days of a loop's log: they tell when it was, and where to cut it, without reading it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

FINE_DAYS = 400
COARSE_DAYS = 30
"""Days further back than that are told apart by the month only: every commit names them all."""


@dataclass(frozen=True, slots=True)
class Day:
    """The commits of one day, as far as they learned anything.

    `date` counts from the epoch. `generation` is the day's last, `lines` how many the log has up to
    there; the times are those of the first and the last decision, in epoch ms.
    """

    date: int
    generation: int
    lines: int
    first_ranked_at: int
    last_ranked_at: int


def extended(days: Sequence[Day], new: Day) -> tuple[Day, ...]:
    """With another commit; a clock that is slow does not start a day again that is over."""
    if days and new.date <= days[-1].date:
        return (*days[:-1], _joined(days[-1], new))
    coarse = new.date - FINE_DAYS
    *older, last = [*days, new]
    found: list[Day] = []
    for day in older:
        if found and day.date < coarse and _month(found[-1]) == _month(day):
            found[-1] = _joined(found[-1], day)
        else:
            found.append(day)
    return (*found, last)


def since(days: Iterable[Day], generation: int) -> list[Day]:
    """The days that have anything of this generation or later."""
    return [day for day in days if day.generation >= generation]


def span(days: Sequence[Day]) -> tuple[int, int] | None:
    """When the first and the last of their decisions were ranked."""
    if not days:
        return None
    return min(day.first_ranked_at for day in days), max(day.last_ranked_at for day in days)


def _joined(day: Day, later: Day) -> Day:
    return replace(
        later,
        date=max(day.date, later.date),
        first_ranked_at=min(day.first_ranked_at, later.first_ranked_at),
        last_ranked_at=max(day.last_ranked_at, later.last_ranked_at),
    )


def _month(day: Day) -> int:
    return day.date // COARSE_DAYS
