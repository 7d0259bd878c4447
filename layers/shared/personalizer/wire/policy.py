"""Learning policies as Azure's clients and its exported files write them: {name, arguments}."""

import hashlib
from collections.abc import Iterable

import msgspec

from personalizer.domain import policy as policies
from personalizer.domain.policy import Policy
from personalizer.usecases.policies import Kept
from personalizer.wire import settings
from personalizer.wire.decode import decode
from personalizer.wire.errors import refused

CODE = "InvalidPolicyContract"
MAX_NAME = 256


class _Policy(msgspec.Struct):
    name: str
    arguments: str


_decode = msgspec.json.Decoder(_Policy).decode
_encode = msgspec.json.Encoder().encode


def policy(body: bytes) -> Policy:
    """Its arguments as they were sent. Raises RequestError."""
    sent = decode(_decode, body, CODE)
    if len(sent.name) > MAX_NAME:
        raise refused(CODE, "NameTooLong", f"A name has at most {MAX_NAME} characters.")
    return Policy(sent.name, sent.arguments)


def response(loop: str, arguments: str, exploration: float) -> bytes:
    """The loop's policy. For its name Azure tells the application's id, whatever was sent."""
    return _encode(_Policy(_application(loop), policies.shown(arguments, exploration)))


def history(kept: Iterable[Kept], exploration: float) -> bytes:
    """Newest first, which is the one that the loop learns by."""
    return _encode(
        [
            {
                "id": each.id,
                "name": each.policy.name,
                "arguments": policies.shown(each.policy.arguments, exploration),
                "since": settings.date(each.policy.set_at),
            }
            for each in kept
        ]
    )


def _application(loop: str) -> str:
    """32 hex digits, as Azure's ids of applications are."""
    return hashlib.sha256(loop.encode()).hexdigest()[:32]
