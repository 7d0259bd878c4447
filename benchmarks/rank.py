"""What the rank handler costs beside VW itself, per request, in one process and one run.

Reference: `pylibvw` parses and predicts the text of the same request under Azure's default policy.
Measured: the whole handler, log line and metric included, on memory adapters. CPU time, medians.
"""

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pylibvw

from benchmarks import handler
from benchmarks.figure import Figure
from benchmarks.requests import AZURE_POLICY, LARGE, SMALL, Size, bodies
from personalizer.adapters.memory import MemoryEvents
from personalizer.adapters.vw import examples
from personalizer.domain.loop import DEFAULT_POLICY
from personalizer.wire import rank as wire

REQUESTS = 1_500


def figures() -> Iterator[Figure]:
    for size, known, new in ((SMALL, "<=5", "<=7"), (LARGE, "<=3", "<=5")):
        azure, ours = handler.taught(AZURE_POLICY, size), handler.taught(DEFAULT_POLICY, size)
        name = f"rank_cpu_ratio_{size.actions}"
        yield Figure(name, _ratio(size, azure, azure, new_actions=False), known)
        yield Figure(f"{name}_cold", _ratio(size, azure, azure, new_actions=True), new)
        yield Figure(f"{name}_default_policy", _ratio(size, ours, azure, new_actions=False), "-")
        yield Figure(
            f"{name}_cold_default_policy", _ratio(size, ours, azure, new_actions=True), "-"
        )


def _ratio(size: Size, served: bytes, reference: bytes, *, new_actions: bool) -> float:
    """Handler over reference, request by request in turn, so that both meet the same noise."""
    predict = _reference(reference)
    handle = handler.serving(served, MemoryEvents())
    requests = bodies(size, REQUESTS, new_actions=new_actions)
    texts = [examples.text(wire.request(body)) for body in requests]
    wire.forget()
    vw, whole = [], []
    with handler.unread():
        for body, text in zip(requests, texts, strict=True):
            vw.append(_cpu(predict, text))
            whole.append(_cpu(handle, handler.call(body)))
    return statistics.median(whole) / statistics.median(vw)


def _cpu[T](call: Callable[[T], object], argument: T) -> int:
    started = time.process_time_ns()
    call(argument)
    return time.process_time_ns() - started


def _reference(model: bytes) -> Callable[[str], object]:
    with tempfile.NamedTemporaryFile() as file:
        Path(file.name).write_bytes(model)
        vw = pylibvw.vw(["--quiet", "-t", "-i", file.name])

    def predict(text: str) -> object:
        examples = vw._parse(text)
        vw.predict_multi(examples)
        scores = examples[0].get_action_scores()
        vw._finish_example_multi_ex(examples)
        return scores

    return predict
