"""Loops and keys in DynamoDB: one query reads a loop, one conditional write moves its head."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from personalizer.adapters.aws import calls
from personalizer.adapters.dynamodb import items, loop_items
from personalizer.adapters.dynamodb.items import Attributes, number
from personalizer.domain.loop import Configuration, Head, LoopState
from personalizer.errors import LoopNotFound, ObjectCorrupt, ServiceUnavailable

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

_FAILED = ("ConditionalCheckFailedException",)
_CANCELLED = ("TransactionCanceledException",)


class DynamoLoops:
    def __init__(self, client: "DynamoDBClient", table: str):
        self._client = client
        self._table = table

    def state(self, loop: str, *, consistent: bool = False) -> LoopState:
        with calls("read loop"):
            found = self._client.query(
                TableName=self._table,
                KeyConditionExpression="pk = :pk",
                ExpressionAttributeValues={":pk": {"S": loop_items.partition(loop)}},
                ConsistentRead=consistent,
            )
        parts = {item["sk"]["S"]: item for item in found["Items"]}
        if not parts.keys() >= loop_items.PARTS:  # a query may see half of what `create` just wrote
            raise LoopNotFound(loop)
        try:
            return loop_items.load(parts)
        except items.UNREADABLE as error:
            raise ObjectCorrupt(f"loop {loop}: {error!r}") from error

    def advance(self, old: Head, new: Head) -> bool:
        try:
            with calls("move head", passing=_FAILED):
                self._client.put_item(
                    TableName=self._table,
                    Item=loop_items.dump_head(new),
                    ConditionExpression="epoch = :epoch AND gen = :gen",
                    ExpressionAttributeValues={
                        ":epoch": number(old.epoch),
                        ":gen": number(old.generation),
                    },
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
        except ClientError as error:
            # The SDK repeats a write whose answer was lost; then the head in the way is our own.
            found = items.in_the_way(error) or {}
            return bool(found.get("cid") == {"S": new.commit_id})
        return True

    def configure(self, loop: str, old: Configuration, new: Configuration) -> bool:
        item = loop_items.dump_configuration(loop, new)
        try:
            with calls("write settings", passing=_FAILED):
                self._client.put_item(
                    TableName=self._table,
                    Item=item,
                    ConditionExpression="#data = :old",
                    ExpressionAttributeNames={"#data": "data"},
                    ExpressionAttributeValues={
                        ":old": loop_items.dump_configuration(loop, old)["data"]
                    },
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
        except ClientError as error:
            # The SDK repeats a write whose answer was lost; then what is in the way is our own.
            return bool(items.in_the_way(error) == item)
        return True

    def create(self, loop: str, state: LoopState) -> bool:
        puts: list[TransactWriteItemTypeDef] = [
            {
                "Put": {
                    "TableName": self._table,
                    "Item": item,
                    "ConditionExpression": "attribute_not_exists(pk)",
                }
            }
            for item in (loop_items.dump_index(loop), *loop_items.dump(loop, state))
        ]
        try:
            with calls("create loop", passing=_CANCELLED):
                self._client.transact_write_items(TransactItems=puts)
        except ClientError as error:
            if not _exists(error):
                raise ServiceUnavailable("create loop: others are at it") from error
            return False
        return True

    def all(self) -> Iterable[str]:
        return [item["sk"]["S"] for item in self._index()]

    def _index(self) -> Iterator[Attributes]:
        with calls("list loops"):
            for page in self._client.get_paginator("query").paginate(
                TableName=self._table,
                KeyConditionExpression="pk = :pk",
                ExpressionAttributeValues={":pk": {"S": loop_items.INDEX}},
            ):
                yield from page["Items"]

    def add_key(self, key_hash: str, loop: str) -> None:
        opens = {"v": number(loop_items.FORMAT), "loop": {"S": loop}}
        with calls("write key"):
            self._client.put_item(
                TableName=self._table, Item={**loop_items.subscription_key(key_hash), **opens}
            )

    def loop_of(self, key_hash: str) -> str | None:
        with calls("read key"):
            found = self._client.get_item(
                TableName=self._table, Key=loop_items.subscription_key(key_hash)
            )
        return found["Item"]["loop"]["S"] if "Item" in found else None


def _exists(error: ClientError) -> bool:
    """Whether a transaction was cancelled for its conditions: conflicts cancel it too."""
    reasons: list[dict[str, str]] = error.response.get("CancellationReasons", [])  # type: ignore[assignment]
    return any(reason.get("Code") == "ConditionalCheckFailed" for reason in reasons)
