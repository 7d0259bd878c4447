"""Kinesis, the event hub: what happened to a loop at one time travels together, in its order.

A loop that outgrows one shard has lanes, each a partition key of its own. Order holds within a
lane, and an event never changes its lane.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from personalizer import records as codec
from personalizer.adapters.aws import calls
from personalizer.batches import batches
from personalizer.domain.hub import Record, lane
from personalizer.errors import HubUnavailable, ServiceUnavailable

if TYPE_CHECKING:
    from mypy_boto3_kinesis.client import KinesisClient
    from mypy_boto3_kinesis.type_defs import PutRecordsRequestEntryTypeDef

ATTEMPTS = 5
PAUSE_S = 0.1
MAX_RECORDS = 500
MAX_BYTES = 5 * 1024 * 1024
"""What PutRecords takes at once, partition keys included."""


class KinesisHub:
    def __init__(
        self,
        client: "KinesisClient",
        stream: str,
        lanes: int = 1,
        sleep: Callable[[float], object] = time.sleep,
    ):
        self._client = client
        self._stream = stream
        self._lanes = lanes
        self._sleep = sleep

    def publish(self, records: Sequence[Record]) -> None:
        for batch in batches(self._entries(records), _size, MAX_BYTES, MAX_RECORDS):
            self._publish(batch)

    def _entries(self, records: Sequence[Record]) -> "Iterator[PutRecordsRequestEntryTypeDef]":
        together: dict[str, list[Record]] = defaultdict(list)
        for record in records:
            together[self._partition(record)].append(record)
        for key, of_the_lane in together.items():
            for data in codec.pack(of_the_lane):
                yield {"Data": data, "PartitionKey": key}

    def _partition(self, record: Record) -> str:
        if self._lanes == 1:
            return record.loop
        return f"{record.loop}#{lane(record.event_id, self._lanes)}"

    def _publish(self, entries: "list[PutRecordsRequestEntryTypeDef]") -> None:
        """Kinesis may take some of a batch: everything from the first refused one goes again.

        That repeats some and keeps the order; the trainer drops repetitions.
        """
        for attempt in range(ATTEMPTS):
            if attempt:
                self._sleep(PAUSE_S * 2**attempt)
            entries = entries[self._taken(entries) :]
            if not entries:
                return
        raise HubUnavailable(f"{len(entries)} records were not taken")

    def _taken(self, entries: "list[PutRecordsRequestEntryTypeDef]") -> int:
        """How many entries Kinesis took before the first that it refused."""
        try:
            with calls("publish"):
                answer = self._client.put_records(StreamName=self._stream, Records=entries)
        except ServiceUnavailable as error:
            raise HubUnavailable(str(error)) from error
        refused = (i for i, record in enumerate(answer["Records"]) if record.get("ErrorCode"))
        return next(refused, len(entries))


def _size(entry: "PutRecordsRequestEntryTypeDef") -> int:
    return len(entry["Data"]) + len(entry["PartitionKey"])  # type: ignore[arg-type] # bytes
