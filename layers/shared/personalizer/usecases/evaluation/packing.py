"""Laying the lines of a part on the desk, in pieces that a study can hold in memory."""

from collections.abc import Iterable

from personalizer.usecases.evaluation.desk import Desk
from personalizer.usecases.evaluation.parts import Run

PIECE_BYTES = 32 * 1024 * 1024


class Packing:
    """A piece is laid once the next line has no place in it; a line that is larger comes alone."""

    def __init__(self, desk: Desk, part: int):
        self._desk = desk
        self._part = part
        self._number = 0
        self._runs: list[tuple[int, list[bytes]]] = []
        self._size = self._end = 0

    def add(self, first: int, lines: Iterable[bytes]) -> None:
        """Lines that stand together in the log, the first at this place."""
        for place, line in enumerate(lines, first):
            if self._size and self._size + len(line) > PIECE_BYTES:
                self._lay()
            if not self._runs or self._end != place:
                self._runs.append((place, []))
            self._runs[-1][1].append(line)
            self._size += len(line)
            self._end = place + 1

    def close(self) -> None:
        if self._runs:
            self._lay()

    def _lay(self) -> None:
        self._desk.lay_piece(self._part, self._number, [Run(*run) for run in self._runs])
        self._number += 1
        self._runs, self._size = [], 0
