"""The rank handler itself: only what stands behind its ports is in memory, its output unread."""

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pylibvw

from benchmarks.events import joined
from benchmarks.requests import Size
from personalizer import bootstrap, dsjson, payload
from personalizer.adapters.fake import Inline
from personalizer.adapters.memory import MemoryEvents, MemoryLoops, MemoryObjects
from personalizer.adapters.vw import VwEngine
from personalizer.domain.loop import Configuration, Head, LoopState, ModelRef, ObjectRef
from personalizer.usecases.rank import Rank
from personalizer.usecases.serving import Serving

type Event = dict[str, Any]
type Handle = Callable[[Event], object]

LESSONS = 200
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
    "EVALUATION_MACHINE": "none",
    "EVALUATION_SECONDS": "86400",
    "POWERTOOLS_SERVICE_NAME": "personalizer",
    "POWERTOOLS_METRICS_NAMESPACE": "OpenPersonalizer",
}


def taught(policy: str, size: Size) -> bytes:
    """A model that has learned something, as whatever it then says takes room and time."""
    vw = pylibvw.vw(["--quiet", "--dsjson", *policy.split()])
    for event in joined(size, LESSONS):
        line = dsjson.line(event, payload.unpack(event.payload))
        examples = vw._parse(line.decode())
        vw.learn_multi(examples)
        vw._finish_example_multi_ex(examples)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "model.vw")
        vw.save(str(path))
        return path.read_bytes()


def serving(model: bytes, events: MemoryEvents) -> Handle:
    os.environ.update(ENVIRONMENT)
    from functions.rank import app

    app.rank = _rank(model, events)
    return lambda event: app.handler(event, None)


@contextlib.contextmanager
def unread() -> Iterator[None]:
    """What is printed meanwhile is written, to nowhere."""
    with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stdout(nowhere):
        yield


def call(body: bytes) -> Event:
    """As API Gateway puts it."""
    return {
        "httpMethod": "POST",
        "path": "/personalizer/v1.0/rank",
        "headers": {"Content-Type": "application/json"},
        "requestContext": {"authorizer": {"loop": "loop", "role": "rank"}},
        "body": body.decode(),
    }


def _rank(model: bytes, events: MemoryEvents) -> Rank:
    engine, objects, loops = VwEngine(), MemoryObjects(), MemoryLoops()
    ref = ModelRef(1, objects.put("model", model), bootstrap.now())
    head = Head("loop", 1, 1, ObjectRef("policy", "0" * 64), latest=ref, live=ref)
    loops.create("loop", LoopState(Configuration(), b"secret", head))
    live = Serving(loops, objects, engine, Inline(), bootstrap.now, refresh_ms=2000)
    return Rank(events, live, engine, bootstrap.now, bootstrap.event_id, bootstrap.new_uid)
