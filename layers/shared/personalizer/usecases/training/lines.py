"""From what the hub delivered to the lines that are logged and learned."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from personalizer import dsjson, payload, records
from personalizer.batches import batches
from personalizer.domain.dedupe import Delivery
from personalizer.domain.example import Example
from personalizer.domain.hub import Joined
from personalizer.errors import Unreadable

MAX_REWARD = 1_000_000
PART_BYTES = 32 * 1024 * 1024
"""Of examples in one lesson; the trainer holds them a few times over."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A record of the hub as it came; `shard` names the sequence that its number counts in."""

    shard: str
    sequence: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Line:
    """A decision as it will stand in the log."""

    text: bytes
    context_size: int
    ranked_at: int

    @property
    def skipped(self) -> bool:
        """Whether it is logged and not learned."""
        return dsjson.skipped(self.text)


@dataclass(frozen=True, slots=True)
class DeliveredLine(Line):
    """One that came over the hub."""

    delivery: Delivery


def deliveries(arrival: Arrival) -> list[Delivery]:
    """The training examples in an arrival, without what is for watchers. Raises Unreadable."""
    try:
        found = records.unpack(arrival.data)
    except ValueError as error:
        place = f"{arrival.shard}-{arrival.sequence}"
        raise Unreadable(place, arrival.data, str(error)) from error
    joined = [record for record in found if isinstance(record, Joined)]
    return [Delivery(record, arrival.shard, arrival.sequence) for record in joined]


def delivered(delivery: Delivery) -> DeliveredLine:
    """Raises OSError for a payload that is broken, else as `line` does."""
    joined = delivery.joined
    made = line(joined, payload.unpack(joined.payload))
    return DeliveredLine(made.text, made.context_size, made.ranked_at, delivery)


def line(joined: Joined, example: Example) -> Line:
    """Raises ValueError or ArithmeticError for a decision that nothing can be learned from, or only
    harm.

    One infinite cost would ruin a model for good, and VW does not object.
    """
    decision = example.decision
    if not abs(joined.reward) <= MAX_REWARD:
        raise ValueError("the reward is out of all bounds")
    if not decision.order or len(decision.order) != len(decision.probabilities):
        raise ValueError("not a decision")
    if not 0 < decision.probabilities[0] <= 1:
        raise ValueError("not a probability")
    return Line(dsjson.line(joined, example), example.context_size, joined.ranked_at)


def parts(arrivals: Iterable[Arrival]) -> Iterator[list[Arrival]]:
    """The arrivals in parts that fit into memory: what is small on the hub may unpack a lot."""
    return batches(arrivals, lambda arrival: records.unpacked_size(arrival.data), PART_BYTES)
