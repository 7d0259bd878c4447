"""Put a model in the place of a loop's own: one from elsewhere, or one that the loop had before.

It is a commit like any other, and one write of the head: a trainer under way fails to move that,
and goes on from here. It goes live at once, since somebody has asked for it.
"""

from collections.abc import Callable
from dataclasses import replace

from personalizer.domain import policy
from personalizer.domain.loop import ObjectRef
from personalizer.domain.policy import Policy
from personalizer.errors import CostsChanged, LostRace
from personalizer.ports import Engine, Loops, Objects
from personalizer.usecases import chain
from personalizer.usecases.chain import Grounds
from personalizer.usecases.steer import ATTEMPTS, put_policy
from personalizer.usecases.training import ledger as ledgers
from personalizer.usecases.training import step as steps
from personalizer.usecases.training.ledger import Ledger
from personalizer.usecases.training.step import Step


class Placing:
    """`clock` gives epoch ms; `new_commit_id` a name that no other attempt will ever use.

    Both calls return the generation that they made.
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

    def roll_back(self, loop: str, generation: int) -> int:
        """Go on from an earlier model, by the policy of its time; the log stays as it is.

        Raises GenerationNotFound, CostsChanged, and ObjectMissing or ObjectCorrupt for a model that
        is lost.
        """
        return self._placed(loop, lambda ledger: self._earlier(ledger, generation))

    def _placed(self, loop: str, choose: Callable[[Ledger], tuple[Step, ObjectRef]]) -> int:
        for _ in range(ATTEMPTS):
            state = self._loops.state(loop, consistent=True)
            ledger = ledgers.read(self._objects, state, [])
            step, policy_ref = choose(ledger)
            head = replace(state.head, epoch=state.head.epoch + 1, policy=policy_ref, publish_at=0)
            commit_id, now = self._new_commit_id(), self._clock()
            if steps.write(self._loops, self._objects, ledger, step, commit_id, now, head):
                return head.generation + 1
        raise LostRace(loop)

    def _adopted(self, ledger: Ledger, model: bytes, arguments: str) -> tuple[Step, ObjectRef]:
        """The loop keeps its policy if the model can go on learning by it."""
        head, current = ledger.state.head, ledger.arguments(widest_context=0)
        grounds = Grounds(None, None)
        if policy.continues(current, arguments):
            return Step(current, grounds, model, imported=True), head.policy
        ref = put_policy(self._objects, head.loop, Policy("imported", arguments))
        return Step(arguments, grounds, model, imported=True), ref

    def _earlier(self, ledger: Ledger, generation: int) -> tuple[Step, ObjectRef]:
        state = ledger.state
        commit = chain.find(self._objects, state.head.commit, generation)
        if commit.cost_offset != state.configuration.cost_offset:
            raise CostsChanged(
                f"generation {generation} was taught with a cost offset of {commit.cost_offset},"
                f" and the loop now has {state.configuration.cost_offset}"
            )
        model = self._objects.get(commit.model.object)
        return Step(commit.arguments, Grounds(commit.model, model), model), commit.policy
