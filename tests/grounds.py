"""Loops of all kinds, for what a search tries on them."""

from personalizer.domain.evaluation.candidates import Candidate, Ground, Namespaces, broad, refined
from personalizer.domain.health import Range
from personalizer.domain.loop import DEFAULT_POLICY
from personalizer.domain.policy.presets import PRESETS

AZURE = PRESETS["azure"].arguments
ZERO_TO_ONE = Range(0.0, 1.0)
FLAT = Namespaces(("F",), ("i", "j"), 10)


def a_ground(
    arguments: str = DEFAULT_POLICY,
    *,
    offset: float = 1.0,
    rewards: Range = ZERO_TO_ONE,
    namespaces: Namespaces = FLAT,
) -> Ground:
    return Ground(arguments, offset, rewards, namespaces)


GROUNDS = {
    "the default policy": a_ground(),
    "Azure's, with costs that are minus the reward": a_ground(AZURE, offset=0.0),
    "rewards beyond the policy's range": a_ground(rewards=Range(-1.0, 1.0)),
    "the same reward always": a_ground(AZURE, rewards=Range(0.0, 0.0)),
    "a nested context": a_ground(namespaces=Namespaces(("F", "h", "u"), ("i", "j", "p"), 12)),
    "a wide context": a_ground(namespaces=Namespaces(widest=61)),
    "a policy at the ends of what it may be": a_ground(
        "--cb_explore_adf --cb_type mtr --regcb --mellowness 1000000 --cb_min_cost 0"
        " --cb_max_cost 1 -l 100 --ignore hu",
        namespaces=Namespaces(("F", "h", "u"), ("i", "j"), 12),
    ),
    "a policy with as many characters as there may be": a_ground(
        "--cb_explore_adf --cb_type mtr --ignore abcdefghijklmnopqrst"
        + "".join(f" --ignore_linear {each}{'x' * 19}" for each in "abcdefghijklmnopqrstuvwyz")
    ),
    "no features": a_ground(namespaces=Namespaces((), (), 0)),
}


def all_candidates(ground: Ground) -> list[Candidate]:
    """Every one that could be tried, whatever the log says; some more than once."""
    first = broad(ground)
    return [*first, *(each for best in first for each in refined(ground, best))]
