"""Put a model in the place of a loop's own: one from elsewhere, one that the loop had before, or
one that was learned from its log.

It is a commit like any other, and one write of the head: a trainer under way fails to move that,
and goes on from here. It goes live at once, since somebody has asked for it.
"""

from collections.abc import Callable
from dataclasses import replace

from personalizer.domain import policy
from personalizer.domain.commit import Source
from personalizer.domain.evaluation.result import Learned
from personalizer.domain.policy import Policy
from personalizer.errors import CostsChanged, LostRace
from personalizer.ports import Engine, Loops, Objects
from personalizer.usecases import chain, policies
from personalizer.usecases.mandate import OWNER, Mandate
from personalizer.usecases.models.pupil import Effort, Pupil
from personalizer.usecases.steer import ATTEMPTS
from personalizer.usecases.training import ledger as ledgers
from personalizer.usecases.training import step as steps
from personalizer.usecases.training.ledger import Grounds, Ledger
from personalizer.usecases.training.step import Step

type Choice = tuple[Policy | None, Step]
"""Another policy, if it is not to be the present one, and the model."""


class Placing:
    """`clock` gives epoch ms; `new_commit_id` a name that no other attempt will ever use.

    All calls return the generation that they made.
    """

    def __init__(
        self,
        loops: Loops,
        objects: Objects,
        engine: Engine,
        clock: Callable[[], int],
        new_commit_id: Callable[[], str],
    ):
        self._loops = loops
        self._objects = objects
        self._engine = engine
        self._clock = clock
        self._new_commit_id = new_commit_id

    def adopt(self, loop: str, model: bytes) -> int:
        """Go on from a model from elsewhere, by the policy that it was made with.

        Raises ModelRefused.
        """
        arguments = self._engine.examine(model)
        return self._placed(loop, lambda ledger: self._adopted(ledger, model, arguments))

    def roll_back(self, loop: str, generation: int, mandate: Mandate = OWNER) -> int:
        """Go on from an earlier model, by the policy of its time; the log stays as it is.

        Raises GenerationNotFound, CostsChanged, Overruled, and ObjectMissing or ObjectCorrupt for a
        model that is lost.
        """
        return self._placed(loop, lambda ledger: self._earlier(ledger, generation), mandate)

    def learned(
        self,
        loop: str,
        chosen: Policy,
        learned: Learned,
        model: bytes,
        effort: Effort,
        mandate: Mandate = OWNER,
    ) -> int:
        """Go on from a model that was learned from the loop's own log, by the policy that it was
        learned with; what the log got since, it learns first, if that is not too much.

        Raises CostsChanged, Overruled.
        """
        pupil = Pupil(self._objects, self._engine, learned, model, self._clock, effort)
        return self._placed(
            loop, lambda ledger: self._taught(ledger, chosen, learned, pupil), mandate
        )

    def _placed(
        self, loop: str, choose: Callable[[Ledger], Choice], mandate: Mandate = OWNER
    ) -> int:
        for _ in range(ATTEMPTS):
            found = ledgers.read(self._objects, self._loops.state(loop, consistent=True), [])
            head = found.state.head
            chosen, step = choose(found)
            mandate.check(head)  # late, as to choose takes its time
            ledger = self._steered(found, chosen, mandate)
            commit_id, now = self._new_commit_id(), self._clock()
            if steps.write(self._loops, self._objects, ledger, step, commit_id, now, head):
                return head.generation + 1
        raise LostRace(loop)

    def _adopted(self, ledger: Ledger, model: bytes, arguments: str) -> Choice:
        """The loop keeps its policy if the model can go on learning by it."""
        chosen, current = None, ledger.arguments(widest_context=0)
        if policy.continues(current, arguments):
            arguments = current
        else:
            chosen = Policy("imported", arguments)
        step = Step(arguments, Grounds(None, None), model, source=Source.IMPORTED)
        return chosen, step

    def _earlier(self, ledger: Ledger, generation: int) -> Choice:
        head, offset = ledger.state.head, ledger.state.configuration.cost_offset
        commit = chain.find(self._objects, head.commit, generation)
        _check_costs(f"generation {generation}", commit.cost_offset, offset)
        same = commit.policy == head.policy
        chosen = None if same else policies.read(self._objects, commit.policy)
        model = chain.given(self._objects, commit)
        step = Step(commit.arguments, Grounds(commit.model, model), model, source=Source.RESTORED)
        return chosen, step

    def _taught(self, ledger: Ledger, chosen: Policy, learned: Learned, pupil: Pupil) -> Choice:
        offset = ledger.state.configuration.cost_offset
        _check_costs(f"the model of {chosen.name}", learned.cost_offset, offset)
        return chosen, pupil.step(ledger.state.head)

    def _steered(self, ledger: Ledger, chosen: Policy | None, mandate: Mandate) -> Ledger:
        """By the policy that was chosen, noted like any change of policy, or by the present one."""
        head = ledger.state.head
        if chosen is None:
            return ledger.steered(head.policy, ledger.policy_arguments)
        noted = replace(chosen, set_at=self._clock(), previous=head.policy, run=mandate.run)
        return ledger.steered(policies.put(self._objects, head.loop, noted), noted.arguments)


def _check_costs(what: str, taught: float, present: float) -> None:
    if taught != present:
        raise CostsChanged(
            f"{what} was taught with a cost offset of {taught}, and the loop now has {present}"
        )
