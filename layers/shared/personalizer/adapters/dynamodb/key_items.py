"""Keys as DynamoDB items: one that a caller's key is looked up by, and one for its slot.

    pk  key#<sha256>     sk  key       v  format version    loop  of which    role  what it opens
    pk  keys#<loop>      sk  <slot>    v                    sha  of the key   at    since when

The keys of administrators are of no loop: their slots are under "keys" alone.
"""

from personalizer.adapters.dynamodb.items import Attributes, number
from personalizer.domain.access import Grant, Held, Place, Role

FORMAT = 1


def lookup_key(key_hash: str) -> Attributes:
    return {"pk": {"S": f"key#{key_hash}"}, "sk": {"S": "key"}}


def partition(loop: str | None) -> str:
    return "keys" if loop is None else f"keys#{loop}"


def slot_key(place: Place) -> Attributes:
    return {"pk": {"S": partition(place.loop)}, "sk": {"S": place.slot.value}}


def dump_lookup(key_hash: str, place: Place) -> Attributes:
    of: Attributes = {} if place.loop is None else {"loop": {"S": place.loop}}
    role = {"S": place.role.value}
    return {**lookup_key(key_hash), "v": number(FORMAT), "role": role, **of}


def load_lookup(item: Attributes) -> Grant:
    key_hash = item["pk"]["S"].partition("#")[2]
    loop = item["loop"]["S"] if "loop" in item else None
    return Grant(key_hash, loop, Role(item["role"]["S"]))


def dump_slot(place: Place, held: Held) -> Attributes:
    inside = {"sha": {"S": held.key_hash}, "at": number(held.since)}
    return {**slot_key(place), "v": number(FORMAT), **inside}


def load_slot(item: Attributes) -> Held:
    return Held(item["sha"]["S"], int(item["at"]["N"]))
