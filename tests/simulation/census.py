"""How often everything that can happen did happen."""

from collections import Counter
from collections.abc import Iterable

from personalizer.domain.event import Aggregation, LearningMode

FUNCTIONS = (
    "rank",
    "reward",
    "activate",
    "expire",
    "relay",
    "train",
    "redrive",
    "rebuild",
    "steer",
)
STREAMED = ("relay", "train")

FAULTS = {
    *(f"crash of {function}" for function in FUNCTIONS),
    *(f"{function} given up for dead goes on" for function in STREAMED),
    *(f"{function} delivered again" for function in STREAMED),
    *(f"{function} batch cut in two" for function in STREAMED),
    *(f"{function} mapping made anew" for function in STREAMED),
    *(f"{function} paused beyond what is kept" for function in STREAMED),
    "unavailable read",
    "unavailable write",
    "unheard write",
    "repeated write",
    "partial PutRecords",
    "hub that stays throttled",
    "lost race for the head",
    "clocks seconds apart",
    "clocks minutes apart",
    "shard split",
    "shards merged",
    "set aside as too old",
    "rank repeated",
    "id used again",
    "reward repeated",
    "reward too late",
    "reward before its rank",
    "activation before its rank",
    "activation too late",
    "TTL of a pending event",
    "TTL of an inactive event",
    "TTL of a final event",
    "TTL of an early reward",
    "erasure of a pending event",
    "erasure of an inactive event",
    "erasure of a final event",
    "edit by hand, undone",
    "edit by hand, then deleted",
    "garbage on the hub",
    "example that cannot be read",
    "poison line",
    "policy changed",
    "learning mode changed",
    "rank repeated in another mode",
    *(f"decision in {mode}" for mode in LearningMode),
    "loop reset",
    "model missing",
    "model corrupt",
}
ENDS = {
    "reward, observed",
    *(f"{why}, {how}" for why in ("wait", "ttl", "superseded") for how in ("observed", "default")),
    *(f"several rewards, {aggregation}" for aggregation in Aggregation),
}


class Census:
    def __init__(self) -> None:
        self.faults: Counter[str] = Counter()
        self.ends: Counter[str] = Counter()

    def count(self, fault: str) -> None:
        self.faults[fault] += 1

    def add(self, other: "Census") -> None:
        self.faults += other.faults
        self.ends += other.ends

    def missing(self) -> set[str]:
        return (FAULTS | ENDS) - {*self.faults, *self.ends}

    def table(self) -> Iterable[str]:
        for title, kinds in (("fault", self.faults), ("end of an event", self.ends)):
            yield f"{title:<38}{'times':>10}"
            for kind in sorted({*kinds, *(FAULTS if kinds is self.faults else ENDS)}):
                yield f"  {kind:<36}{kinds[kind]:>10,}"
