"""Make loops."""

import re
import secrets

from personalizer.domain.loop import DEFAULT_POLICY, Configuration, Head, LoopState
from personalizer.domain.policy import Policy
from personalizer.errors import UNREADABLE
from personalizer.ports import Loops, Objects
from personalizer.usecases.steer import put_policy

SECRET_BYTES = 32
LOOP_NAME = re.compile(r"[a-z0-9-]{1,40}")


def create_loop(loops: Loops, objects: Objects, loop: str, configuration: Configuration) -> bool:
    """Make a loop with the default policy; false, changing nothing, if it exists.

    Raises ValueError for a name other than 1 to 40 lower-case letters, digits and dashes, and
    NameReserved.
    """
    if not may_be_a_name(loop):
        raise ValueError(f"not a name for a loop: {loop!r}")
    ref = put_policy(objects, loop, Policy("default", DEFAULT_POLICY))
    head = Head(loop=loop, epoch=1, generation=0, policy=ref)
    return loops.create(loop, LoopState(configuration, secrets.token_bytes(SECRET_BYTES), head))


def may_be_a_name(loop: str) -> bool:
    return LOOP_NAME.fullmatch(loop) is not None and loop != UNREADABLE
