"""What a learning policy may ask of Vowpal Wabbit: the options, and the values that each may have.

Whatever is not in this table is refused: among VW's five hundred options are some that write files,
open ports or never return. Every option here is tried on VW, up to the ends of its range.
"""

import re
from dataclasses import dataclass, field
from typing import Protocol

_WHOLE = re.compile(r"[0-9]{1,9}")
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_NAMESPACE = r"A-Za-z0-9!#$%&()*+,./;<=>?@\[\]^_{}~"
_WILDCARD = ":"


def is_namespace(character: str) -> bool:
    """Whether an option can name a namespace that begins like this."""
    return re.fullmatch(f"[{_NAMESPACE}]", character) is not None


class Kind(Protocol):
    """The values that an option takes."""

    def read(self, text: str) -> str:
        """The value as it is kept. Raises ValueError, which says what it must be."""


@dataclass(frozen=True, slots=True)
class Number:
    low: float
    high: float

    def read(self, text: str) -> str:
        if not _NUMBER.fullmatch(text) or not self.low <= float(text) <= self.high:
            raise ValueError(f"a number from {written(self.low)} to {written(self.high)}")
        return written(float(text))


@dataclass(frozen=True, slots=True)
class Whole:
    low: int
    high: int

    def read(self, text: str) -> str:
        if not _WHOLE.fullmatch(text) or not self.low <= int(text) <= self.high:
            raise ValueError(f"a whole number from {self.low} to {self.high}")
        return str(int(text))


@dataclass(frozen=True, slots=True)
class OneOf:
    values: tuple[str, ...]

    def read(self, text: str) -> str:
        if text not in self.values:
            raise ValueError(f"one of {', '.join(self.values)}")
        return text


@dataclass(frozen=True, slots=True)
class Namespaces:
    """Namespaces by their first character; `wild` if a colon may stand for any of them."""

    fewest: int
    most: int
    wild: bool = False

    def read(self, text: str) -> str:
        allowed = _NAMESPACE + (_WILDCARD if self.wild else "")
        if not re.fullmatch(rf"[{allowed}]{{{self.fewest},{self.most}}}", text):
            count = (
                f"{self.fewest}" if self.fewest == self.most else f"{self.fewest} to {self.most}"
            )
            raise ValueError(f"the first characters of {count} namespaces")
        return text


@dataclass(frozen=True, slots=True)
class Option:
    """A flag unless it has a `kind`. It means nothing without one of those that it belongs `to`."""

    name: str
    kind: Kind | None = None
    repeats: bool = False
    to: frozenset[str] = field(default_factory=frozenset)


def written(value: float) -> str:
    """The shortest decimal that is this number."""
    return repr(value + 0.0).removesuffix(".0")  # -0.0 + 0.0 is 0.0


COST = Number(-1e6, 1e6)
BOUNDED = frozenset({"--elim", "--regcb", "--regcbopt"})
"""What works with bounds of the cost."""

IN_ORDER = (
    Option("--cb_explore_adf"),
    Option("--cb_type", OneOf(("mtr", "ips", "dr", "dm", "sm"))),
    Option("--first", Whole(1, 1_000_000)),
    Option("--bag", Whole(1, 20)),
    Option("--cover", Whole(1, 20)),
    Option("--softmax"),
    Option("--squarecb"),
    Option("--regcb"),
    Option("--regcbopt"),
    Option("--synthcover"),
    Option("--first_only"),
    Option("--lambda", Number(0, 1e6), to=frozenset({"--softmax"})),
    Option("--gamma_scale", Number(0, 1e6), to=frozenset({"--squarecb"})),
    Option("--elim", to=frozenset({"--squarecb"})),
    Option("--mellowness", Number(0, 1e6), to=BOUNDED),
    Option("--cb_min_cost", COST, to=BOUNDED),
    Option("--cb_max_cost", COST, to=BOUNDED),
    Option("--synthcoverpsi", Number(1e-6, 1e3), to=frozenset({"--synthcover"})),
    Option("--synthcoversize", Whole(1, 1000), to=frozenset({"--synthcover"})),
    Option("-l", Number(0, 100)),
    Option("--power_t", Number(0, 1)),
    Option("--l1", Number(0, 1)),
    Option("--l2", Number(0, 1)),
    Option("--coin"),
    Option("-b", Whole(1, 22)),
    Option("--noconstant"),
    Option("--ignore", Namespaces(1, 20), repeats=True),
    Option("--ignore_linear", Namespaces(1, 20), repeats=True),
    Option("--marginal", Namespaces(1, 20)),
    Option("-q", Namespaces(2, 2, wild=True), repeats=True),
    Option("--cubic", Namespaces(3, 3, wild=True), repeats=True),
)
"""In the order in which they are written down."""

OPTIONS = {option.name: option for option in IN_ORDER}

EPSILON = Option("--epsilon", Number(0, 1))
"""Read and left out: how much to explore is the loop's setting, which the service sees to."""

INTERACTIONS = Option("--interactions", Namespaces(2, 3, wild=True), repeats=True)
"""The same as -q and --cubic, and written as these."""

OTHER_NAMES = {"--learning_rate": "-l", "--bit_precision": "-b", "--quadratic": "-q"}

EXPLORERS = frozenset(
    [
        *("--first", "--bag", "--cover", "--softmax"),
        *("--squarecb", "--regcb", "--regcbopt", "--synthcover"),
    ]
)
"""At most one; without one VW explores epsilon-greedily."""

COST_TYPES = {
    "--cover": ("mtr", "ips", "dr"),
    "--squarecb": ("mtr",),
    "--regcb": ("mtr",),
    "--regcbopt": ("mtr",),
}
"""For these explorers not every --cb_type is defined."""

MAX_INTERACTIONS = 20

_MULTI_SLOT = "is for multi-slot personalization, which is not available"
NOT_AVAILABLE = {
    "--ccb_explore_adf": _MULTI_SLOT,
    "--cats": "is for continuous actions, which are not available",
    "--cb_dro": "does not survive being saved, so that a model cannot go on learning",
}
