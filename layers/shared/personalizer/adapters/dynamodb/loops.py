"""Loops in DynamoDB: one query reads a loop, one conditional write moves its head."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from personalizer.adapters.aws import Refused, calls
from personalizer.adapters.dynamodb import items, key_items, loop_items
from personalizer.adapters.dynamodb.items import Attributes, number
from personalizer.adapters.dynamodb.keys import DynamoKeys
from personalizer.adapters.dynamodb.transactions import ABSENT, Transaction
from personalizer.domain.access import Place, Slot
from personalizer.domain.loop import Configuration, Head, LoopState
from personalizer.errors import LoopNotFound, LostRace, NameReserved, ObjectCorrupt

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

ATTEMPTS = 5
_FAILED = ("ConditionalCheckFailedException",)


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
        except Refused as error:
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
        except Refused as error:
            # The SDK repeats a write whose answer was lost; then what is in the way is our own.
            return bool(items.in_the_way(error) == item)
        return True

    def create(self, loop: str, state: LoopState) -> bool:
        transaction = Transaction(self._client, self._table, "create loop")
        for item in (loop_items.dump_index(loop), *loop_items.dump(loop, state)):
            transaction.put(item, ABSENT)
        if transaction.commit():
            return True
        if self.is_deleted(loop):
            raise NameReserved(loop)
        return False

    def all(self) -> Iterable[str]:
        return [item["sk"]["S"] for item in self._index() if "gone" not in item]

    def delete(self, loop: str, now: int) -> bool:
        for _ in range(ATTEMPTS):
            if not self._is_there(loop):
                return False
            if self._deletion(loop, now).commit():
                return True
        raise LostRace(loop)

    def is_deleted(self, loop: str) -> bool:
        return "gone" in (self._entry(loop) or {})

    def deleted(self) -> Iterable[tuple[str, int]]:
        return [
            (item["sk"]["S"], int(item["gone"]["N"])) for item in self._index() if "gone" in item
        ]

    def forget(self, loop: str) -> None:
        try:
            with calls("free name", passing=_FAILED):
                self._client.delete_item(
                    TableName=self._table,
                    Key=loop_items.index_key(loop),
                    ConditionExpression="attribute_exists(gone)",
                )
        except Refused:
            return  # it is free, or a new loop's

    def _deletion(self, loop: str, now: int) -> Transaction:
        """A key that comes into a slot meanwhile makes it fail: else that key would stay."""
        transaction = Transaction(self._client, self._table, "delete loop")
        transaction.put(
            loop_items.dump_tombstone(loop, now),
            "attribute_exists(pk) AND attribute_not_exists(gone)",
        )
        for part in sorted(loop_items.PARTS):
            transaction.delete(loop_items.part_key(loop, part))
        held = DynamoKeys(self._client, self._table).held(loop)
        for slot in Slot:
            key = key_items.slot_key(Place(loop, slot))
            if slot in held:
                transaction.delete(key, "sha = :sha", sha={"S": held[slot].key_hash})
                transaction.delete(key_items.lookup_key(held[slot].key_hash))
            else:
                transaction.check(key, ABSENT)
        return transaction

    def _is_there(self, loop: str) -> bool:
        entry = self._entry(loop)
        return entry is not None and "gone" not in entry

    def _entry(self, loop: str) -> Attributes | None:
        with calls("look up loop"):
            found = self._client.get_item(
                TableName=self._table, Key=loop_items.index_key(loop), ConsistentRead=True
            )
        return found.get("Item")

    def _index(self) -> Iterator[Attributes]:
        with calls("list loops"):
            for page in self._client.get_paginator("query").paginate(
                TableName=self._table,
                KeyConditionExpression="pk = :pk",
                ExpressionAttributeValues={":pk": {"S": loop_items.INDEX}},
            ):
                yield from page["Items"]
