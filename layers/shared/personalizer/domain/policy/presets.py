"""Policies that have a name of their own, each with the settings that belong to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from personalizer.domain.loop import DEFAULT_POLICY, Configuration
from personalizer.domain.policy import Policy, without_cubic
from personalizer.domain.replay import NO_REPLAY

_OURS: Mapping[str, object] = {
    name: getattr(Configuration(), name)
    for name in ("exploration", "model_export_ms", "cost_offset", "replay")
}
_FEATURES = "-q :i -q :j --cubic ::i"


@dataclass(frozen=True, slots=True)
class Preset:
    """`settings` are by their names in Configuration, the same for all presets, so that each undoes
    what another did; a loop's others stay. `about`: when to use it."""

    arguments: str
    about: str
    settings: Mapping[str, object] = field(default_factory=lambda: _OURS)

    def settled(self, old: Configuration) -> Configuration:
        return replace(old, **self.settings)  # type: ignore[arg-type]


PRESETS = {
    "default": Preset(
        DEFAULT_POLICY, "Learns much from little, and follows when tastes change. Begin with it."
    ),
    "signed": Preset(
        DEFAULT_POLICY.replace("--cb_max_cost 1", "--cb_max_cost 2"),
        "The same for rewards from -1 to 1: by default all below 0 count as 0.",
    ),
    "wide": Preset(
        without_cubic(DEFAULT_POLICY),
        "The same without pairs of context features: for contexts of 60 and more, or for speed.",
    ),
    "greedy": Preset(
        f"--cb_explore_adf --cb_type mtr {_FEATURES}",
        "Shows what is best so far, but for the loop's exploration: easy to explain, and cheap.",
    ),
    "squarecb": Preset(
        f"--cb_explore_adf --cb_type mtr --squarecb --gamma_scale 100 {_FEATURES}",
        "Explores in proportion to what an action may be worth: every action always has a chance.",
    ),
    "azure": Preset(
        "--cb_explore_adf --cb_type mtr -l 0.001 --power_t 0 -q ::",
        "As Azure's Personalizer was by default, which learns slowly: to compare, or stay as is.",
        {
            "exploration": 0.2,
            "model_export_ms": 300_000,
            "cost_offset": 0.0,
            "replay": NO_REPLAY,
        },
    ),
}


def named(name: str) -> Policy:
    """Raises KeyError."""
    return Policy(name, PRESETS[name].arguments)
