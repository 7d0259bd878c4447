"""Cutting a sequence into what fits."""

from hypothesis import given
from hypothesis import strategies as st

from personalizer.batches import batches


def cut(sizes: list[int], most: int, count: int = 99) -> list[list[int]]:
    return [*batches(sizes, lambda size: size, most, count)]


def test_what_fits_stays_together() -> None:
    assert cut([3, 3, 3, 3], most=6) == [[3, 3], [3, 3]]


def test_no_batch_has_more_than_so_many() -> None:
    assert cut([0] * 5, most=6, count=2) == [[0, 0], [0, 0], [0]]


def test_what_is_too_large_comes_alone() -> None:
    assert cut([1, 9, 1], most=6) == [[1], [9], [1]]


@given(st.lists(st.integers(0, 9)), st.integers(1, 20), st.integers(1, 5))
def test_nothing_is_lost_and_the_order_stays(sizes: list[int], most: int, count: int) -> None:
    found = cut(sizes, most, count)
    assert [size for batch in found for size in batch] == sizes
    assert all(found)
