"""Several conditional writes as one."""

from typing import TYPE_CHECKING, Any

from personalizer.adapters.aws import Refused, calls
from personalizer.adapters.dynamodb.items import Attributes
from personalizer.errors import ServiceUnavailable

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

_CANCELLED = ("TransactionCanceledException",)
ABSENT = "attribute_not_exists(pk)"
PRESENT = "attribute_exists(pk)"


class Transaction:
    """Writes to one table: all of them happen, or none."""

    def __init__(self, client: "DynamoDBClient", table: str, what: str):
        self._client = client
        self._table = table
        self._what = what
        self._writes: list[Any] = []

    def put(self, item: Attributes, condition: str = "", **values: Attributes) -> None:
        self._add("Put", {"Item": item}, condition, values)

    def delete(self, key: Attributes, condition: str = "", **values: Attributes) -> None:
        self._add("Delete", {"Key": key}, condition, values)

    def check(self, key: Attributes, condition: str) -> None:
        self._add("ConditionCheck", {"Key": key}, condition, {})

    def commit(self) -> bool:
        """False if a condition does not hold; raises ServiceUnavailable if others are at it."""
        try:
            with calls(self._what, passing=_CANCELLED):
                self._client.transact_write_items(TransactItems=self._writes)
        except Refused as error:
            if not _refused(error):
                raise ServiceUnavailable(f"{self._what}: others are at it") from error
            return False
        return True

    def _add(self, kind: str, what: Attributes, condition: str, values: Attributes) -> None:
        write = {"TableName": self._table, **what}
        if condition:
            write["ConditionExpression"] = condition
        if values:
            given = {f":{name}": value for name, value in values.items()}
            write["ExpressionAttributeValues"] = given
        self._writes.append({kind: write})


def _refused(error: Refused) -> bool:
    """Whether a transaction was cancelled for its conditions: conflicts cancel it too."""
    reasons: list[dict[str, str]] = error.answer.get("CancellationReasons", [])
    return any(reason.get("Code") == "ConditionalCheckFailed" for reason in reasons)
