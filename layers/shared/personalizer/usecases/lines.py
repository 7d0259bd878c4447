"""From what the hub delivered to the lines that are logged and learned."""

from collections.abc import Iterable
from dataclasses import dataclass

from personalizer import dsjson, payload, records
from personalizer.domain import policy
from personalizer.domain.dedupe import Delivery
from personalizer.domain.hub import Joined


@dataclass(frozen=True, slots=True)
class Arrival:
    """A record of the hub as it came."""

    shard: str
    sequence: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Line:
    """A delivery as it will stand in the log."""

    delivery: Delivery
    text: bytes
    context_size: int


def delivery(arrival: Arrival) -> Delivery | None:
    """The training example in a record, None if it is one for watchers.

    Raises ValueError for a record that cannot be read, or that names no event.
    """
    record = records.decode(arrival.data)
    if not isinstance(record, Joined):
        return None
    return Delivery(record, arrival.shard, arrival.sequence)


def line(delivery: Delivery) -> Line:
    """Raises ValueError or IndexError for an event that nothing can be learned from."""
    joined = delivery.joined
    if not joined.reward.is_finite():
        raise ValueError("the reward is not finite")
    example = payload.unpack(joined.payload)
    return Line(delivery, dsjson.line(joined, example), example.context_size)


def with_costs(lines: Iterable[Line], offset: float, arguments: str) -> list[bytes]:
    """The lines with the cost that VW is told: offset - reward, within the policy's range."""
    low, high = policy.cost_range(arguments)
    rewards = ((line.text, float(line.delivery.joined.reward)) for line in lines)
    return [dsjson.with_cost(text, min(max(offset - r, low), high)) for text, r in rewards]
