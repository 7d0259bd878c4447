"""Loops and keys in DynamoDB: a loop is a few items under one key, read in one query."""

from decimal import Decimal
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from personalizer.adapters.aws import ServiceUnavailable, calls
from personalizer.adapters.dynamodb import items
from personalizer.adapters.dynamodb.items import Attributes, number
from personalizer.domain.event import Aggregation
from personalizer.domain.loop import Configuration, Head, LoopState, ModelRef, ObjectRef
from personalizer.errors import LoopNotFound

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

_FAILED = ("ConditionalCheckFailedException",)
_CANCELLED = ("TransactionCanceledException",)
_PARTS = {"head", "config", "secret"}


class DynamoLoops:
    def __init__(self, client: "DynamoDBClient", table: str):
        self._client = client
        self._table = table

    def state(self, loop: str, *, consistent: bool = False) -> LoopState:
        with calls("read loop"):
            found = self._client.query(
                TableName=self._table,
                KeyConditionExpression="pk = :pk",
                ExpressionAttributeValues={":pk": {"S": _pk(loop)}},
                ConsistentRead=consistent,
            )
        parts = {item["sk"]["S"]: item for item in found["Items"]}
        if not parts.keys() >= _PARTS:  # a query may see but a part of what `create` just wrote
            raise LoopNotFound(loop)
        secret: bytes = parts["secret"]["secret"]["B"]
        return LoopState(_load_configuration(parts["config"]), secret, _load_head(parts["head"]))

    def advance(self, old: Head, new: Head) -> bool:
        try:
            with calls("move head", passing=_FAILED):
                self._client.put_item(
                    TableName=self._table,
                    Item=_head(new),
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

    def create(self, loop: str, state: LoopState) -> bool:
        secret = {**_keys(loop, "secret"), "secret": {"B": state.sampling_secret}}
        parts = [_head(state.head), _configuration(loop, state.configuration), secret]
        try:
            with calls("create loop", passing=_CANCELLED):
                self._client.transact_write_items(
                    TransactItems=[
                        {
                            "Put": {
                                "TableName": self._table,
                                "Item": item,
                                "ConditionExpression": "attribute_not_exists(pk)",
                            }
                        }
                        for item in parts
                    ]
                )
        except ClientError as error:
            if not _exists(error):
                raise ServiceUnavailable("create loop: others are at it") from error
            return False
        return True

    def add_key(self, key_hash: str, loop: str) -> None:
        with calls("write key"):
            self._client.put_item(
                TableName=self._table, Item={**_key(key_hash), "loop": {"S": loop}}
            )

    def loop_of(self, key_hash: str) -> str | None:
        with calls("read key"):
            found = self._client.get_item(TableName=self._table, Key=_key(key_hash))
        return found["Item"]["loop"]["S"] if "Item" in found else None


def _exists(error: ClientError) -> bool:
    """Whether a transaction was cancelled for its conditions: conflicts cancel it too."""
    reasons: list[dict[str, str]] = error.response.get("CancellationReasons", [])  # type: ignore[assignment]
    return any(reason.get("Code") == "ConditionalCheckFailed" for reason in reasons)


def _pk(loop: str) -> str:
    return f"loop#{loop}"


def _keys(loop: str, sort: str) -> Attributes:
    return {"pk": {"S": _pk(loop)}, "sk": {"S": sort}}


def _key(key_hash: str) -> Attributes:
    return {"pk": {"S": f"key#{key_hash}"}, "sk": {"S": "key"}}


def _head(head: Head) -> Attributes:
    return {
        **_keys(head.loop, "head"),
        "epoch": number(head.epoch),
        "gen": number(head.generation),
        "cid": {"S": head.commit_id},
        "trained": number(head.trained),
        "publishAt": number(head.publish_at),
        "policy": _object(head.policy),
        "commit": _object(head.commit),
        "latest": _model(head.latest),
        "live": _model(head.live),
    }


def _load_head(item: Attributes) -> Head:
    policy = _load_object(item["policy"])
    assert policy is not None  # noqa: S101 - every head names a policy
    return Head(
        loop=item["pk"]["S"].removeprefix("loop#"),
        epoch=int(item["epoch"]["N"]),
        generation=int(item["gen"]["N"]),
        policy=policy,
        commit_id=item["cid"]["S"],
        commit=_load_object(item["commit"]),
        latest=_load_model(item["latest"]),
        live=_load_model(item["live"]),
        publish_at=int(item["publishAt"]["N"]),
        trained=int(item["trained"]["N"]),
    )


def _object(ref: ObjectRef | None) -> Attributes:
    if ref is None:
        return {"NULL": True}
    return {"M": {"key": {"S": ref.key}, "sha256": {"S": ref.sha256}}}


def _load_object(attribute: Attributes) -> ObjectRef | None:
    if "M" not in attribute:
        return None
    return ObjectRef(attribute["M"]["key"]["S"], attribute["M"]["sha256"]["S"])


def _model(ref: ModelRef | None) -> Attributes:
    if ref is None:
        return {"NULL": True}
    return {"M": {"gen": number(ref.generation), "object": _object(ref.object)}}


def _load_model(attribute: Attributes) -> ModelRef | None:
    if "M" not in attribute:
        return None
    ref = _load_object(attribute["M"]["object"])
    return ModelRef(int(attribute["M"]["gen"]["N"]), ref) if ref else None


def _configuration(loop: str, settings: Configuration) -> Attributes:
    return {
        **_keys(loop, "config"),
        "rewardWaitMs": number(settings.reward_wait_ms),
        "defaultReward": number(settings.default_reward),
        "aggregation": {"S": settings.aggregation.value},
        "learnAfterWait": {"BOOL": settings.learn_after_wait},
        "exploration": number(settings.exploration),
        "modelExportMs": number(settings.model_export_ms),
        "learningMode": {"S": settings.learning_mode},
        "costOffset": number(settings.cost_offset),
    }


def _load_configuration(item: Attributes) -> Configuration:
    return Configuration(
        reward_wait_ms=int(item["rewardWaitMs"]["N"]),
        default_reward=Decimal(item["defaultReward"]["N"]),
        aggregation=Aggregation(item["aggregation"]["S"]),
        learn_after_wait=item["learnAfterWait"]["BOOL"],
        exploration=float(item["exploration"]["N"]),
        model_export_ms=int(item["modelExportMs"]["N"]),
        learning_mode=item["learningMode"]["S"],
        cost_offset=float(item["costOffset"]["N"]),
    )
