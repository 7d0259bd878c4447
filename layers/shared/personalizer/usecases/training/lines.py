"""From what the hub delivered to the lines that are logged and learned."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from personalizer import dsjson, payload, records
from personalizer.domain import policy
from personalizer.domain.dedupe import Delivery
from personalizer.domain.hub import Joined
from personalizer.errors import Unreadable

PART_BYTES = 32 * 1024 * 1024
"""Of features in one commit; the trainer holds them a few times over."""


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
    """The training example in a record, None if it is one for watchers. Raises Unreadable."""
    try:
        record = records.decode(arrival.data)
    except ValueError as error:
        place = f"{arrival.shard}-{arrival.sequence}"
        raise Unreadable(place, arrival.data, str(error)) from error
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


def with_costs(logged: Iterable[bytes], offset: float, arguments: str) -> list[bytes]:
    """The lines with the cost that VW is told: offset - reward, within the policy's range."""
    low, high = policy.cost_range(arguments)
    return [
        dsjson.with_cost(line, min(max(offset - dsjson.reward(line), low), high)) for line in logged
    ]


def parts(deliveries: Iterable[Delivery]) -> Iterator[list[Delivery]]:
    """The deliveries in parts that fit into memory: what is small on the hub may unpack a lot."""
    part: list[Delivery] = []
    size = 0
    for delivery in deliveries:
        size += payload.unpacked_size(delivery.joined.payload)
        if part and size > PART_BYTES:
            yield part
            part, size = [], 0
        part.append(delivery)
    if part:
        yield part
