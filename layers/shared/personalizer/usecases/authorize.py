"""Which loop a subscription key opens."""

from personalizer.ports import Loops
from personalizer.usecases.provision import hash_key


class Authorize:
    def __init__(self, loops: Loops):
        self._loops = loops

    def __call__(self, key: str) -> str | None:
        """The loop, or None. A key is looked up by its hash, so timing tells nothing of others."""
        return self._loops.loop_of(hash_key(key))
