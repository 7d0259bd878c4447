"""Make loops, and keys that open them."""

import re
import secrets

from personalizer.domain.loop import DEFAULT_POLICY, Configuration, Head, LoopState
from personalizer.domain.policy import Policy
from personalizer.errors import UNREADABLE
from personalizer.ports import Loops, Objects
from personalizer.usecases import policies
from personalizer.usecases.authorize import hash_key

SECRET_BYTES = 32
LOOP_NAME = re.compile(r"[a-z0-9-]{1,40}")


def create_loop(loops: Loops, objects: Objects, loop: str, configuration: Configuration) -> bool:
    """Make a loop with the default policy; false, changing nothing, if it exists.

    Raises ValueError for a name other than 1 to 40 lower-case letters, digits and dashes.
    """
    if not LOOP_NAME.fullmatch(loop) or loop == UNREADABLE:
        raise ValueError(f"not a name for a loop: {loop!r}")
    ref = policies.put(objects, loop, Policy("default", DEFAULT_POLICY))
    head = Head(loop=loop, epoch=1, generation=0, policy=ref)
    return loops.create(loop, LoopState(configuration, secrets.token_bytes(SECRET_BYTES), head))


def create_key(loops: Loops, loop: str) -> str:
    """A new subscription key. Only its hash is kept, so this is the one time it can be read."""
    key = secrets.token_urlsafe(SECRET_BYTES)
    loops.add_key(hash_key(key), loop)
    return key
