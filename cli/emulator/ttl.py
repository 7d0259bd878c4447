"""DynamoDB's time to live, as far as the product relies on it.

ministack ignores `TimeToLiveSpecification` in a template, and its own reaper deletes silently. On
AWS an expired item leaves a REMOVE record in the table's stream, signed by the service.
"""

import asyncio
import contextvars
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from ministack.core import responses
from ministack.services import dynamodb
from ministack.services.cloudformation import provisioners

SWEEP_SECONDS = 1.0  # AWS promises "within a few days"; a person at a laptop should see it happen
SERVICE = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}

type Json = dict[str, Any]
type Provision = Callable[..., tuple[str, Json]]

_expiring = contextvars.ContextVar("_expiring", default=False)


def install() -> None:
    """Call before the emulator serves."""
    table = provisioners._RESOURCE_HANDLERS["AWS::DynamoDB::Table"]
    table["create"] = _create_with_ttl(table["create"])
    table["update"] = _update_with_ttl(table["update"])
    dynamodb._build_change_record = _signed(dynamodb._build_change_record)
    dynamodb._remove_item = _except_for_the_reaper(dynamodb._remove_item)


async def sweep_for_ever() -> None:
    """Runs on the emulator's event loop, as its requests do, and so never between two halves of a
    conditional write."""
    while True:
        await asyncio.sleep(SWEEP_SECONDS)
        for account, region, name, key, item in list(_expired(time.time())):
            contextvars.copy_context().run(_expire, account, region, name, key, item)


def _expired(now: float) -> Iterator[tuple[str, str, str, tuple[Any, Any], Json]]:
    for (account, region, name), setting in dynamodb._ttl_settings.all_items():
        table = dynamodb._tables.get_scoped(account, region, name)
        if not table or setting["TimeToLiveStatus"] != "ENABLED":
            continue
        for partition, items in table["items"].items():
            for sort, item in items.items():
                # Like AWS: only a number counts as a time.
                deadline = item.get(setting["AttributeName"], {}).get("N")
                if deadline is not None and float(deadline) <= now:
                    yield account, region, name, (partition, sort), item


def _expire(account: str, region: str, name: str, key: tuple[Any, Any], item: Json) -> None:
    responses._request_account_id.set(account)
    responses._request_region.set(region)
    _expiring.set(True)
    dynamodb._remove_item(dynamodb._tables.get(name), *key)
    dynamodb._emit_stream_event(name, "REMOVE", item, None)


def _signed(build: Callable[..., Json]) -> Callable[..., Json]:
    def build_change_record(*args: Any) -> Json:
        return build(*args) | ({"userIdentity": SERVICE} if _expiring.get() else {})

    return build_change_record


def _except_for_the_reaper(remove: Callable[..., Any]) -> Callable[..., Any]:
    def remove_item(*args: Any) -> Any:
        # The reaper's thread started with the import; what it leaves alone, our sweep finds.
        of_the_reaper = threading.current_thread().name == "dynamodb-ttl-reaper"
        return None if of_the_reaper else remove(*args)

    return remove_item


def _create_with_ttl(create: Provision) -> Provision:
    def create_table(logical_id: str, props: Json, *rest: Any) -> tuple[str, Json]:
        name, attributes = create(logical_id, props, *rest)
        _set_ttl(name, props)
        return name, attributes

    return create_table


def _update_with_ttl(update: Provision) -> Provision:
    def update_table(physical_id: str, old: Json, new: Json, *rest: Any) -> tuple[str, Json]:
        name, attributes = update(physical_id, old, new, *rest)
        _set_ttl(name, new)
        return name, attributes

    return update_table


def _set_ttl(name: str, props: Json) -> None:
    dynamodb._ttl_settings.pop(name, None)
    if specification := props.get("TimeToLiveSpecification"):
        dynamodb._update_ttl({"TableName": name, "TimeToLiveSpecification": specification})
