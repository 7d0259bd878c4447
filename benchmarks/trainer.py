"""How many events a CPU second trains, against VW's own driver on the same dsjson.

Measured: the training use case whole, on memory stores, in batches as the hub delivers them, with
its children: decoding, deduplicating, writing the log, models and commits. Reference: the driver
that ships in VW's wheel reading the very log that training wrote, with the same arguments; what
an empty file costs it is taken off. Both under our default policy, and once more under Azure's,
which leaves VW less to do and so weighs everything else more.
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
from personalizer.usecases.training import Training
from personalizer.usecases.training.lines import Arrival

EVENTS = 10_000
RELAYED = 50
"""Events that travel together."""
BATCH = 20
"""Records of the hub that train together: a thousand events."""


def figures() -> Iterator[Figure]:
    yield Figure("trainer_ratio", _ratio(DEFAULT_POLICY), ">=0.6")
    yield Figure("trainer_ratio_azure_policy", _ratio(AZURE_POLICY), "-")


def _ratio(policy: str) -> float:
    arrivals = _arrivals()
    objects = MemoryObjects()
    ours = _cpu(lambda: _train(arrivals, objects, policy))
    with tempfile.TemporaryDirectory() as folder:
        log, empty = Path(folder, "log.dsjson"), Path(folder, "empty.dsjson")
        segments = sorted(key for key in objects.data if key.startswith("log/"))
        log.write_bytes(b"".join(decompress(objects.data[key]) for key in segments))
        empty.touch()
        driver = _cpu(lambda: _drive(log, policy)) - _cpu(lambda: _drive(empty, policy))
    return driver / ours


def _cpu(work: Callable[[], object]) -> float:
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


def _train(arrivals: list[Arrival], objects: MemoryObjects, policy: str) -> None:
    """Its learners count once they have ended."""
    engine = VwEngine()
    training = _training(objects, policy, engine)
    for batch in batched(arrivals, BATCH, strict=False):
        training(batch)
    engine.close()


def _training(objects: MemoryObjects, policy: str, engine: VwEngine) -> Training:
    loops = MemoryLoops()
    ref = objects.put("policy", msgspec.json.encode(Policy("measured", policy)))
    settings = Configuration(cost_offset=0.0)  # the driver learns the log's own costs
    loops.create(LOOP, LoopState(settings, b"", Head(LOOP, 1, 0, ref)))
    return Training(loops, objects, MemoryQuarantine(), engine, bootstrap.now, bootstrap.new_uid)


def _arrivals() -> list[Arrival]:
    """As the relay sends them: what a batch of the table's stream holds travels together."""
    together = batched(joined(SMALL, EVENTS), RELAYED, strict=True)
    packs = (pack for batch in together for pack in records.pack(batch))
    return [Arrival("shard", number, pack) for number, pack in enumerate(packs)]
