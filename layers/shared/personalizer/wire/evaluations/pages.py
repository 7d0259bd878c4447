"""Lists of the version 2022-09-01, a page at a time."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from urllib.parse import urlencode

import msgspec

from personalizer.domain.evaluation.job import Job
from personalizer.wire.evaluations.estimates import Shown
from personalizer.wire.evaluations.requests import Paging
from personalizer.wire.version import LATEST


def page(jobs: Sequence[Job], paging: Paging, told: Callable[[Job], Shown], address: str) -> bytes:
    """Of these jobs, newest first; `address` is where the next page is asked for."""
    chosen = [job for job in jobs if paging.automatic in (None, job.is_automatic)]
    wanted = chosen[paging.skip :][: paging.top]
    shown: Shown = {"value": [told(job) for job in wanted[: paging.size]]}
    if len(wanted) > paging.size:
        shown["nextLink"] = f"{address}?{_query(_rest(paging))}"
    return msgspec.json.encode(shown)


def _rest(paging: Paging) -> Paging:
    return replace(paging, top=paging.top - paging.size, skip=paging.skip + paging.size)


def _query(paging: Paging) -> str:
    fields: dict[str, object] = {
        "api-version": LATEST,
        "top": paging.top,
        "skip": paging.skip,
        "maxpagesize": paging.size,
    }
    if paging.automatic is not None:
        fields["filter"] = f"evaluationType eq '{'Auto' if paging.automatic else 'Manual'}'"
    return urlencode(fields)
