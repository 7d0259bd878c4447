"""Make loops."""

import secrets
from collections.abc import Callable

from personalizer.domain.loop import DEFAULT_POLICY, Configuration, Head, LoopState, may_be_named
from personalizer.domain.policy import Policy
from personalizer.ports import Loops, Objects
from personalizer.usecases import policies

SECRET_BYTES = 32


def create_loop(
    loops: Loops,
    objects: Objects,
    loop: str,
    configuration: Configuration,
    new_secret: Callable[[int], bytes] = secrets.token_bytes,
) -> bool:
    """Make a loop with the default policy; false, changing nothing, if it exists.

    `new_secret` gives so many bytes that nobody can guess. Raises ValueError for a name other than
    1 to 40 lower-case letters, digits and dashes, and NameReserved.
    """
    if not may_be_named(loop):
        raise ValueError(f"not a name for a loop: {loop!r}")
    ref = policies.put(objects, loop, Policy("default", DEFAULT_POLICY))
    head = Head(loop=loop, epoch=1, generation=0, policy=ref)
    return loops.create(loop, LoopState(configuration, new_secret(SECRET_BYTES), head))
