"""Everything that can go wrong and has a name.

PersonalizerError
├── RequestError            the caller's fault: one of the contract's codes, 4xx
├── ExampleTooLarge         a request that does not fit where it would be kept
├── LoopNotFound            the key's loop is gone
├── NameReserved            a deleted loop had this name
├── SlotTaken               a new key would replace another, and nobody asked for that
├── ObjectMissing           something that a loop's head names is not there
│   └── GenerationNotFound  a loop never had it
├── ObjectCorrupt           something that a loop's head names is not what it was
├── NotProvable             nobody can tell (any more, or yet) whether something was learned
├── LineSkipped             a line of a log that there is nothing to learn from
├── LineRefused             a line of a log that is not what it should be
├── TokenInvalid            a continuation token that was not given for this
├── PolicyUnusable          a policy that the learner does not take
│   └── PolicyRefused       arguments that no policy may have
├── PolicyNotFound          a policy that the loop never had
├── ModelRefused            a model from elsewhere that is not safe, not whole or not signed
├── JobFailed               an evaluation that cannot be done
├── Unexplained             a decision that nobody can tell the reasons of
├── CostsChanged            a model that was taught other costs than the loop counts now
├── Overruled               a change that nobody asked for, where somebody chose otherwise
├── JobNotFound             an evaluation that the loop does not have
├── JobExists               an evaluation whose id is taken
├── JobRefused              an evaluation that nobody can make
├── JobUnfinished           an evaluation that nothing can be taken from, yet or ever
├── PolicyNotEvaluated      a policy that an evaluation did not look at
├── ModelNotEvaluated       a policy without a model that could be taken from its evaluation
├── Unreadable              a record that this version did not write
└── InfrastructureError     worth another try
    ├── ServiceUnavailable  AWS did not answer, or answered that it cannot now
    ├── HubUnavailable      the hub did not take every record
    └── LostRace            others won every attempt at a conditional write
"""

UNREADABLE = "unreadable"
"""Stands for the loop of a record that does not tell its own."""


class PersonalizerError(Exception):
    """Anything the product itself raises."""


class RequestError(PersonalizerError):
    """A request that is refused: `code` and `message` are the contract's (error-codes).

    `detail` names what exactly is wrong, as (code, message), where the contract has a text for it.
    """

    def __init__(self, status: int, code: str, message: str, detail: tuple[str, str] | None = None):
        super().__init__(detail[1] if detail else message)
        self.status = status
        self.code = code
        self.message = message
        self.detail = detail


class LoopNotFound(PersonalizerError):
    """No loop has this name."""


class NameReserved(PersonalizerError):
    """A deleted loop had this name, and events of it may still be on their way."""


class SlotTaken(PersonalizerError):
    """Where a new key should go there is one, which others may be using."""


class ExampleTooLarge(PersonalizerError):
    """Even compressed, an example has more bytes than one item may."""


class ObjectMissing(PersonalizerError):
    """An object is not in the store, although something refers to it."""


class GenerationNotFound(ObjectMissing):
    """A loop's chain of commits has no such generation."""


class ObjectCorrupt(PersonalizerError):
    """An object's bytes do not have the hash that was recorded for them."""


class NotProvable(PersonalizerError):
    """Nobody can tell, any more or yet, whether an event was learned."""


class LineSkipped(PersonalizerError):
    """A line of a log that is as it should be, and that nothing can be learned from here."""


class LineRefused(PersonalizerError):
    """A line of a log that is not what it should be: the message says why."""


class TokenInvalid(PersonalizerError):
    """A continuation token that nobody gave for what it is used for."""


class PolicyUnusable(PersonalizerError):
    """The learner refuses a policy's arguments, or the model that was made with them."""


class PolicyRefused(PolicyUnusable):
    """Arguments that no learning policy may have.

    `rule` names what they break, `option` where; of what a client sent, only that name is told.
    """

    def __init__(self, option: str, rule: str, text: str):
        super().__init__(text)
        self.option = option
        self.rule = rule


class PolicyNotFound(PersonalizerError):
    """The loop never learned by a policy of this id."""


class ModelRefused(PersonalizerError):
    """A model from elsewhere that no loop takes: `rule` names what it broke."""

    def __init__(self, rule: str, reason: str):
        super().__init__(f"{rule}: {reason}")
        self.rule = rule

    @property
    def code(self) -> str:
        """The contract's."""
        return f"InvalidModelImport{'Signature' if self.rule == 'signature' else 'Format'}"


class JobFailed(PersonalizerError):
    """An evaluation that no other attempt would bring further: the message says why, to people."""


class Unexplained(PersonalizerError):
    """A decision of which the log does not tell (any more) why it was made: `rule` says what is
    missing."""

    def __init__(self, rule: str, text: str):
        super().__init__(text)
        self.rule = rule


class CostsChanged(PersonalizerError):
    """A model that was taught with another offset of costs than its loop has now."""


class Overruled(PersonalizerError):
    """What an evaluation would do to its loop by itself, and somebody has chosen otherwise."""


class JobNotFound(PersonalizerError):
    """The loop has no evaluation of this kind and id."""

    def __init__(self, kind: str):
        super().__init__(kind)
        self.kind = kind


class JobExists(PersonalizerError):
    """There is one of this kind and id already."""

    def __init__(self, kind: str, job_id: str):
        super().__init__(kind)
        self.kind = kind
        self.job_id = job_id


class JobRefused(PersonalizerError):
    """An evaluation that was not made: `rule` names what it broke."""

    def __init__(self, kind: str, rule: str, text: str):
        super().__init__(text)
        self.kind = kind
        self.rule = rule


class JobUnfinished(PersonalizerError):
    """An evaluation that did not come to an end, yet or ever."""


class PolicyNotEvaluated(PersonalizerError):
    """No policy of this name is among an evaluation's that a loop could learn by."""


class ModelNotEvaluated(PersonalizerError):
    """The model that was learned during an evaluation is not there."""


class Unreadable(PersonalizerError):
    """A record that cannot be read: `data` is what it is.

    `place` is where it was found; if so much can be told, after the uid of an event of `loop` and a
    dot.
    """

    def __init__(self, place: str, data: bytes, reason: str, loop: str | None = None):
        super().__init__(reason)
        self.place = place
        self.data = data
        self.loop = loop or UNREADABLE


class InfrastructureError(PersonalizerError):
    """Nothing is wrong with the data: the same call may succeed later."""


class ServiceUnavailable(InfrastructureError):
    """AWS did not answer, or answered that it cannot now."""


class HubUnavailable(InfrastructureError):
    """Some records are not on the hub; all of them may be sent again."""


class LostRace(InfrastructureError):
    """Every attempt at a conditional write found that somebody else had just written."""
