"""Reward on the wire: one number between -1 and 1."""

from decimal import Decimal

import pytest

from personalizer.errors import RequestError
from personalizer.wire.reward import value


@pytest.mark.parametrize(
    ("body", "reward"),
    [
        (b'{"value":1}', "1"),
        (b'{"value":-1.0}', "-1"),
        (b'{"value":0}', "0"),
        (b'{"value":0.1,"unknown":[]}', "0.1"),
        (b'{"value":1e-3}', "0.001"),
        (b'\xef\xbb\xbf{"value":0.5}', "0.5"),
        (b'{"value":0.200000003}', "0.200000003"),
    ],
)
def test_a_number_is_kept_to_the_digit(body: bytes, reward: str) -> None:
    assert value(body) == Decimal(reward)


def test_digits_that_no_client_means_are_rounded_away() -> None:
    assert value(b'{"value":0.30000000000000004}') == Decimal("0.3")


@pytest.mark.parametrize("number", [b"1.0000001", b"-1.5", b"1e300"])
def test_a_reward_out_of_range_is_refused(number: bytes) -> None:
    with pytest.raises(RequestError, match="between -1 and 1") as caught:
        value(b'{"value":%b}' % number)
    assert (caught.value.status, caught.value.code) == (400, "InvalidRewardRequest")


@pytest.mark.parametrize("body", [b"{}", b"[]", b'{"value":null}', b'{"value":"1"}', b"1"])
def test_anything_but_a_number_is_refused(body: bytes) -> None:
    with pytest.raises(RequestError) as caught:
        value(body)
    assert (caught.value.status, caught.value.code) == (400, "InvalidRewardRequest")


@pytest.mark.parametrize("body", [b"", b"garbage", b'{"value":NaN}', b'{"value":Infinity}'])
def test_what_is_not_json_is_refused(body: bytes) -> None:
    with pytest.raises(RequestError) as caught:
        value(body)
    assert (caught.value.status, caught.value.code) == (400, "BadRequest")


@pytest.mark.parametrize("number", [b"1e999", b"9" * 5000])
def test_a_number_beyond_all_numbers_is_refused(number: bytes) -> None:
    with pytest.raises(RequestError):
        value(b'{"value":%b}' % number)
