"""A learning policy as Azure writes it, in a request or in a file."""

from typing import Annotated

import msgspec
from msgspec import Meta

from personalizer.domain.policy import Policy, shown
from personalizer.domain.policy.parser import MAX_CHARACTERS
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
