"""Subscription keys in DynamoDB: a slot and what its key opens change in one transaction."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from personalizer.adapters.aws import calls
from personalizer.adapters.dynamodb import key_items, loop_items
from personalizer.adapters.dynamodb.transactions import ABSENT, PRESENT, Transaction
from personalizer.domain.access import Grant, Held, Place, Slot
from personalizer.errors import LoopNotFound

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient


class DynamoKeys:
    def __init__(self, client: "DynamoDBClient", table: str):
        self._client = client
        self._table = table

    def held(self, loop: str | None) -> Mapping[Slot, Held]:
        with calls("read slots"):
            found = self._client.query(
                TableName=self._table,
                KeyConditionExpression="pk = :pk",
                ExpressionAttributeValues={":pk": {"S": key_items.partition(loop)}},
                ConsistentRead=True,
            )
        return {Slot(item["sk"]["S"]): key_items.load_slot(item) for item in found["Items"]}

    def replace(self, place: Place, old: str | None, new: str | None, now: int) -> bool:
        if self._replacement(place, old, new, now).commit():
            return True
        if place.loop is not None and not self._exists(place.loop):
            raise LoopNotFound(place.loop)
        # The answer to an attempt of ours may have been lost.
        held = self.held(place.loop).get(place.slot)
        return (held.key_hash if held else None) == new

    def grant(self, key_hash: str) -> Grant | None:
        with calls("read key"):
            found = self._client.get_item(TableName=self._table, Key=key_items.lookup_key(key_hash))
        if "Item" not in found:
            return None
        return key_items.load_lookup(found["Item"])

    def _replacement(self, place: Place, old: str | None, new: str | None, now: int) -> Transaction:
        transaction = Transaction(self._client, self._table, "replace key")
        unchanged = ABSENT if old is None else "sha = :old"
        values = {} if old is None else {"old": {"S": old}}
        if new is None:
            transaction.delete(key_items.slot_key(place), unchanged, **values)
        else:
            transaction.put(key_items.dump_slot(place, Held(new, now)), unchanged, **values)
            transaction.put(key_items.dump_lookup(new, place), ABSENT)
        if old is not None:
            transaction.delete(key_items.lookup_key(old))
        if place.loop is not None:
            transaction.check(loop_items.part_key(place.loop, "head"), PRESENT)
        return transaction

    def _exists(self, loop: str) -> bool:
        with calls("read loop"):
            found = self._client.get_item(
                TableName=self._table,
                Key=loop_items.part_key(loop, "head"),
                ConsistentRead=True,
            )
        return "Item" in found
