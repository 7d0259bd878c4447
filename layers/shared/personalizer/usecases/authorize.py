"""What a subscription key opens."""

import hashlib
import hmac

from personalizer.domain.access import Grant
from personalizer.ports import Keys


class Authorize:
    def __init__(self, keys: Keys):
        self._keys = keys

    def __call__(self, key: str) -> Grant | None:
        """A key is looked up by its hash, so timing tells nothing of others."""
        asked = hash_key(key)
        grant = self._keys.grant(asked)
        return grant if grant and hmac.compare_digest(grant.key_hash, asked) else None


def hash_key(key: str) -> str:
    """All that is kept of a key."""
    return hashlib.sha256(key.encode()).hexdigest()
