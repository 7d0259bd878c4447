"""The evaluations of loops in DynamoDB, in the table of the loops."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from personalizer.adapters.aws import Refused, calls
from personalizer.adapters.dynamodb import items, job_items, loop_items
from personalizer.adapters.dynamodb.items import Attributes
from personalizer.adapters.dynamodb.transactions import ABSENT, PRESENT, Transaction
from personalizer.domain.evaluation.job import Job, Kind
from personalizer.errors import LoopNotFound, ObjectCorrupt

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

_FAILED = ("ConditionalCheckFailedException",)


class DynamoJobs:
    def __init__(self, client: "DynamoDBClient", table: str):
        self._client = client
        self._table = table

    def create(self, job: Job) -> bool:
        transaction = Transaction(self._client, self._table, "create evaluation")
        transaction.put(job_items.dump(job), ABSENT)
        transaction.check(loop_items.part_key(job.loop, "head"), PRESENT)
        if transaction.commit():
            return True
        if not self._exists(job.loop):
            raise LoopNotFound(job.loop)
        # The answer to an attempt of ours may have been lost.
        return self.get(job.loop, job.kind, job.id) == job

    def get(self, loop: str, kind: Kind, job_id: str) -> Job | None:
        found = self._read(job_items.key(loop, kind, job_id))
        return _loaded(found) if found and self._exists(loop) else None

    def of(self, loop: str, kind: Kind) -> Sequence[Job]:
        if not self._exists(loop):
            return []
        found = [_loaded(item) for item in self._stored(loop, kind)]
        return sorted(found, key=lambda job: (job.created_at, job.id), reverse=True)

    def replace(self, old: Job, new: Job) -> bool:
        item = job_items.dump(new)
        try:
            with calls("write evaluation", passing=_FAILED):
                self._client.put_item(
                    TableName=self._table,
                    Item=item,
                    ConditionExpression="made = :made AND #status = :status AND #run = :run",
                    ExpressionAttributeNames={"#status": "status", "#run": "run"},
                    ExpressionAttributeValues={
                        ":made": items.number(old.created_at),
                        ":status": {"S": old.status.value},
                        ":run": {"S": old.execution},
                    },
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
        except Refused as error:
            # The SDK repeats a write whose answer was lost; then what is in the way is our own.
            return bool(items.in_the_way(error) == item)
        return True

    def delete(self, loop: str, kind: Kind, job_id: str) -> bool:
        with calls("delete evaluation"):
            gone = self._client.delete_item(
                TableName=self._table,
                Key=job_items.key(loop, kind, job_id),
                ReturnValues="ALL_OLD",
            )
        return "Attributes" in gone

    def forget(self, loop: str) -> Sequence[Job]:
        found = [_loaded(item) for kind in Kind for item in self._stored(loop, kind)]
        for job in found:
            self.delete(loop, job.kind, job.id)
        return found

    def _stored(self, loop: str, kind: Kind) -> Iterator[Attributes]:
        with calls("list evaluations"):
            for page in self._client.get_paginator("query").paginate(
                TableName=self._table,
                KeyConditionExpression="pk = :pk AND begins_with(sk, :kind)",
                ExpressionAttributeValues={
                    ":pk": {"S": job_items.partition(loop)},
                    ":kind": {"S": job_items.prefix(kind)},
                },
                ConsistentRead=True,
            ):
                yield from page["Items"]

    def _exists(self, loop: str) -> bool:
        """Nobody reaches what a deleted loop has left behind."""
        return self._read(loop_items.part_key(loop, "head")) is not None

    def _read(self, key: Attributes) -> Attributes | None:
        with calls("read evaluation"):
            found = self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True)
        return found.get("Item")


def _loaded(item: Attributes) -> Job:
    try:
        return job_items.load(item)
    except items.UNREADABLE as error:
        raise ObjectCorrupt(f"evaluation {item['sk']['S']}: {error!r}") from error
