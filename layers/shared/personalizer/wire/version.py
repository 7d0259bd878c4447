"""The contract's versions, and how a request says which it speaks."""

import re
from enum import IntEnum

_PATH = re.compile(r"/personalizer(?:/(v\d[\w.-]*))?(/.*)")


class Version(IntEnum):
    """In the order in which Azure published them: what one has, later ones have too."""

    V1_0 = 0
    V1_1_PREVIEW_1 = 1
    V1_1_PREVIEW_2 = 2
    V1_1_PREVIEW_3 = 3
    V2022_09_01_PREVIEW = 4


LATEST = "2022-09-01-preview"

_LABELS = {
    "v1.0": Version.V1_0,
    "v1.0-preview2019": Version.V1_0,
    "v1.1-preview.1": Version.V1_1_PREVIEW_1,
    "v1.1-preview.2": Version.V1_1_PREVIEW_2,
    "v1.1-preview.3": Version.V1_1_PREVIEW_3,
}


def label(version: Version) -> str:
    """As clients write it."""
    if version is Version.V2022_09_01_PREVIEW:
        return LATEST
    return next(name for name, each in _LABELS.items() if each is version)


def split(path: str) -> tuple[Version, str] | None:
    """The version that a path speaks, and the path after it; None for a path that is no call.

    Any label is welcome that begins like a version. A path without one is of the last version,
    which puts its label into the query, where clients may put whatever they like.
    """
    found = _PATH.fullmatch(path)
    if found is None:
        return None
    label, rest = found.groups()
    if label is None:
        return Version.V2022_09_01_PREVIEW, rest
    return _LABELS.get(label, Version.V1_1_PREVIEW_3), rest
