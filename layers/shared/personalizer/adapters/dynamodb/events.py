"""Pending events in DynamoDB: the usual case of each transition is one conditional write.

When that condition fails, DynamoDB returns the item in its way; the rare case is then decided by
domain.event on that item, and written with compare-and-set on the item's write counter.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, cast

from personalizer.adapters.aws import Refused, calls
from personalizer.adapters.dynamodb import items, writes
from personalizer.adapters.dynamodb.items import Attributes
from personalizer.adapters.dynamodb.writes import Update
from personalizer.domain import timer, transitions
from personalizer.domain.event import Event, Item, Key, Reward
from personalizer.errors import LostRace

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import PutItemInputTypeDef

ATTEMPTS = 8
QUERY_THREADS = 16
DUE_INDEX = "due"

type Transition = Callable[[Item | None], Item | None]


class _Blocked(Exception):
    """A condition failed; `item` is what DynamoDB found in the way, if anything."""

    def __init__(self, item: Attributes | None):
        super().__init__()
        self.item = item


class DynamoEvents:
    def __init__(self, client: "DynamoDBClient", table: str, shards: int):
        self._client = client
        self._table = table
        self._shards = shards

    def rank(self, event: Event) -> Event:
        try:
            self._put(event, None)
        except _Blocked as blocked:
            stored = self._change(
                blocked.item, event.key, lambda found: transitions.ranked(found, event)
            )
            return cast("Event", stored)
        return event

    def reward(self, key: Key, reward: Reward) -> bool:
        try:
            self._update(key, writes.settle(reward))
        except _Blocked as blocked:
            return self._late_reward(blocked.item, key, reward)
        return True

    def activate(self, key: Key, now: int) -> bool:
        try:
            self._update(key, writes.activate(now))
        except _Blocked as blocked:
            stored = self._change(
                blocked.item, key, lambda found: transitions.activated(found, key, now)
            )
            return stored is not None
        return True

    def expire(self, key: Key, uid: str, now: int) -> bool:
        try:
            self._update(key, writes.expire(uid, now))
        except _Blocked:
            return False
        return True

    def due(self, now: int, minutes: Iterable[int]) -> Iterator[tuple[Key, str]]:
        buckets = timer.buckets(minutes, self._shards)
        with ThreadPoolExecutor(QUERY_THREADS) as threads:
            for found in threads.map(lambda bucket: self._due_in(bucket, now), buckets):
                yield from found

    def get(self, key: Key) -> Item | None:
        with calls("read event"):
            found = self._client.get_item(
                TableName=self._table, Key=items.key(key), ConsistentRead=True
            )
        return items.load(found["Item"]) if "Item" in found else None

    def of(self, loop: str) -> Iterator[Item]:
        with calls("read events"):
            pages = self._client.get_paginator("scan").paginate(
                TableName=self._table,
                FilterExpression="begins_with(pk, :loop)",
                ExpressionAttributeValues={":loop": {"S": f"{loop}#"}},
                ConsistentRead=True,
            )
            for found in (item for page in pages for item in page["Items"]):
                with suppress(*items.UNREADABLE):  # the relay sets such an item aside
                    yield items.load(found)

    def _late_reward(self, found: Attributes | None, key: Key, reward: Reward) -> bool:
        """Not the first reward of an event that settles early: one of several, early, or late."""
        update = writes.one_of_several(found, reward) if found else None
        if update is not None:
            try:
                self._update(key, update)
            except _Blocked as blocked:
                found = blocked.item
            else:
                return True
        stored = self._change(found, key, lambda item: transitions.rewarded(item, key, reward))
        return stored is not None

    def _change(self, found: Attributes | None, key: Key, transition: Transition) -> Item | None:
        """Decide on what was found and write it, again if others were faster."""
        for _ in range(ATTEMPTS):
            item = items.load(found) if found else None
            stored = transition(item)
            if stored is None or stored is item:
                return stored
            try:
                self._put(stored, found)
            except _Blocked as blocked:
                found = blocked.item
            else:
                return stored
        raise LostRace(key.loop)

    def _put(self, item: Item, replaced: Attributes | None) -> None:
        """Write the item over exactly what was found; raises _Blocked if that has changed."""
        condition, values = writes.unchanged(replaced)
        count = items.writes(replaced) + 1 if replaced else 1
        request: PutItemInputTypeDef = {
            "TableName": self._table,
            "Item": items.dump(item, count, self._shards),
            "ConditionExpression": condition,
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        if values:
            request["ExpressionAttributeValues"] = values
        with _conditional("write event"):
            self._client.put_item(**request)

    def _update(self, key: Key, update: Update) -> None:
        with _conditional("update event"):
            self._client.update_item(
                TableName=self._table,
                Key=items.key(key),
                UpdateExpression=update.expression,
                ConditionExpression=update.condition,
                ExpressionAttributeNames=update.names,
                ExpressionAttributeValues=update.values,
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )

    def _due_in(self, bucket: str, now: int) -> list[tuple[Key, str]]:
        with calls("query due events"):
            pages = self._client.get_paginator("query").paginate(
                TableName=self._table,
                IndexName=DUE_INDEX,
                KeyConditionExpression="xb = :bucket AND xp <= :now",
                ExpressionAttributeValues={":bucket": {"S": bucket}, ":now": items.number(now)},
            )
            return [(items.to_key(i), i["uid"]["S"]) for page in pages for i in page["Items"]]


@contextmanager
def _conditional(what: str) -> Iterator[None]:
    try:
        with calls(what, passing=("ConditionalCheckFailedException",)):
            yield
    except Refused as error:
        raise _Blocked(items.in_the_way(error)) from error
