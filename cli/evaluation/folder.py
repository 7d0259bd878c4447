"""A folder in the place of the bucket: for what an evaluation on this machine makes on its way."""

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

from personalizer.domain.loop import ObjectRef
from personalizer.errors import ObjectCorrupt, ObjectMissing

_UNFINISHED = ".unfinished"


class Folder:
    """Objects and a workbench, each under its key as a file: several processes may share it."""

    def __init__(self, root: Path):
        self._root = root

    def put(self, key: str, data: bytes) -> ObjectRef:
        path = self._path(key)
        if path.exists() and path.read_bytes() != data:
            raise ObjectCorrupt(key)
        self.write(key, data)
        return ObjectRef(key, hashlib.sha256(data).hexdigest())

    def get(self, ref: ObjectRef) -> bytes:
        data = self.read(ref.key)
        if hashlib.sha256(data).hexdigest() != ref.sha256:
            raise ObjectCorrupt(ref.key)
        return data

    def keys(self, prefix: str, after: str = "") -> Iterable[str]:
        files = (path for path in self._root.rglob("*") if path.is_file())
        found = (path.relative_to(self._root).as_posix() for path in files)
        return sorted(key for key in found if _is_of(key, prefix) and key > after)

    def read(self, key: str) -> bytes:
        try:
            return self._path(key).read_bytes()
        except FileNotFoundError as error:
            raise ObjectMissing(key) from error

    def write(self, key: str, data: bytes) -> None:
        """Whoever reads meanwhile finds the old, whole."""
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(f"{path.name}.{os.getpid()}{_UNFINISHED}")
        unfinished.write_bytes(data)
        unfinished.replace(path)

    def delete(self, keys: Iterable[str]) -> None:
        for key in keys:
            self._path(key).unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        return self._root / key


def _is_of(key: str, prefix: str) -> bool:
    return key.startswith(prefix) and not key.endswith(_UNFINISHED)
