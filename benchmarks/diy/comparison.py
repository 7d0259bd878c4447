"""CPU per request: our handler's, which keeps every decision's event, over the service's.

In turns of some requests each, so that both meet the same noise; the client's own is not counted.
"""

import time
from collections.abc import Iterator

from benchmarks import handler
from benchmarks.diy import process
from benchmarks.figure import Figure
from benchmarks.requests import AZURE_POLICY, LARGE, SMALL, Size, bodies
from personalizer.adapters.memory import MemoryEvents

TURNS, REQUESTS = 10, 200


def figures() -> Iterator[Figure]:
    yield Figure("rank_over_diy_10", _ratio(SMALL), "-")
    yield Figure("rank_over_diy_50", _ratio(LARGE), "<1")


def _ratio(size: Size) -> float:
    model = handler.taught(AZURE_POLICY, size)
    handle = handler.serving(model, MemoryEvents())
    requests = bodies(size, (TURNS + 1) * REQUESTS, new_actions=False)
    ours = theirs = 0.0
    with process.running(model) as service, handler.unread():
        for start in range(0, len(requests), REQUESTS):
            turn = requests[start : start + REQUESTS]
            their_share, our_share = _theirs(service, turn), _ours(handle, turn)
            if start:  # the first turn warms both up
                theirs, ours = theirs + their_share, ours + our_share
    return ours / theirs


def _theirs(service: process.Service, requests: list[bytes]) -> float:
    before = service.cpu_seconds()
    for body in requests:
        service.rank(body)
    return service.cpu_seconds() - before


def _ours(handle: handler.Handle, requests: list[bytes]) -> float:
    calls = [handler.call(body) for body in requests]
    before = time.process_time()
    for call in calls:
        handle(call)
    return time.process_time() - before
