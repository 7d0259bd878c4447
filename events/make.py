"""Writes the examples that nobody should have to write by hand.

relay.json and training.json hold packed events. Two people are asked about: one reward arrives,
the other event is deleted by the table's TTL. What that leaves in the table's stream is relay.json;
what the relay makes of it is training.json. loops.json is a call like management.json's, with an
administrator's key; provision.json is what CloudFormation asks when a stack is made.

    python -m events.make
"""

import base64
import json
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

from personalizer import records
from personalizer.adapters.dynamodb import items
from personalizer.adapters.fake import Inline
from personalizer.adapters.memory import (
    MemoryAudit,
    MemoryEvents,
    MemoryHub,
    MemoryLoops,
    MemoryObjects,
)
from personalizer.adapters.vw import VwEngine
from personalizer.domain.event import Item, Key
from personalizer.domain.hub import Change
from personalizer.domain.loop import Configuration, Head, LoopState, ObjectRef
from personalizer.usecases.rank import Rank
from personalizer.usecases.relay import Relay
from personalizer.usecases.reward import RewardEvent
from personalizer.usecases.serving import Serving
from personalizer.wire import rank as wire

FOLDER = Path(__file__).parent
LOOP = "default"
NOW = 1_788_255_000_000
"""September 2026, in milliseconds."""
TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/EventsTable"
HUB = "arn:aws:kinesis:us-east-1:123456789012:stream/HubStream"
SHARD = "shardId-000000000000"
SEQUENCE = 49_650_000_000_000_000_000_000_000_000_000_000_000_000_000_000_000_000_000


def changes() -> list[Change]:
    """What the two events leave in the table's stream."""
    events, ask = MemoryEvents(), json.loads((FOLDER / "rank.json").read_text())
    rank = _rank(events)
    for event_id in ("e-1", "e-2"):
        body = json.loads(ask["body"]) | {"eventId": event_id}
        rank(LOOP, wire.request(json.dumps(body).encode()))
    reward = RewardEvent(events, lambda: NOW + 30_000, lambda: "call-1")
    reward(Key(LOOP, "e-1"), Decimal("0.5"))
    events.delete(Key(LOOP, "e-2"), NOW + 1_000_000, expired=True)
    return events.changes


def relay() -> dict[str, Any]:
    return {"Records": [_stream_record(n, change) for n, change in enumerate(changes())]}


def training() -> dict[str, Any]:
    packs = [pack for change in changes() for pack in _relayed(change)]
    return {"Records": [_hub_record(number, each) for number, each in enumerate(packs)]}


def loops() -> dict[str, Any]:
    """An administrator makes the loop "news", whose events wait for five minutes."""
    call: dict[str, Any] = json.loads((FOLDER / "management.json").read_text())
    route = {"httpMethod": "PUT", "resource": "/loops/{loop}", "path": "/loops/news"}
    body = json.dumps({"rewardWaitTime": "PT5M"})
    call |= route | {"pathParameters": {"loop": "news"}, "body": body}
    call["requestContext"] |= {
        "httpMethod": "PUT",
        "resourcePath": route["resource"],
        "path": f"/v1{route['path']}",
        "authorizer": {"role": "admin", "principalId": "admin", "integrationLatency": 12},
    }
    return call


def provision() -> dict[str, Any]:
    return {
        "RequestType": "Create",
        "RequestId": "5f0c8f9e-6a8d-4d6e-9c5e-3f1c2b4a5d6e",
        "ResponseURL": "https://cloudformation-custom-resource-response.s3.amazonaws.com/signed",
        "StackId": "arn:aws:cloudformation:us-east-1:123456789012:stack/open-personalizer/1",
        "LogicalResourceId": "FirstLoopResource",
        "ResourceType": "Custom::Loop",
        "ResourceProperties": {
            "ServiceToken": "arn:aws:lambda:us-east-1:123456789012:function:ProvisionFunction",
            "ServiceTimeout": "120",
            "Loop": LOOP,
        },
    }


MADE = {"relay": relay, "training": training, "loops": loops, "provision": provision}
"""By the name of the file."""


def _relayed(change: Change) -> list[bytes]:
    hub = MemoryHub()
    Relay(hub, MemoryAudit(), announce=True)([change])
    return records.pack(hub.records)


def _rank(events: MemoryEvents) -> Rank:
    loops, objects, engine = MemoryLoops(), MemoryObjects(), VwEngine()
    head = Head(LOOP, epoch=1, generation=0, policy=ObjectRef("policy", "0" * 64))
    loops.create(LOOP, LoopState(Configuration(), b"secret", head))
    uids = (f"{number:032x}"[::-1] for number in count(1))

    def now() -> int:
        return NOW

    serving = Serving(loops, objects, engine, Inline(), now, refresh_ms=2_000)
    return Rank(events, serving, engine, now, lambda: "", lambda: next(uids))


def _stream_record(number: int, change: Change) -> dict[str, Any]:
    images = {"OldImage": _image(change.old), "NewImage": _image(change.new)}
    keys = [items.key(item.key) for item in (change.new, change.old) if item]
    kind = "MODIFY" if change.old and change.new else "INSERT" if change.new else "REMOVE"
    record: dict[str, Any] = {
        "eventID": f"{number + 1:032x}",
        "eventName": kind,
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "us-east-1",
        "dynamodb": {
            "ApproximateCreationDateTime": change.at // 1000,
            "Keys": keys[0],
            **{name: image for name, image in images.items() if image},
            "SequenceNumber": str(SEQUENCE + number),
            "SizeBytes": 1_000,
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
        "eventSourceARN": f"{TABLE}/stream/2026-09-01T00:00:00.000",
    }
    if change.expired:
        record["userIdentity"] = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}
    return record


def _image(item: Item | None) -> dict[str, Any] | None:
    if item is None:
        return None
    image = items.dump(item, 1, shards=8)
    return {name: _attribute(value) for name, value in image.items()}


def _attribute(value: dict[str, Any]) -> dict[str, Any]:
    return {"B": _base64(value["B"])} if "B" in value else value


def _hub_record(number: int, data: bytes) -> dict[str, Any]:
    sequence = str(SEQUENCE + number)
    return {
        "kinesis": {
            "kinesisSchemaVersion": "1.0",
            "partitionKey": LOOP,
            "sequenceNumber": sequence,
            "data": _base64(data),
            "approximateArrivalTimestamp": NOW / 1000 + 1_001,
        },
        "eventSource": "aws:kinesis",
        "eventVersion": "1.0",
        "eventID": f"{SHARD}:{sequence}",
        "eventName": "aws:kinesis:record",
        "invokeIdentityArn": "arn:aws:iam::123456789012:role/TrainingFunctionRole",
        "awsRegion": "us-east-1",
        "eventSourceARN": HUB,
    }


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def main() -> None:
    for name, make in MADE.items():
        (FOLDER / f"{name}.json").write_text(json.dumps(make(), indent=2) + "\n")


if __name__ == "__main__":
    main()
