"""Tables' streams survive a restart.

ministack saves how far each function has read, but not the stream: after a restart its functions
would sleep through as many records as they have ever read.
"""

from collections.abc import Callable, Iterator
from typing import Any

from ministack.core.responses import AccountRegionScopedDict
from ministack.services import dynamodb, lambda_svc

type Json = dict[str, Any]


def install() -> None:
    """Call before the emulator serves."""
    dynamodb.get_state = _with_streams(dynamodb.get_state)
    dynamodb.load_persisted_state = _loading_streams(dynamodb.load_persisted_state)


def _with_streams(get_state: Callable[[], Json]) -> Callable[[], Json]:
    def state() -> Json:
        records, starts = AccountRegionScopedDict(), AccountRegionScopedDict()
        for (account, region, table), kept in dynamodb._stream_records.all_items():
            first = dynamodb._stream_trimmed.get_scoped(account, region, table, 0)
            # What everybody has read can be many megabytes, and nobody will ask for it again.
            read = max(0, min(_positions(table), default=first) - first)
            records.set_scoped(account, region, table, kept[read:])
            starts.set_scoped(account, region, table, first + read)
        return get_state() | {"stream_records": records, "stream_starts": starts}

    return state


def _positions(table: str) -> Iterator[int]:
    """How far each function that reads the table's stream has come."""
    for (account, region, mapping), position in lambda_svc._dynamodb_stream_positions.all_items():
        source = lambda_svc._esms.get_scoped(account, region, mapping, {}).get("EventSourceArn", "")
        if f":table/{table}/stream/" in source:
            yield position


def _loading_streams(load: Callable[[Json], None]) -> Callable[[Json], None]:
    def load_state(data: Json) -> None:
        load(data)
        dynamodb._stream_records.update(data.get("stream_records", {}))
        dynamodb._stream_trimmed.update(data.get("stream_starts", {}))

    return load_state
