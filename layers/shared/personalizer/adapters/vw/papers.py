"""What lies in a lesson's folder: written here for the nursery, and read from there."""

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from personalizer.adapters.vw import header, nursery, words
from personalizer.errors import InfrastructureError, ModelRefused, ObjectCorrupt, PolicyUnusable
from personalizer.ports import Opinion


def describe(folder: Path, arguments: str, base: bytes | None) -> None:
    """What every child of this lesson starts from. A model holds most of its arguments itself."""
    if base is None:
        _write_arguments(folder, words.to_start(arguments))
    else:
        _write_model(folder, words.to_continue(arguments), base)


def describe_frozen(folder: Path, model: bytes) -> None:
    """For children that only ask. Raises ObjectCorrupt."""
    try:
        options = header.read(model).options.split()
    except ModelRefused as error:
        raise ObjectCorrupt("VW does not read this model") from error
    _write_model(folder, words.to_ask(options), model)


def _write_model(folder: Path, arguments: Sequence[str], model: bytes) -> None:
    (folder / nursery.BASE_MODEL).write_bytes(model)
    _write_arguments(folder, [*arguments, "-i", str(folder / nursery.BASE_MODEL)])


def _write_arguments(folder: Path, arguments: Sequence[str]) -> None:
    (folder / nursery.ARGUMENTS).write_bytes(msgspec.json.encode(arguments))


def write_lesson(folder: Path, lines: Sequence[bytes], asked: Sequence[int], how: str) -> None:
    """Each line once, and the order in which they come: some come again and again."""
    numbers = {line: number for number, line in enumerate(dict.fromkeys(lines))}
    (folder / nursery.LINES).write_bytes(b"\n".join(numbers))
    order = [numbers[line] for line in lines]
    (folder / nursery.ORDER).write_bytes(msgspec.json.encode(order))
    (folder / nursery.ASKED).write_bytes(msgspec.json.encode((how, asked)))
    (folder / nursery.ANSWERS).write_bytes(b"")
    (folder / nursery.PROGRESS).write_bytes(bytes(nursery.PROGRESS_BYTES))


@dataclass(frozen=True, slots=True)
class Answers:
    """Of a child: to so many lines, fewer than there were if it died; which of them it refused, and
    why; and whether it died of the next one for certain."""

    count: int
    refused: Mapping[int, str]
    certain: bool


def answers(folder: Path, lines: int, status: int) -> Answers:
    """Of a child that ended like this, having been taught so many lines. Raises PolicyUnusable or
    InfrastructureError where no line is to blame."""
    count = _progress(folder)
    ready, *told = (folder / nursery.ANSWERS).read_text().splitlines() or [""]
    if ready == nursery.REFUSED:
        raise PolicyUnusable("the learner refuses the policy's arguments, or the model")
    if told[-1:] == [nursery.RUINED]:
        raise PolicyUnusable("the model has no finite opinion after these events")
    if not ready or (count == lines and status != 0):
        raise InfrastructureError(f"the learner ended with {status}")
    return Answers(count, dict(map(_refusal, told)), certain=False)


def late_answers(folder: Path) -> Answers:
    """Of a child that did not end. Raises InfrastructureError unless it is the first line's fault:
    else the line at work need not have taken the time."""
    if _progress(folder) or not (folder / nursery.ANSWERS).read_bytes():
        raise InfrastructureError("the lesson took too long")
    return Answers(0, {}, certain=True)


class Told(Mapping[int, Opinion]):
    """What was told of the lines at these places, as it was written down: read when it is looked
    at, which spares the memory."""

    def __init__(self, told: array[float], places: Iterable[int]):
        self._told = told
        self._starts: dict[int, int] = {}
        start = 0
        for place in places:
            self._starts[place] = start
            start += 1 + 2 * int(told[start])

    def __getitem__(self, place: int) -> Opinion:
        start = self._starts[place] + 1
        middle = start + int(self._told[start - 1])
        end = 2 * middle - start
        return Opinion(self._told[start:middle].tolist(), self._told[middle:end].tolist())

    def __iter__(self) -> Iterator[int]:
        return iter(self._starts)

    def __len__(self) -> int:
        return len(self._starts)


def opinions(folder: Path, places: Iterable[int]) -> Told:
    """At each of the places that were asked about and not refused."""
    return Told(array("f", (folder / nursery.OPINIONS).read_bytes()), places)


def _progress(folder: Path) -> int:
    return int.from_bytes((folder / nursery.PROGRESS).read_bytes())


def _refusal(told: str) -> tuple[int, str]:
    place, _, reason = told.partition(" ")
    return int(place), reason
