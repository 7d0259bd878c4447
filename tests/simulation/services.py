"""What the functions are built on: everything that AWS does, in memory."""

from collections.abc import Sequence
from decimal import Decimal

from personalizer.adapters.kinesis import ATTEMPTS
from personalizer.adapters.memory import (
    MemoryAudit,
    MemoryDeadLetters,
    MemoryEvents,
    MemoryLoops,
    MemoryObjects,
    MemoryQuarantine,
)
from personalizer.domain.event import Aggregation, LearningMode
from personalizer.domain.loop import Configuration
from personalizer.domain.replay import NO_REPLAY, Replay
from personalizer.usecases import provision
from tests.factories import NOW, Counter
from tests.simulation.census import Census
from tests.simulation.fleet import WorldClock
from tests.simulation.kinesis import MemoryKinesis
from tests.simulation.process import Fate, Processes
from tests.simulation.stream import Stream

WAIT_MS = 600_000
LOOPS = ("quick", "several", "patient", "apprentice", "logging")
SEVERAL = [aggregation for aggregation in Aggregation if aggregation is not Aggregation.EARLIEST]


def configurations(several: Aggregation) -> dict[str, Configuration]:
    """Of the loops. `several`: what some of them make of an event's rewards."""
    return {
        "quick": Configuration(default_reward=Decimal("-0.25")),
        "several": Configuration(
            aggregation=several,
            default_reward=Decimal("0.1"),
            replay=Replay(events=2, reach=3, busiest=0.01),
        ),
        "patient": Configuration(learn_after_wait=True, cost_offset=0.5, replay=NO_REPLAY),
        "apprentice": Configuration(learning_mode=LearningMode.APPRENTICE),
        "logging": Configuration(learning_mode=LearningMode.LOGGING_ONLY, aggregation=several),
    }


class Services:
    def __init__(self, several: Aggregation) -> None:
        self.configurations = configurations(several)
        self.census = Census()
        self.clock = WorldClock(NOW)
        self.processes = Processes()
        self.events = MemoryEvents()
        self.stream = Stream(self.events)
        self.loops = MemoryLoops()
        self.objects = MemoryObjects()
        self.quarantine = MemoryQuarantine()
        self.letters = MemoryDeadLetters()
        self.audit = MemoryAudit()
        self.kinesis = MemoryKinesis(self.clock, self._refused)
        self.names = Counter()
        for loop, configuration in self.configurations.items():
            provision.create_loop(self.loops, self.objects, loop, configuration)

    def _refused(self, count: int) -> Sequence[int]:
        """What Kinesis does not take of so many records that the present process sends."""
        process = self.processes.current
        if process is None or process.fate not in (Fate.PARTIAL, Fate.THROTTLED):
            return ()
        process.refusals += 1
        if process.refusals == ATTEMPTS:
            self.census.count("hub that stays throttled")
        throttled = process.fate is Fate.THROTTLED
        return range(0 if throttled else process.refusals % min(2, count), count, 2)
