"""The arguments of a learning policy, and what the service makes of them."""

import shlex
from dataclasses import dataclass

from personalizer.errors import PolicyUnusable

MAX_CUBIC_CONTEXT = 60
"""Above this many context features a three-way interaction costs more than a decision may."""


@dataclass(frozen=True, slots=True)
class Policy:
    name: str
    arguments: str


def tokens(arguments: str) -> list[str]:
    """Raises PolicyUnusable."""
    try:
        return shlex.split(arguments)
    except ValueError as error:
        raise PolicyUnusable(str(error)) from error


def value(arguments: str, option: str) -> str | None:
    """The value given to an option; None if the option is absent."""
    words = tokens(arguments)
    if words[-1:] == [option]:
        raise PolicyUnusable(f"{option} has no value")
    return words[words.index(option) + 1] if option in words else None


def is_cubic(arguments: str) -> bool:
    return "--cubic" in tokens(arguments)


def without_cubic(arguments: str) -> str:
    words = tokens(arguments)
    kept = [
        word
        for index, word in enumerate(words)
        if word != "--cubic" and (index == 0 or words[index - 1] != "--cubic")
    ]
    return shlex.join(kept)


def too_wide(arguments: str, context_size: int) -> bool:
    """Whether a context has more features than these arguments can afford."""
    return context_size > MAX_CUBIC_CONTEXT and is_cubic(arguments)


def effective(arguments: str, widest_context: int) -> str:
    """The arguments that a model is made with: without cubic terms where contexts are wide."""
    return without_cubic(arguments) if too_wide(arguments, widest_context) else arguments


def cost_range(arguments: str) -> tuple[float, float]:
    """The lowest and the highest cost that the policy is made for."""
    low, high = value(arguments, "--cb_min_cost"), value(arguments, "--cb_max_cost")
    try:
        return float(low or "-inf"), float(high or "inf")
    except ValueError as error:
        raise PolicyUnusable(str(error)) from error
