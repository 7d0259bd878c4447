"""Change a loop's course: one write of its head, which any trainer under way then fails to move."""

import hashlib
from collections.abc import Callable
from dataclasses import replace

import msgspec

from personalizer.domain import names
from personalizer.domain.loop import Head, ObjectRef
from personalizer.domain.policy import Policy
from personalizer.errors import LostRace
from personalizer.ports import Loops, Objects

ATTEMPTS = 10


def put_policy(objects: Objects, loop: str, policy: Policy) -> ObjectRef:
    data = msgspec.json.encode(policy)
    return objects.put(names.policy(loop, hashlib.sha256(data).hexdigest()), data)


def set_policy(loops: Loops, objects: Objects, loop: str, policy: Policy, change_id: str) -> Head:
    """Learn by this policy from now on: with other arguments, in a new model.

    `change_id` is a name that no other change of the head will ever use.
    """
    ref = put_policy(objects, loop, policy)
    return change(loops, loop, lambda head: replace(head, policy=ref), change_id)


def reset(loops: Loops, loop: str, change_id: str) -> Head:
    """Forget the model, and all that was learned so far; the log stays."""
    return change(
        loops,
        loop,
        lambda head: replace(head, latest=None, live=None, learn_from=head.trained),
        change_id,
    )


def change(loops: Loops, loop: str, changed: Callable[[Head], Head], change_id: str) -> Head:
    """The head after this change; it stays where it is if `changed` returns the very same."""
    for _ in range(ATTEMPTS):
        old = loops.state(loop, consistent=True).head
        wanted = changed(old)
        if wanted is old:
            return old
        new = replace(wanted, epoch=old.epoch + 1, commit_id=change_id)
        if loops.advance(old, new):
            return new
    raise LostRace(loop)
