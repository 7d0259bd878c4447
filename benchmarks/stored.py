"""How many bytes an event takes, beside the request that it came with.

The whole item that rank writes, as DynamoDB counts it: names and values of all attributes.
"""

from collections.abc import Iterator

from benchmarks import handler
from benchmarks.figure import Figure
from benchmarks.requests import AZURE_POLICY, LARGE, SMALL, Size, bodies
from personalizer.adapters.dynamodb import items
from personalizer.adapters.memory import MemoryEvents

REQUESTS = 100


def figures() -> Iterator[Figure]:
    yield Figure("stored_bytes_ratio", _ratio(LARGE), "<=0.40")
    yield Figure("stored_bytes_ratio_10", _ratio(SMALL), "-")


def item_bytes(size: Size) -> float:
    """Of an event, on average."""
    stored, _ = _stored(size)
    return sum(stored) / len(stored)


def _ratio(size: Size) -> float:
    stored, sent = _stored(size)
    return sum(stored) / sum(sent)


def _stored(size: Size) -> tuple[list[int], list[int]]:
    """The bytes of items, and of the requests that they came with."""
    events = MemoryEvents()
    handle = handler.serving(handler.taught(AZURE_POLICY, size), events)
    requests = bodies(size, REQUESTS, new_actions=True)
    with handler.unread():
        for body in requests:
            handle(handler.call(body))
    shards = int(handler.ENVIRONMENT["EXPIRY_SHARDS"])
    stored = [_counted(items.dump(item, 1, shards)) for item in events.items.values()]
    return stored, [*map(len, requests)]


def _counted(item: items.Attributes) -> int:
    return sum(len(name) + _size(*value.popitem()) for name, value in item.items())


def _size(kind: str, value: str | bytes | bool) -> int:
    """A number takes a byte for every two digits, and one more; a truth takes one."""
    match value:
        case bool():
            return 1
        case bytes():
            return len(value)
        case str() if kind == "N":
            return (len(value.strip("-").replace(".", "")) + 1) // 2 + 1
        case str():
            return len(value.encode())
