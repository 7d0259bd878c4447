"""Which changes of the events table the accounts take note of."""

import pytest

from personalizer.domain.audit import What, notes
from personalizer.domain.event import Event, Item, State
from personalizer.domain.hub import Change
from tests.factories import NOW, a_final_event, a_stub, a_uid, an_event

PENDING, FINAL = an_event(), a_final_event()
INACTIVE = an_event(state=State.INACTIVE)
OTHER = an_event(uid=a_uid(2))


def noted(old: Item | None, new: Item | None, *, expired: bool = False) -> list[tuple[str, What]]:
    return [(note.uid, note.what) for note in notes(Change(old, new, NOW, expired))]


@pytest.mark.parametrize("new", [PENDING, INACTIVE, FINAL])
@pytest.mark.parametrize("old", [None, a_stub()])
def test_a_new_event_is_noted_whatever_state_it_starts_in(old: Item | None, new: Event) -> None:
    assert noted(old, new) == [(new.uid, What.RANKED)]


@pytest.mark.parametrize(
    ("old", "new"), [(PENDING, FINAL), (INACTIVE, PENDING), (INACTIVE, FINAL), (None, a_stub())]
)
def test_what_goes_on_is_not_noted(old: Item | None, new: Item) -> None:
    assert noted(old, new) == []


def test_what_takes_an_inactive_events_place_ends_it() -> None:
    assert noted(INACTIVE, OTHER) == [(INACTIVE.uid, What.LAPSED), (OTHER.uid, What.RANKED)]


@pytest.mark.parametrize("old", [PENDING, FINAL])
def test_what_takes_another_events_place_leaves_it_to_the_log(old: Event) -> None:
    assert noted(old, OTHER) == [(OTHER.uid, What.RANKED)]


def test_time_ends_an_inactive_event() -> None:
    assert noted(INACTIVE, None, expired=True) == [(INACTIVE.uid, What.LAPSED)]


@pytest.mark.parametrize("old", [PENDING, FINAL, a_stub()])
def test_what_time_deletes_otherwise_is_learned_or_was_nothing(old: Item) -> None:
    assert noted(old, None, expired=True) == []


@pytest.mark.parametrize("old", [PENDING, INACTIVE])
def test_what_somebody_deletes_is_erased(old: Event) -> None:
    assert noted(old, None) == [(old.uid, What.ERASED)]


@pytest.mark.parametrize("old", [FINAL, a_stub()])
def test_what_was_learned_or_was_nothing_cannot_be_erased_here(old: Item) -> None:
    assert noted(old, None) == []
