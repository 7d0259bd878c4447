"""Whatever happens in whatever order, every decision that counts is learned exactly once.

A small share of what `make simulate-faults` runs. Each history checks all that must hold after
every call of a service, and once more when everything has come to rest.
"""

import pytest

from tests.simulation.census import Census
from tests.simulation.machine import search
from tests.simulation.seeded import History

HISTORIES = 160
CHUNK = 20
SHRINKING = 20


@pytest.mark.parametrize("first", range(0, HISTORIES, CHUNK))
def test_every_history_ends_well(first: int) -> None:
    for seed in range(first, first + CHUNK):
        try:
            History(seed).run()
        except Exception as failure:
            failure.add_note(f"again: python -m tests.simulation --seed {seed}")
            raise


def test_every_history_that_can_be_shrunk_ends_well() -> None:
    search(SHRINKING)


def test_the_same_seed_is_the_same_history() -> None:
    one, other = (History(7).run() for _ in range(2))
    assert (one.faults, one.ends) == (other.faults, other.ends)


def test_every_kind_of_fault_and_every_end_of_an_event_is_visited() -> None:
    census = Census()
    for seed in range(HISTORIES):
        if not census.missing():
            return
        census.add(History(seed).run())
    assert census.missing() == set()
