"""Everything that can go wrong and has a name.

PersonalizerError
├── RequestError            the caller's fault: one of the contract's codes, 4xx
├── LoopNotFound            the key's loop is gone
├── ExampleTooLarge         a request that does not fit where it would be kept
└── InfrastructureError     worth another try
    ├── HubUnavailable      the hub did not take every record
    ├── LostRace            others won every attempt at a conditional write
    ├── ObjectMissing       something that the head names is not there
    └── ObjectCorrupt       something that the head names is not what it was
"""


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


class ExampleTooLarge(PersonalizerError):
    """Even compressed, an example has more bytes than one item may."""


class ObjectMissing(PersonalizerError):
    """An object is not in the store, although something refers to it."""


class ObjectCorrupt(PersonalizerError):
    """An object's bytes do not have the hash that was recorded for them."""


class InfrastructureError(PersonalizerError):
    """Nothing is wrong with the data: the same call may succeed later."""


class HubUnavailable(InfrastructureError):
    """Some records are not on the hub; all of them may be sent again."""


class LostRace(InfrastructureError):
    """Every attempt at a conditional write found that somebody else had just written."""
