"""What the rank handler costs beside VW itself, per request, in one process and one run.

Reference: `pylibvw` parses and predicts the text of the same request under Azure's default policy.
Measured: the whole handler, log line and metric included, on memory adapters. CPU time, medians.
"""

import contextlib
import io
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pylibvw

from benchmarks.figure import Figure
from benchmarks.requests import AZURE_POLICY, LARGE, SMALL, Size, bodies
from personalizer import bootstrap
from personalizer.adapters.fake import Inline
from personalizer.adapters.memory import MemoryEvents, MemoryLoops, MemoryObjects
from personalizer.adapters.vw import VwEngine, examples
from personalizer.domain.loop import (
    DEFAULT_POLICY,
    Configuration,
    Head,
    LoopState,
    ModelRef,
    ObjectRef,
)
from personalizer.usecases.rank import Rank
from personalizer.usecases.serving import Serving
from personalizer.wire import rank as wire

REQUESTS = 300
ROUNDS = 5
ENVIRONMENT = {
    "AWS_DEFAULT_REGION": "us-east-1",
    "EVENTS_TABLE": "none",
    "LOOPS_TABLE": "none",
    "HUB_STREAM": "none",
    "DATA_BUCKET": "none",
    "QUARANTINE_BUCKET": "none",
    "MODEL_SIGNING_KEY": "none",
    "REFRESH_SECONDS": "2",
    "EXPIRY_SHARDS": "8",
    "HUB_ANNOUNCEMENTS": "true",
    "HUB_LANES": "1",
    "TRANSPORT": "crt",
    "POWERTOOLS_SERVICE_NAME": "personalizer",
    "POWERTOOLS_METRICS_NAMESPACE": "OpenPersonalizer",
}


def figures() -> Iterator[Figure]:
    os.environ.update(ENVIRONMENT)
    azure, ours = _model(AZURE_POLICY), _model(DEFAULT_POLICY)
    yield Figure("rank_cpu_ratio_10", _ratio(SMALL, azure, azure, new_actions=False), "<15")
    yield Figure("rank_cpu_ratio_50", _ratio(LARGE, azure, azure, new_actions=False), "<8")
    for name, size in (("10", SMALL), ("50", LARGE)):
        new = _ratio(size, azure, azure, new_actions=True)
        yield Figure(f"rank_cpu_ratio_{name}_new_actions", new, "-")
        default = _ratio(size, ours, azure, new_actions=False)
        yield Figure(f"rank_cpu_ratio_{name}_default_policy", default, "-")


def _ratio(size: Size, served: bytes, reference: bytes, *, new_actions: bool) -> float:
    """Handler over reference, request by request in turn, so that both meet the same noise."""
    predict = _reference(reference)
    handle = _handler(served)
    requests = bodies(size, REQUESTS * ROUNDS, new_actions=new_actions)
    texts = [examples.text(wire.request(body)) for body in requests[:REQUESTS]] * ROUNDS
    vw, ours = [], []
    for body, text in zip(requests, texts, strict=True):
        vw.append(_cpu(predict, text))
        ours.append(_cpu(handle, body))
    return statistics.median(ours) / statistics.median(vw)


def _cpu[T](call: Callable[[T], object], argument: T) -> int:
    started = time.process_time_ns()
    call(argument)
    return time.process_time_ns() - started


def _model(policy: str) -> bytes:
    """A model that has not learned anything costs as much to ask as one that has."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "model.vw")
        pylibvw.vw(["--quiet", *policy.split()]).save(str(path))
        return path.read_bytes()


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


def _handler(model: bytes) -> Callable[[bytes], object]:
    """The real handler; only what stands behind its ports is in memory, and its output unread."""
    from functions.rank import app

    unread = io.StringIO()
    app.rank = _rank(model)
    for handler in app.logger.handlers:
        handler.setStream(unread)  # type: ignore[attr-defined]

    def handle(body: bytes) -> object:
        unread.seek(0)
        with contextlib.redirect_stdout(unread):
            return app.handler(_event(body), None)

    return handle


def _rank(model: bytes) -> Rank:
    engine, objects, loops = VwEngine(), MemoryObjects(), MemoryLoops()
    ref = ModelRef(1, objects.put("model", model), bootstrap.now())
    head = Head("loop", 1, 1, ObjectRef("policy", ""), latest=ref, live=ref)
    loops.create("loop", LoopState(Configuration(), b"secret", head))
    serving = Serving(loops, objects, engine, Inline(), bootstrap.now, refresh_ms=2000)
    return Rank(
        MemoryEvents(), serving, engine, bootstrap.now, bootstrap.event_id, bootstrap.new_uid
    )


def _event(body: bytes) -> dict[str, Any]:
    return {
        "httpMethod": "POST",
        "path": "/personalizer/v1.0/rank",
        "headers": {"Content-Type": "application/json"},
        "requestContext": {"authorizer": {"loop": "loop", "role": "rank"}},
        "body": body.decode(),
    }
