"""What a feature is called, in the log and to VW."""

from typing import NamedTuple


class Feature(NamedTuple):
    """`name` as it is in the log, or empty for all of a namespace. A namespace is `FromUrl` (the
    context), `i` (an action's id), `j` (an action's features), or the key of a nested object or of
    an array of numbers, wherever that is; such an array is one feature, without a name."""

    namespace: str
    name: str = ""
