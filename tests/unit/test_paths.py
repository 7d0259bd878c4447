"""What a request's path says."""

import pytest

from personalizer.errors import RequestError
from personalizer.wire.paths import collapsed, event_id

CODE = "InvalidRewardRequest"


@pytest.mark.parametrize(
    ("raw", "decoded"),
    [
        ("e-1", "e-1"),
        ("a%2Fb", "a/b"),
        ("a/b", "a/b"),
        ("a%252Fb", "a%2Fb"),
        ("a+b", "a+b"),
        ("a%2Bb", "a+b"),
        ("a%20b", "a b"),
        ("%E6%97%A5", "日"),
        ("日", "日"),
        ("100%", "100%"),
        ("%zz", "%zz"),
        ("%00", "\x00"),
    ],
)
def test_an_id_is_decoded_exactly_once(raw: str, decoded: str) -> None:
    assert event_id(raw, CODE) == decoded


@pytest.mark.parametrize("raw", ["%FF", "%ED%A0%80", "%C3"])
def test_an_id_that_is_not_utf8_is_refused(raw: str) -> None:
    with pytest.raises(RequestError, match="UTF-8") as caught:
        event_id(raw, CODE)
    assert (caught.value.status, caught.value.code) == (400, CODE)


def test_the_length_is_that_of_the_decoded_id() -> None:
    assert len(event_id("%E6%97%A5" * 256, CODE)) == 256


@pytest.mark.parametrize("raw", ["", "x" * 257])
def test_an_id_of_no_possible_length_is_refused(raw: str) -> None:
    with pytest.raises(RequestError) as caught:
        event_id(raw, CODE)
    assert caught.value.code == CODE


def test_doubled_slashes_count_once() -> None:
    assert collapsed("//personalizer///v1.0/rank") == "/personalizer/v1.0/rank"
