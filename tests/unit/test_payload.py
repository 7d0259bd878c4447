"""An example as one compressed blob."""

import pytest
import zstandard

from personalizer import payload
from personalizer.domain.decision import Decision
from tests.factories import an_example

THREE_LINES = payload.plain(payload.pack(an_example(features=b"two\nlines")))


@pytest.mark.parametrize("features", [b"{}", b'{"a":"\\n"}', b""])
def test_what_is_packed_unpacks(features: bytes) -> None:
    example = an_example(features=features, decision=Decision((1, 0), (0.9, 0.1), ((0, "x"),)))
    assert payload.unpack(payload.pack(example)) == example


def test_probabilities_are_kept_to_the_last_bit() -> None:
    example = an_example(decision=Decision((0,), (0.1 + 0.2,), ()))
    assert payload.unpack(payload.pack(example)).decision.probabilities == (0.1 + 0.2,)


def test_a_payload_is_smaller_than_what_it_holds() -> None:
    example = an_example(features=b'{"feature":"value"},' * 100)
    assert len(payload.pack(example)) < len(example.features) / 10


@pytest.mark.parametrize("plain", [b"", b"text\n", b"{}\n", b'{"decision":1}\n', THREE_LINES])
def test_other_compressed_bytes_are_refused(plain: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whatever it is called
        payload.unpack(zstandard.compress(plain))


@pytest.mark.parametrize("data", [b"", b"garbage", payload.pack(an_example())[:-4]])
def test_other_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whatever it is called
        payload.unpack(data)


def test_what_was_unpacked_on_the_way_is_read_as_well() -> None:
    packed = payload.pack(an_example())
    assert payload.unpack(payload.plain(packed)) == an_example()


def test_the_size_of_what_is_inside_is_known_beforehand() -> None:
    packed = payload.pack(an_example(features=b"x" * 9_000))
    assert payload.plain_size(packed) == len(payload.plain(packed)) > 9_000
