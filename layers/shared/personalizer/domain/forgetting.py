"""What a loop's head is after a part of its log was forgotten."""

from collections.abc import Sequence
from dataclasses import replace

from personalizer.domain import days as calendar
from personalizer.domain.days import Day
from personalizer.domain.loop import DAY_MS, Head, Kept

MARGIN_DAYS = 31
"""So much longer than the log its accounts are kept: an event may end long after its rank."""


def all_forgotten(head: Head) -> Head:
    """Nothing of the log is left; the models stay, and learn on from the next event."""
    return _cut(head, head.generation + 1, head.trained, [])


def outdated(head: Head, days: Sequence[Day], now: int, retention_days: int) -> Head:
    """Without the days that were over so long ago; `days` are those of the head's commit."""
    today = now // DAY_MS
    kept = calendar.since(days, head.kept.oldest)
    gone = [day for day in kept if day.date < today - retention_days]
    if gone:
        head = _cut(head, gone[-1].generation + 1, gone[-1].lines, kept[len(gone) :])
    accounts_from = (today - retention_days - MARGIN_DAYS) * DAY_MS
    if accounts_from <= head.kept.accounts_from:
        return head
    return replace(head, kept=replace(head.kept, accounts_from=accounts_from))


def cleared(head: Head, generation: int) -> Head:
    """What was forgotten before this generation is in the accounts, and may be deleted."""
    return replace(head, kept=replace(head.kept, cleared=max(head.kept.cleared, generation)))


def spanning(kept: Kept, days: Sequence[Day]) -> Kept:
    first, last = calendar.span(days) or (None, None)
    return replace(kept, first_ranked_at=first, last_ranked_at=last)


def _cut(head: Head, oldest: int, line: int, days: Sequence[Day]) -> Head:
    """No new model learns what is forgotten: not even before it is deleted."""
    kept = spanning(replace(head.kept, oldest=oldest), days)
    return replace(head, kept=kept, learn_from=max(head.learn_from, line))
