"""Streams as Lambda reads them: the events table's, and the hub."""

import base64
from datetime import datetime
from typing import Any, Protocol

type Record = dict[str, Any]


class Source(Protocol):
    """A stream: where reading starts, and what comes next."""

    def shards(self) -> list[Record]:
        """As ListShards describes them."""

    def iterator(self, shard: str, start: str) -> str:
        """`start` is LATEST or TRIM_HORIZON."""

    def read(self, shard: str, iterator: str, limit: int) -> tuple[list[Record], str | None]:
        """Records as Lambda delivers them, and the next iterator; None where the shard ends."""


class TableStream:
    """The one shard that the emulator gives to a table's stream."""

    def __init__(self, client: Any, arn: str):
        self._client = client
        self._arn = arn

    def shards(self) -> list[Record]:
        described = self._client.describe_stream(StreamArn=self._arn)
        shards: list[Record] = described["StreamDescription"]["Shards"]
        return shards

    def iterator(self, shard: str, start: str) -> str:
        answer = self._client.get_shard_iterator(
            StreamArn=self._arn, ShardId=shard, ShardIteratorType=start
        )
        return str(answer["ShardIterator"])

    def read(self, shard: str, iterator: str, limit: int) -> tuple[list[Record], str | None]:
        answer = self._client.get_records(ShardIterator=iterator, Limit=limit)
        found = [_plain(record) for record in answer["Records"]]
        return found, answer.get("NextShardIterator")


class Hub:
    def __init__(self, client: Any, stream: str):
        self._client = client
        self._stream = stream

    def shards(self) -> list[Record]:
        shards: list[Record] = self._client.list_shards(StreamName=self._stream)["Shards"]
        return shards

    def iterator(self, shard: str, start: str) -> str:
        answer = self._client.get_shard_iterator(
            StreamName=self._stream, ShardId=shard, ShardIteratorType=start
        )
        return str(answer["ShardIterator"])

    def read(self, shard: str, iterator: str, limit: int) -> tuple[list[Record], str | None]:
        answer = self._client.get_records(ShardIterator=iterator, Limit=limit)
        found = [self._event(shard, record) for record in answer["Records"]]
        return found, answer.get("NextShardIterator")

    def _event(self, shard: str, record: Record) -> Record:
        return {
            "eventID": f"{shard}:{record['SequenceNumber']}",
            "eventSourceARN": f"arn:aws:kinesis:us-east-1:000000000000:stream/{self._stream}",
            "kinesis": {
                "sequenceNumber": record["SequenceNumber"],
                "partitionKey": record["PartitionKey"],
                "data": base64.b64encode(record["Data"]).decode(),
            },
        }


def _plain(value: Any) -> Any:
    """As JSON, in which Lambda delivers what the SDK has parsed."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime):
        return value.timestamp()
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value
