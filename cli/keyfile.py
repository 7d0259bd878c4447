"""Where keys go that a command makes by the way: a file that nobody else can read."""

import json
from pathlib import Path

from cli.steps import Problem
from personalizer.domain.access import Place


class KeyFile:
    """{"<loop>": {"<slot>": "<key>"}}. What is in it stays. Raises Problem for a path that cannot
    be that, before there is a key that could be lost."""

    def __init__(self, path: Path):
        self._path = path
        try:
            path.touch(mode=0o600)
            path.chmod(0o600)
            self._keys = json.loads(path.read_text() or "{}")
        except (OSError, ValueError) as error:
            raise Problem(f"{path}: {error}") from error

    def add(self, place: Place, key: str) -> None:
        self._keys.setdefault(place.loop, {})[place.slot.value] = key
        self._path.write_text(json.dumps(self._keys, indent=2) + "\n")
