"""Cutting a sequence into what fits."""

import sys
from collections.abc import Callable, Iterable, Iterator


def batches[T](
    things: Iterable[T], size: Callable[[T], int], most: int, count: int = sys.maxsize
) -> Iterator[list[T]]:
    """The things in their order, together as long as their sizes come to no more than `most` and
    there are no more than `count`; what is larger comes alone."""
    batch: list[T] = []
    total = 0
    for thing in things:
        length = size(thing)
        if batch and (len(batch) == count or total + length > most):
            yield batch
            batch, total = [], 0
        batch.append(thing)
        total += length
    if batch:
        yield batch
