"""What the hub delivered, read."""

import base64
from collections.abc import Mapping
from typing import Any

from personalizer import records
from personalizer.domain.hub import Record


def of(delivered: Mapping[str, Any]) -> list[Record]:
    """Nothing for what nobody can read."""
    try:
        return records.unpack(base64.b64decode(delivered["kinesis"]["data"]))
    except ValueError:
        return []
