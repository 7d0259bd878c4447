"""The policies that a loop has learned by.

Each names the one that it replaced, so that what the head names is the loop's whole history, and
what a crash left behind before the head moved is no part of it.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from personalizer.domain import names
from personalizer.domain.loop import ObjectRef
from personalizer.domain.policy import Policy
from personalizer.errors import PolicyNotFound
from personalizer.ports import Objects
from personalizer.usecases import chain


@dataclass(frozen=True, slots=True)
class Kept:
    """A policy, and the name that it is found by among those of its loop."""

    id: str
    policy: Policy


def put(objects: Objects, loop: str, policy: Policy) -> ObjectRef:
    data = msgspec.json.encode(policy)
    key = names.policy(loop, policy.set_at, hashlib.sha256(data).hexdigest())
    return objects.put(key, data)


def read(objects: Objects, ref: ObjectRef) -> Policy:
    """Raises ObjectMissing or ObjectCorrupt."""
    return chain.decoded(objects, ref, Policy)


def history(objects: Objects, newest: ObjectRef | None) -> Iterator[Kept]:
    """From the newest, which a head names, back to the loop's first. Raises ObjectMissing or
    ObjectCorrupt where it breaks."""
    while newest is not None:
        policy = read(objects, newest)
        yield Kept(names.policy_id(newest.key), policy)
        newest = policy.previous


def find(objects: Objects, newest: ObjectRef, policy_id: str) -> Policy:
    """Raises PolicyNotFound for one that the loop never had."""
    for kept in history(objects, newest):
        if kept.id == policy_id:
            return kept.policy
    raise PolicyNotFound(policy_id)


def first(objects: Objects, newest: ObjectRef) -> Policy:
    """The one that the loop was made with."""
    *_, oldest = history(objects, newest)
    return oldest.policy
