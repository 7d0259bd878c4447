"""The loops of a deployment as administrators see them. Azure had a resource for each loop and no
such calls, so these names are ours; settings are called what Azure calls them."""

from collections.abc import Iterable, Mapping
from urllib.parse import unquote

import msgspec

from personalizer.domain.access import Held, Place, Slot
from personalizer.domain.loop import LoopState, may_be_named
from personalizer.wire import configuration, settings
from personalizer.wire.configuration import Change
from personalizer.wire.errors import refused
from personalizer.wire.version import Version

_LATEST = Version.V2022_09_01_PREVIEW
_encode = msgspec.json.Encoder().encode


def name(part: str) -> str:
    """A loop's, as a part of a path; refused if none can have it."""
    if not may_be_named(decoded := unquote(part)):
        text = "Names of loops are 1 to 40 lower-case letters, digits and dashes."
        raise refused("BadRequest", "InvalidLoopName", text)
    return decoded


def place(parts: Mapping[str, str]) -> Place:
    """A loop's slot, as parts of a path."""
    try:
        return Place(name(parts["loop"]), Slot(parts["slot"]))
    except ValueError as error:
        raise refused("ResourceNotFound") from error


def change(body: bytes) -> Change:
    """The settings that a loop should have; what is not mentioned stays, or is the default."""
    return configuration.declared(body or b"{}", _LATEST)


def listed(loops: Iterable[str]) -> bytes:
    return _encode({"value": [{"name": loop} for loop in loops]})


def shown(loop: str, state: LoopState, held: Mapping[Slot, Held]) -> bytes:
    """Settings, how often it was trained, and since when there are which keys."""
    return _encode(
        {
            "name": loop,
            "settings": msgspec.Raw(configuration.response(state.configuration, _LATEST)),
            "generation": state.head.generation,
            "keys": {slot.value: settings.date(held[slot].since) for slot in sorted(held)},
        }
    )


def key(place: Place, key: str) -> bytes:
    return _encode({"slot": place.slot.value, "key": key})
