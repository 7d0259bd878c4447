"""Make the loops what a file says they should be: first a plan, then its steps.

Whatever is wrong with what is wanted shows in the plan, before anything is changed.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from personalizer.domain import policy
from personalizer.domain.access import Place, Slot
from personalizer.domain.loop import DEFAULT_POLICY, Configuration, may_be_named
from personalizer.domain.policy import Policy
from personalizer.errors import NameReserved
from personalizer.ports import Loops, Objects
from personalizer.usecases import policies, steer
from personalizer.usecases.configure import Change
from personalizer.usecases.fleet import Fleet
from personalizer.usecases.keys import Keyring


@dataclass(frozen=True, slots=True)
class Wanted:
    """A loop as it should be. Without a policy, it keeps the one it has; `slots` are to hold keys,
    and others may."""

    loop: str
    change: Change
    policy: Policy | None = None
    slots: Sequence[Slot] = ()


@dataclass(frozen=True, slots=True)
class Make:
    loop: str
    change: Change


@dataclass(frozen=True, slots=True)
class Reconfigure:
    loop: str
    change: Change
    old: Configuration
    new: Configuration


@dataclass(frozen=True, slots=True)
class SetPolicy:
    loop: str
    policy: Policy


@dataclass(frozen=True, slots=True)
class MakeKey:
    place: Place


@dataclass(frozen=True, slots=True)
class Delete:
    loop: str


type Step = Make | Reconfigure | SetPolicy | MakeKey | Delete


class Apply:
    """`new_id` gives names that no other change of a loop will ever use."""

    def __init__(
        self,
        loops: Loops,
        objects: Objects,
        fleet: Fleet,
        keyring: Keyring,
        clock: Callable[[], int],
        new_id: Callable[[], str],
    ):
        self._loops = loops
        self._objects = objects
        self._fleet = fleet
        self._keyring = keyring
        self._clock = clock
        self._new_id = new_id

    def plan(self, wanted: Sequence[Wanted], *, prune: bool) -> list[Step]:
        """What is missing; with `prune` other loops are too many. Applied, it leaves no plan.

        Raises ValueError, NameReserved, PolicyRefused and what a change of settings raises.
        """
        there = {*self._fleet.loops()}
        steps = [step for each in wanted for step in self._steps(each, each.loop in there)]
        if prune:
            steps += [Delete(loop) for loop in sorted(there - {each.loop for each in wanted})]
        return steps

    def carry_out(self, step: Step) -> tuple[Place, str] | None:
        """A key, if the step makes one: this is the one time it can be read."""
        match step:
            case Make(loop, change) | Reconfigure(loop, change):
                self._fleet.put(loop, change)
            case SetPolicy(loop, chosen):
                steer.set_policy(
                    self._loops, self._objects, loop, chosen, self._new_id(), self._clock()
                )
            case MakeKey(place):
                return place, self._keyring.create(place.loop, place.slot)
            case Delete(loop):
                self._fleet.delete(loop)
        return None

    def _steps(self, wanted: Wanted, there: bool) -> Iterator[Step]:
        loop = wanted.loop
        if there:
            old = self._fleet.state(loop).configuration
            if (new := wanted.change(old)) != old:
                yield Reconfigure(loop, wanted.change, old, new)
        else:
            self._check_new(wanted)
            yield Make(loop, wanted.change)
        if wanted.policy and not self._is_set(wanted.policy, loop, there):
            yield SetPolicy(loop, wanted.policy)
        held = self._keyring.held(loop)
        yield from (MakeKey(Place(loop, slot)) for slot in wanted.slots if slot not in held)

    def _check_new(self, wanted: Wanted) -> None:
        if not may_be_named(wanted.loop):
            raise ValueError(f"not a name for a loop: {wanted.loop!r}")
        if self._loops.is_deleted(wanted.loop):
            raise NameReserved(wanted.loop)
        wanted.change(Configuration())

    def _is_set(self, wanted: Policy, loop: str, there: bool) -> bool:
        """Raises PolicyRefused."""
        present = Policy("default", DEFAULT_POLICY)
        if there:
            present = policies.read(self._objects, self._fleet.state(loop).head.policy)
        chosen = (wanted.name, policy.canonical(wanted.arguments))
        return chosen == (present.name, policy.canonical(present.arguments))
