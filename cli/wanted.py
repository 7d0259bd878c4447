"""The file of `loops apply`: which loops there should be, in YAML or JSON.

loops:
  news:
    settings:                  # named as in Azure's service configuration
      rewardWaitTime: PT10M
      explorationPercentage: 0.1
    policy:                    # or the name of a preset: `policies presets` lists them
      name: mine
      arguments: --cb_explore_adf --epsilon 0
    keys: [1, rank-1]          # slots that should hold a key
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from cli.steps import Problem
from personalizer.domain.access import Slot
from personalizer.domain.loop import Configuration
from personalizer.domain.policy import Policy, presets
from personalizer.domain.policy.presets import PRESETS
from personalizer.errors import RequestError
from personalizer.usecases.apply import Wanted
from personalizer.usecases.configure import Change
from personalizer.wire import configuration
from personalizer.wire.loops import change


class _Policy(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    arguments: str


class _Loop(msgspec.Struct, forbid_unknown_fields=True):
    settings: dict[str, Any] = {}
    policy: _Policy | str | None = None
    keys: list[int | str] = []


class _File(msgspec.Struct, forbid_unknown_fields=True):
    loops: dict[str, _Loop | None]


def read(path: Path) -> list[Wanted]:
    """Raises Problem for a file that is none, or that says what no loop can be."""
    try:
        file = msgspec.yaml.decode(path.read_bytes(), type=_File)
    except (OSError, msgspec.MsgspecError) as error:
        raise Problem(f"{path}: {error}") from error
    return [_wanted(name, loop or _Loop()) for name, loop in file.loops.items()]


def _wanted(name: str, loop: _Loop) -> Wanted:
    if unknown := sorted(loop.settings.keys() - configuration.SETTINGS):
        raise Problem(f"{name}: there is no setting {', '.join(unknown)}.")
    try:
        slots = [Slot(str(slot)) for slot in loop.keys]
        settings = change(msgspec.json.encode(loop.settings))
    except (ValueError, RequestError) as error:
        raise Problem(f"{name}: {error}") from error
    if isinstance(loop.policy, str):
        return _by_preset(name, loop.policy, settings, slots)
    policy = Policy(loop.policy.name, loop.policy.arguments) if loop.policy else None
    return Wanted(name, settings, policy, slots)


def _by_preset(loop: str, name: str, settings: Change, slots: Sequence[Slot]) -> Wanted:
    """What the file says of the settings counts for more than what the preset does."""
    if name not in PRESETS:
        raise Problem(f"{loop}: there is no policy {name!r}; there are {', '.join(PRESETS)}.")

    def settled(old: Configuration) -> Configuration:
        return settings(PRESETS[name].settled(old))

    return Wanted(loop, settled, presets.named(name), slots)
