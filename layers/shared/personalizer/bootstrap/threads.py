"""Doing one thing to many, with many under way at a time."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor

THREADS = 16


def at_once[T, R](do: Callable[[T], R], things: Iterable[T]) -> Iterator[R]:
    """Like `map`; what one raises waits for the others."""
    with ThreadPoolExecutor(THREADS) as threads:
        running = [threads.submit(do, thing) for thing in things]
    yield from (done.result() for done in running)
