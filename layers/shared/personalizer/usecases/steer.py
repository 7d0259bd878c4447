"""Change a loop's course: one write of its head, which any trainer under way then fails to move."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum

from personalizer.domain.loop import Head, LoopState, ObjectRef
from personalizer.domain.policy import Policy, canonical
from personalizer.errors import LostRace, ObjectCorrupt, ObjectMissing
from personalizer.ports import Loops, Objects
from personalizer.usecases import policies
from personalizer.usecases.mandate import OWNER, Mandate
from personalizer.usecases.training import ledger as ledgers

ATTEMPTS = 10


class Effect(Enum):
    """What a policy that was set means for the loop's model."""

    NONE = "none"
    """It was set already."""
    CONTINUES = "continues"
    """The model goes on learning, at another pace or under another name."""
    RESTARTS = "restarts"
    """Another model takes its place, as soon as there is something to learn."""


@dataclass(frozen=True, slots=True)
class Steered:
    head: Head
    effect: Effect


def set_policy(
    loops: Loops,
    objects: Objects,
    loop: str,
    policy: Policy,
    change_id: str,
    now: int,
    mandate: Mandate = OWNER,
) -> Steered:
    """Learn by this policy's arguments from now on. Raises PolicyRefused, Overruled.

    `change_id` is a name that no other change of the head will ever use.
    """
    arguments = canonical(policy.arguments)
    chosen = replace(policy, arguments=arguments, set_at=now, run=mandate.run)

    def chosen_in(head: Head) -> Head:
        mandate.check(head)
        if _is_set(objects, head.policy, chosen):
            return head
        ref = policies.put(objects, loop, replace(chosen, previous=head.policy))
        return replace(head, policy=ref)

    head = change(loops, loop, chosen_in, change_id)
    if head.commit_id != change_id:
        return Steered(head, Effect.NONE)
    state = replace(loops.state(loop, consistent=True), head=head)
    return Steered(head, _effect(objects, state))


def restore_policy(
    loops: Loops, objects: Objects, loop: str, policy_id: str, change_id: str, now: int
) -> Steered:
    """Learn by an earlier policy again. Raises PolicyNotFound."""
    newest = loops.state(loop, consistent=True).head.policy
    earlier = policies.find(objects, newest, policy_id)
    return set_policy(loops, objects, loop, earlier, change_id, now)


def reset_policy(loops: Loops, objects: Objects, loop: str, change_id: str, now: int) -> Steered:
    """Learn by the policy again that the loop was made with."""
    newest = loops.state(loop, consistent=True).head.policy
    return set_policy(loops, objects, loop, policies.first(objects, newest), change_id, now)


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


def _is_set(objects: Objects, ref: ObjectRef, chosen: Policy) -> bool:
    """A policy that is lost is replaced whatever it was."""
    try:
        present = policies.read(objects, ref)
    except (ObjectMissing, ObjectCorrupt):
        return False
    return (present.name, present.arguments) == (chosen.name, chosen.arguments)


def _effect(objects: Objects, state: LoopState) -> Effect:
    ledger = ledgers.read(objects, state, [])
    goes_on = ledger.continued(ledger.arguments(widest_context=0)) is not None
    return Effect.CONTINUES if goes_on else Effect.RESTARTS
