"""A learning policy as Azure writes it, in a request or in a file."""

import hashlib
from collections.abc import Iterable
from typing import Annotated

import msgspec
from msgspec import Meta

from personalizer.domain.policy import Policy, shown
from personalizer.domain.policy.parser import MAX_CHARACTERS
from personalizer.usecases.policies import Kept
from personalizer.wire import settings
from personalizer.wire.decode import decode

CODE = "InvalidPolicyContract"


class _Contract(msgspec.Struct):
    name: Annotated[str, Meta(max_length=256)]
    arguments: Annotated[str, Meta(max_length=MAX_CHARACTERS)]


_decode = msgspec.json.Decoder(_Contract).decode


def policy(body: bytes) -> Policy:
    """Raises RequestError; what the arguments ask for is looked at when the policy is set."""
    sent = decode(_decode, body, CODE)
    return Policy(sent.name, sent.arguments)


def response(policy: Policy, exploration: float) -> bytes:
    """`exploration` is the loop's, which the arguments tell as their epsilon."""
    return msgspec.json.encode(_Contract(policy.name, shown(policy.arguments, exploration)))


def application(loop: str) -> str:
    """What Azure answers for the name of a policy, whatever was sent: the id of the application, 32
    hex digits."""
    return hashlib.sha256(loop.encode()).hexdigest()[:32]


def history(kept: Iterable[Kept], exploration: float) -> bytes:
    """Newest first, which is the one that the loop learns by."""
    return msgspec.json.encode(
        [
            {
                "id": each.id,
                "name": each.policy.name,
                "arguments": shown(each.policy.arguments, exploration),
                "since": settings.date(each.policy.set_at),
            }
            for each in kept
        ]
    )
