"""Loops as DynamoDB items: a few under one key, each holding its part as JSON.

    pk  loop#<loop>      sk  head | config | secret     v  format version     data  the part
    pk  loops            sk  <loop>                     v
    pk  key#<sha256>     sk  key                        v                     loop  what it opens

The head also has epoch, gen and cid as attributes of their own, for conditions.
"""

import msgspec

from personalizer.adapters.dynamodb.items import Attributes, number
from personalizer.domain.loop import Configuration, Head, LoopState

FORMAT = 1
INDEX = "loops"
PARTS = {"head", "config", "secret"}


def partition(loop: str) -> str:
    return f"loop#{loop}"


def subscription_key(key_hash: str) -> Attributes:
    return {"pk": {"S": f"key#{key_hash}"}, "sk": {"S": "key"}}


def dump_index(loop: str) -> Attributes:
    return {"pk": {"S": INDEX}, "sk": {"S": loop}, "v": number(FORMAT)}


def dump(loop: str, state: LoopState) -> list[Attributes]:
    secret = {**_part(loop, "secret"), "data": {"B": state.sampling_secret}}
    return [dump_head(state.head), dump_configuration(loop, state.configuration), secret]


def load(parts: dict[str, Attributes]) -> LoopState:
    """From the loop's items by their sort key. Raises ValueError for a format of later versions."""
    if any(part["v"] != number(FORMAT) for part in parts.values()):
        raise ValueError("a loop of another format")
    return LoopState(
        msgspec.json.decode(parts["config"]["data"]["S"], type=Configuration),
        parts["secret"]["data"]["B"],
        msgspec.json.decode(parts["head"]["data"]["S"], type=Head),
    )


def dump_head(head: Head) -> Attributes:
    return {
        **_part(head.loop, "head"),
        "epoch": number(head.epoch),
        "gen": number(head.generation),
        "cid": {"S": head.commit_id},
        "data": _json(head),
    }


def dump_configuration(loop: str, configuration: Configuration) -> Attributes:
    return {**_part(loop, "config"), "data": _json(configuration)}


def _part(loop: str, sort: str) -> Attributes:
    return {"pk": {"S": partition(loop)}, "sk": {"S": sort}, "v": number(FORMAT)}


def _json(value: object) -> Attributes:
    return {"S": msgspec.json.encode(value).decode()}
