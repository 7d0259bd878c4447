"""Rank requests of the two sizes that are measured."""

import json
from dataclasses import dataclass
from random import Random

AZURE_POLICY = "--cb_explore_adf --epsilon 0.2 --power_t 0 -l 0.001 --cb_type mtr -q ::"


@dataclass(frozen=True, slots=True)
class Size:
    actions: int
    action_features: int
    context_features: int


SMALL = Size(10, 5, 10)
LARGE = Size(50, 10, 20)


def bodies(size: Size, count: int, *, new_actions: bool, seed: int = 1) -> list[bytes]:
    """Bodies whose contexts and event ids are new; the catalogue repeats unless `new_actions`."""
    random = Random(seed)
    catalogue = _actions(size, random)
    return [
        json.dumps(
            {
                "contextFeatures": [_features("c", size.context_features, random)],
                "actions": _actions(size, random) if new_actions else catalogue,
                "eventId": f"event-{number}",
            }
        ).encode()
        for number in range(count)
    ]


def _actions(size: Size, random: Random) -> list[dict[str, object]]:
    return [
        {"id": f"action-{i}", "features": [_features("f", size.action_features, random)]}
        for i in range(size.actions)
    ]


def _features(prefix: str, count: int, random: Random) -> dict[str, object]:
    """Half numbers, half words."""
    return {
        f"{prefix}{i}": round(random.random(), 3) if i % 2 else random.choice("abcdefgh")
        for i in range(count)
    }
