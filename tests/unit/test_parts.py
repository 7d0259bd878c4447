"""Parts of a log on their way to those who evaluate policies."""

import msgspec
import pytest
import zstandard

from personalizer.errors import ObjectCorrupt
from personalizer.usecases.evaluation import parts
from personalizer.usecases.evaluation.parts import Run

PART = (Run(7, (b"one", b"two")), Run(100, (b'{"three":3}',)), Run(101, ()))


def packed(thing: object) -> bytes:
    return zstandard.compress(msgspec.msgpack.encode(thing))


@pytest.mark.parametrize("part", [PART, ()])
def test_what_was_packed_is_unpacked(part: parts.Part) -> None:
    found = parts.decode(parts.encode(part))
    assert [(run.first, [*run.lines]) for run in found] == [(r.first, [*r.lines]) for r in part]


def test_a_run_ends_after_its_last_line() -> None:
    assert [run.end for run in PART] == [9, 101, 101]


def test_a_part_is_smaller_than_its_lines() -> None:
    assert len(parts.encode([Run(0, [b'{"feature":"value"}' * 100] * 100)])) < 1_000


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"garbage",
        parts.encode(PART)[:-1],
        packed("text"),
        packed([[7]]),
        packed([["7", [b"one"]]]),
        packed([[7, ["text"]]]),
        packed([[7, [b"one", b"two"]], [8, [b"three"]]]),
        zstandard.compress(b"\x91" * 100_000),
        zstandard.FRAME_HEADER + b"\xe0" + (1 << 44).to_bytes(8, "little") + b"\x01\x00\x00",
    ],
)
def test_what_is_no_part_is_corrupt(data: bytes) -> None:
    with pytest.raises(ObjectCorrupt):
        parts.decode(data)


def test_a_part_that_could_not_be_read_back_is_not_made() -> None:
    with pytest.raises(ValueError, match="bytes"):
        parts.encode([Run(0, [bytes(1 << 20)] * 128)])
