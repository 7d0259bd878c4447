"""Making a job's plan, as far as there is time, and further another time.

The chain of commits is followed back, and may have a million. What was found of the log lies on the
desk in parts, and beside them how far that came, which never grows. Whoever goes on from there lays
the same parts again.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice

import msgspec

from personalizer.domain.evaluation.job import Job
from personalizer.domain.loop import LoopState, ObjectRef
from personalizer.errors import JobFailed, ObjectCorrupt, ObjectMissing
from personalizer.ports import Objects
from personalizer.usecases.evaluation import desk as desks
from personalizer.usecases.evaluation import plan
from personalizer.usecases.evaluation.desk import Desk
from personalizer.usecases.evaluation.links import Link, links
from personalizer.usecases.evaluation.plan import Plan
from personalizer.usecases.evaluation.portions import Portions, Segment

STRIDE = 1_000
"""So many commits are followed before that is noted: a second or two of work."""

MOST_PARTS = 25_000
"""The state machine is told their numbers, of which it takes 256 KB at a time, and one call adds up
what was gathered of them all."""

NOTHING = "Of this time there is nothing in the log that is sure to have been rewarded."
TOO_MUCH = "The log of this time is larger than one evaluation can be: choose a shorter time."


class Planning(msgspec.Struct):
    """`plan` is all that is known before the log is read. The commit `at` is the next to be looked
    at, unless the chain `is_at_end`; those of generations before `oldest` are forgotten."""

    plan: Plan
    at: ObjectRef | None
    oldest: int
    portions: Portions
    is_at_end: bool = False
    is_broken: bool = False


def begun(objects: Objects, state: LoopState, job: Job) -> Planning:
    head = state.head
    return Planning(plan.begun(objects, state, job), head.commit, head.kept.oldest, Portions())


def further(
    objects: Objects, desk: Desk, planning: Planning, has_time: Callable[[], bool]
) -> Plan | None:
    """Go on while there is time, though a stride at least. The plan once it is made, or None.

    Raises JobFailed if there is nothing to evaluate, or too much.
    """
    while not planning.is_at_end:
        _stride(objects, desk, planning)
        desk.lay(desks.PLANNING, planning)
        if not has_time():
            break
    return _made(desk, planning) if planning.is_at_end else None


def _stride(objects: Objects, desk: Desk, planning: Planning) -> None:
    followed = 0
    try:
        for link in islice(_rest(objects, planning), STRIDE):
            followed += 1
            planning.at = link.previous
            _found(desk, planning, link)
    except (ObjectMissing, ObjectCorrupt):
        planning.is_broken = planning.is_at_end = True
    planning.is_at_end |= followed < STRIDE


def _rest(objects: Objects, planning: Planning) -> Iterator[Link]:
    return links(objects, planning.at, planning.oldest, planning.plan.start)


def _found(desk: Desk, planning: Planning, link: Link) -> None:
    if not link.trained:
        return
    meets = link.meets(planning.plan.start, planning.plan.until)
    segment = Segment(link.log, link.first_line, link.trained)
    planning.portions.add(desk, segment, meets=meets)
    if planning.portions.laid > MOST_PARTS:
        raise JobFailed(TOO_MUCH)


def _made(desk: Desk, planning: Planning) -> Plan:
    portions = planning.portions
    portions.close(desk)
    if not portions.parts:
        raise JobFailed(NOTHING)
    made = replace(
        planning.plan,
        first_line=portions.first_line,
        end_line=portions.end_line,
        parts=portions.parts,
        is_broken=planning.is_broken,
    )
    desk.lay(desks.PLAN, made)
    return made
