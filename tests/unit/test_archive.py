"""A signed model: what is let in is what went out."""

import io
import struct
import tracemalloc
import zipfile

import pytest

from personalizer.adapters.memory import MemorySigner
from personalizer.errors import ModelRefused
from personalizer.usecases.models import archive

MODEL = bytes(range(256)) * 40
SIGNER = MemorySigner()
PACKED = archive.signed(MODEL, SIGNER)
PARTS = archive.unpacked(PACKED)


def a_zip(parts: dict[str, bytes], packed: int = zipfile.ZIP_DEFLATED) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", packed) as file:
        for name, part in parts.items():
            file.writestr(name, part)
    return data.getvalue()


def refused(data: bytes) -> ModelRefused:
    with pytest.raises(ModelRefused) as caught:
        archive.opened(data, SIGNER)
    return caught.value


def test_a_model_comes_back_as_it_left() -> None:
    assert archive.opened(PACKED, SIGNER) == MODEL


def test_the_same_model_makes_the_same_file() -> None:
    assert archive.signed(MODEL, SIGNER) == PACKED


def test_it_holds_what_azures_does() -> None:
    assert list(PARTS) == ["model.vw", "signer.der", "sha512_signature.bin"]
    assert (PARTS["model.vw"], len(PARTS["sha512_signature.bin"])) == (MODEL, 256)


@pytest.mark.parametrize("packed", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_any_order_and_either_packing_will_do(packed: int) -> None:
    assert archive.opened(a_zip(dict(reversed(PARTS.items())), packed), SIGNER) == MODEL


@pytest.mark.parametrize("part", list(PARTS))
def test_a_changed_part_is_not_signed(part: str) -> None:
    changed = PARTS[part][:-1] + bytes([PARTS[part][-1] ^ 1])
    assert refused(a_zip({**PARTS, part: changed})).code == "InvalidModelImportSignature"


def test_another_deployments_signature_is_not_ours() -> None:
    foreign = archive.signed(MODEL, MemorySigner("theirs"))
    assert refused(foreign).code == "InvalidModelImportSignature"


@pytest.mark.parametrize("part", list(PARTS))
def test_a_part_that_is_missing_is_refused(part: str) -> None:
    others = {name: data for name, data in PARTS.items() if name != part}
    assert refused(a_zip(others)).code == "InvalidModelImportFormat"


@pytest.mark.parametrize("name", ["more.txt", "../model.vw", "MODEL.VW", "model.vw/"])
def test_a_part_too_many_is_refused(name: str) -> None:
    assert refused(a_zip({**PARTS, name: b""})).rule == "archive"


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_part_that_is_there_twice_is_refused() -> None:
    data = io.BytesIO(PACKED)
    with zipfile.ZipFile(data, "a") as file:
        file.writestr("model.vw", b"another")
    assert refused(data.getvalue()).rule == "archive"


@pytest.mark.parametrize("packed", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_packings_are_refused(packed: int) -> None:
    assert refused(a_zip(PARTS, packed)).rule == "archive"


@pytest.mark.parametrize("part", list(PARTS))
def test_a_bomb_does_not_go_off(part: str) -> None:
    size = archive.MAX_SIZES[part] + 1
    assert refused(a_zip({**PARTS, part: bytes(size)})).rule == "archive"


def test_a_bomb_that_lies_about_its_size_does_not_go_off() -> None:
    size = 8 * 1024 * 1024
    bomb = a_zip({"model.vw": bytes(size)} | PARTS | {"model.vw": bytes(size)})
    lie = bomb.replace(struct.pack("<I", size), struct.pack("<I", 16))
    assert lie != bomb
    tracemalloc.start()
    try:
        assert refused(lie).rule == "archive"
        assert tracemalloc.get_traced_memory()[1] < size / 8
    finally:
        tracemalloc.stop()


def test_every_truncation_is_refused() -> None:
    assert {refused(PACKED[:end]).code for end in range(0, len(PACKED), 64)} == {
        "InvalidModelImportFormat"
    }


def test_every_flipped_bit_is_refused_or_changes_nothing() -> None:
    for position in range(len(PACKED)):
        flipped = bytearray(PACKED)
        flipped[position] ^= 1 << position % 8
        try:
            assert archive.opened(bytes(flipped), SIGNER) == MODEL
        except ModelRefused:
            continue


@pytest.mark.parametrize("data", [b"", b"PK", b"not a zip", PARTS["model.vw"], b"\0" * 100_000])
def test_what_is_no_zip_is_refused(data: bytes) -> None:
    assert refused(data).code == "InvalidModelImportFormat"
