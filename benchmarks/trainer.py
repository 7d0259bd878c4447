"""How many events a CPU second trains, against VW's own driver on the same dsjson.

Measured: the training use case whole, on memory stores, in batches as the hub delivers them, with
its children: decoding, deduplicating, drawing what comes back, writing the log, models and commits.
Reference: the driver that ships in VW's wheel reading the very lines that were taught, those that
came back included, with the same arguments; what an empty file costs it is taken off. Both under
our default policy with replay; without it, and under Azure's policy, VW has less to do, and so
everything else weighs more.
"""

import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from gzip import decompress
from itertools import batched
from pathlib import Path

import msgspec

from benchmarks.events import LOOP, joined
from benchmarks.figure import Figure
from benchmarks.requests import AZURE_POLICY, SMALL
from personalizer import bootstrap, records
from personalizer.adapters.memory import MemoryLoops, MemoryObjects, MemoryQuarantine
from personalizer.adapters.vw import VwEngine
from personalizer.domain.loop import DEFAULT_POLICY, Configuration, Head, LoopState
from personalizer.domain.policy import Policy
from personalizer.domain.replay import DEFAULT_REPLAY, NO_REPLAY, Replay
from personalizer.usecases.lessons import Course, lessons
from personalizer.usecases.training import Training
from personalizer.usecases.training.lines import Arrival

EVENTS = 10_000
RELAYED = 50
"""Events that travel together."""
BATCH = 20
"""Records of the hub that train together: a thousand events."""


def figures() -> Iterator[Figure]:
    yield Figure("trainer_ratio", _ratio(DEFAULT_POLICY, DEFAULT_REPLAY), ">=0.8")
    yield Figure("trainer_ratio_no_replay", _ratio(DEFAULT_POLICY, NO_REPLAY), "-")
    yield Figure("trainer_ratio_azure_policy", _ratio(AZURE_POLICY, NO_REPLAY), "-")


def _ratio(policy: str, replay: Replay) -> float:
    arrivals = _arrivals()
    objects = MemoryObjects()
    course = Course(policy, 1.0, replay)
    ours = cpu(lambda: _train(arrivals, objects, course))
    with tempfile.TemporaryDirectory() as folder:
        taught, empty = Path(folder, "taught.dsjson"), Path(folder, "empty.dsjson")
        lines = lessons(course, _logged(objects), 0)
        taught.write_bytes(b"".join(each.line + b"\n" for each in lines))
        empty.touch()
        driver = cpu(lambda: _drive(taught, policy)) - cpu(lambda: _drive(empty, policy))
    return driver / ours


def _logged(objects: MemoryObjects) -> list[bytes]:
    segments = sorted(key for key in objects.data if key.startswith("log/"))
    return [line for key in segments for line in decompress(objects.data[key]).splitlines()]


def cpu(work: Callable[[], object]) -> float:
    """Seconds, this process's and its children's."""
    started = _cpu_so_far()
    work()
    return _cpu_so_far() - started


def _cpu_so_far() -> float:
    usages = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def _drive(log: Path, policy: str) -> None:
    driver = [sys.executable, "-m", "vowpalwabbit", "--quiet", "--dsjson", "-d", str(log)]
    subprocess.run([*driver, *policy.split()], check=True)


def _train(arrivals: list[Arrival], objects: MemoryObjects, course: Course) -> None:
    """Its learners count once they have ended."""
    engine = VwEngine()
    training = _training(objects, course, engine)
    for batch in batched(arrivals, BATCH, strict=False):
        training(batch)
    engine.close()


def _training(objects: MemoryObjects, course: Course, engine: VwEngine) -> Training:
    loops = MemoryLoops()
    ref = objects.put("policy", msgspec.json.encode(Policy("measured", course.arguments)))
    settings = Configuration(cost_offset=course.cost_offset, replay=course.replay)
    loops.create(LOOP, LoopState(settings, b"", Head(LOOP, 1, 0, ref)))
    return Training(loops, objects, MemoryQuarantine(), engine, bootstrap.now, bootstrap.new_uid)


def _arrivals() -> list[Arrival]:
    """As the relay sends them: what a batch of the table's stream holds travels together."""
    together = batched(joined(SMALL, EVENTS), RELAYED, strict=True)
    packs = (pack for batch in together for pack in records.pack(batch))
    return [Arrival("shard", number, pack) for number, pack in enumerate(packs)]
