"""Learning policies: what a client may ask of the learner, and what the service makes of it.

Arguments are kept in one canonical form, rebuilt from what was understood of them. It has no
`--epsilon`: the service mixes a loop's exploration in by itself.
"""

import math
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from personalizer.domain.loop import ObjectRef
from personalizer.domain.policy.parser import MAX_CHARACTERS, Options, parse, too_long

__all__ = [
    "MAX_CUBIC_CONTEXT",
    "TUNED",
    "Options",
    "Policy",
    "adjusted",
    "canonical",
    "continues",
    "cost_range",
    "effective",
    "is_cubic",
    "parse",
    "shown",
    "tells_costs",
    "too_wide",
    "without_cubic",
]

TUNED = ("-l", "--power_t", "--l1", "--l2")
"""What may change while a model goes on learning. Whatever else changes means another model."""

MAX_CUBIC_CONTEXT = 60
"""Above this many context features a three-way interaction costs more than a decision may."""

ROOM = 32
"""Characters that stay free for what a client is shown beside what is kept."""


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy that a loop learned by from `set_at` (epoch ms) on, and the one that it replaced.

    A loop's first has time 0, so that making the loop twice writes the same. `run` is that of the
    evaluation that set it by itself; empty if somebody asked for it.
    """

    name: str
    arguments: str
    set_at: int = 0
    previous: ObjectRef | None = None
    run: str = ""


def canonical(arguments: str) -> str:
    """The arguments as they are kept and learned with. Raises PolicyRefused."""
    kept = _written(parse(arguments))
    if len(kept) > MAX_CHARACTERS - ROOM:
        raise too_long()
    return kept


def shown(arguments: str, exploration: float) -> str:
    """Canonical arguments as a client sees them: `--epsilon` tells the loop's exploration."""
    first, *rest = canonical(arguments).split(" ")
    return " ".join([first, "--epsilon", f"{exploration:.10g}", *rest])


def continues(old: str, new: str) -> bool:
    """Whether a model that was made with the old arguments can go on learning with the new."""
    return _without(parse(old), TUNED) == _without(parse(new), TUNED)


def is_cubic(arguments: str) -> bool:
    """Of canonical arguments, or of those that VW says a model has."""
    words = arguments.split()
    return "--cubic" in words or any(
        option == "--interactions" and len(term) > 2 for option, term in pairwise(words)
    )


def without_cubic(arguments: str) -> str:
    return _written(_without(parse(arguments), ("--cubic",)))


def adjusted(arguments: str, changes: Mapping[str, Sequence[str]]) -> str:
    """With other values for these options, and without those that have none now."""
    options = {**parse(arguments), **changes}
    return canonical(" ".join(f"{name} {value}" for name in options for value in options[name]))


def too_wide(arguments: str, context_size: int) -> bool:
    """Whether a context has more features than these arguments can afford."""
    return context_size > MAX_CUBIC_CONTEXT and is_cubic(arguments)


def effective(arguments: str, widest_context: int) -> str:
    """The arguments that a model is made with: without cubic terms where contexts are wide."""
    return without_cubic(arguments) if too_wide(arguments, widest_context) else arguments


def cost_range(arguments: str) -> tuple[float, float]:
    """The lowest and the highest cost that the policy is made for."""
    options = parse(arguments)
    (low,), (high,) = (
        options.get("--cb_min_cost", (-math.inf,)),
        options.get("--cb_max_cost", (math.inf,)),
    )
    return float(low), float(high)


def tells_costs(arguments: str) -> bool:
    """Whether what such a policy predicts of an action is what it will cost: one learns scores
    instead, and one what would make its regressors differ."""
    options = parse(arguments)
    return options.get("--cb_type") != ("sm",) and "--cover" not in options


def _without(options: Options, left_out: Container[str]) -> Options:
    return {name: values for name, values in options.items() if name not in left_out}


def _written(options: Options) -> str:
    return " ".join(
        f"{name} {value}".rstrip() for name, values in options.items() for value in values
    )
