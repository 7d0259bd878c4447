"""What one policy does otherwise than another, in words."""

from collections.abc import Iterator, Sequence

from personalizer.domain.policy import Options, parse
from personalizer.domain.policy.options import EXPLORERS, IN_ORDER

GREEDY = "greedy"

_OF_EXPLORERS = (*EXPLORERS, *(option.name for option in IN_ORDER if option.to), "--first_only")
_GROUPS = {
    "exploration": (GREEDY, _OF_EXPLORERS),
    "learning rate": ("0.5", ("-l",)),
    "decay of the learning rate": ("0.5", ("--power_t",)),
    "interactions": ("none", ("-q", "--cubic")),
    "ignored namespaces": ("none", ("--ignore",)),
    "averages by namespace": ("none", ("--marginal",)),
}
"""By what they are about: what goes without saying, and the options that say something else."""

_NAMED = ("-l", "--power_t", "--ignore", "--marginal")
"""Options that the name of their group says already."""


def changed(old: str, new: str) -> tuple[str, ...]:
    """Empty, if both are the same."""
    before, after = dict(_told(parse(old))), dict(_told(parse(new)))
    return tuple(
        f"{about}: {after.get(about, 'none')} instead of {before.get(about, 'none')}"
        for about in dict.fromkeys([*before, *after])
        if before.get(about) != after.get(about)
    )


def _told(options: Options) -> Iterator[tuple[str, str]]:
    for about, (unsaid, names) in _GROUPS.items():
        yield about, _written(options, names) or unsaid
    grouped = {name for _, names in _GROUPS.values() for name in names}
    for name in options:
        if name not in grouped:
            yield name.lstrip("-"), _written(options, (name,), named=True) or "set"


def _written(options: Options, names: Sequence[str], *, named: bool = False) -> str:
    said = [(name, value) for name in options if name in names for value in options[name]]
    return " ".join(
        value if named or name in _NAMED else f"{name} {value}".rstrip() for name, value in said
    )
