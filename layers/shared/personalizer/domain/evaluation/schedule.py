"""When better policies are looked for without being asked: once in each period, as a loop's
settings have it, on the last two weeks of its log."""

from collections.abc import Sequence

from personalizer.domain.days import Day
from personalizer.domain.loop import DAY_MS, Optimization

FIRST_AFTER_MS = 14 * DAY_MS
"""Without a day to start on, so long after a loop's first model."""

LOOKED_AT_MS = 14 * DAY_MS

LEAST_EVENTS = 1_000
"""With fewer, nothing could be certain, and there is no use in trying."""

HISTORY = 24
"""So many evaluations that nobody asked for are kept of a loop, the newest."""


def period(settings: Optimization, first_model_at: int, now: int) -> int | None:
    """When the present one began (epoch ms); None before the first, or if there are to be none."""
    starts = settings.starts_at
    if starts is None and first_model_at:
        starts = first_model_at + FIRST_AFTER_MS
    if not settings.enabled or starts is None or now < starts:
        return None
    return now - (now - starts) % settings.every_ms


def lines_since(days: Sequence[Day], moment: int) -> int:
    """How many lines a log has of this day (epoch ms) and later, by when they were learned."""
    if not days:
        return 0
    before = [day.lines for day in days if day.date < moment // DAY_MS]
    return days[-1].lines - max(before, default=0)
