"""Names for the policies that nobody named: none has a name that another has."""

from collections.abc import Collection
from itertools import count


def unused(name: str, taken: Collection[str]) -> str:
    """The name, with a number if somebody else has it."""
    numbered = (f"{name}-{number}" for number in count(2))
    return name if name not in taken else next(each for each in numbered if each not in taken)
