"""What was set aside comes back, once."""

from dataclasses import replace

import msgspec
import pytest

from personalizer import records
from personalizer.adapters.dynamodb import stream
from personalizer.adapters.memory import MemoryDeadLetters
from personalizer.domain.dedupe import WINDOW_MS
from personalizer.errors import UNREADABLE, HubUnavailable
from personalizer.ports import Hub
from personalizer.usecases.redrive import Redrive, Redriven
from tests.factories import NOW, House, a_joined, a_uid, an_arrival

DAY = 24 * 3_600_000


def redrive(house: House, hub: Hub | None = None) -> Redrive:
    return Redrive(
        house.loops,
        house.objects,
        hub or house.hub,
        house.audit,
        house.quarantine,
        stream.decode,
        house.names,
    )


def with_one_set_aside() -> House:
    """An event older than the dedupe window, in quarantine."""
    house = House()
    late = NOW + WINDOW_MS + DAY
    house.clock.now = late
    house.train(an_arrival(a_joined(1, final_at=late), 1))
    house.train(an_arrival(a_joined(2), 2))
    assert house.quarantine.places("default") == {a_uid(2)}
    return house


def train_the_hub(house: House, *, first: int) -> None:
    arrivals = house.arrivals()
    house.train(*[replace(arrival, sequence=first + n) for n, arrival in enumerate(arrivals)])


def test_what_was_too_old_to_be_proven_new_is_proven_new_and_learned() -> None:
    house = with_one_set_aside()
    assert redrive(house).quarantined("default") == Redriven(sent=1)
    train_the_hub(house, first=10)
    assert house.logged() == ["e-1", "e-2"]
    assert house.quarantine.places("default") == set()


def test_two_attempts_at_a_time_teach_it_once() -> None:
    house = with_one_set_aside()
    first, second = redrive(house), redrive(house)
    taken = house.quarantine.take("default", a_uid(2), "crashed attempt")
    assert taken
    assert first.quarantined("default") == Redriven(sent=1)
    house.quarantine.put("default", a_uid(2), taken.reason, taken.record)
    assert second.quarantined("default") == Redriven(sent=1)
    train_the_hub(house, first=10)
    assert house.logged() == ["e-1", "e-2"]


def test_what_was_learned_since_its_proof_is_not_learned_again() -> None:
    house = with_one_set_aside()
    house.hub.publish([a_joined(2, absent_until=1), a_joined(2, absent_until=1)])
    arrivals = house.arrivals()
    for number, arrival in enumerate(arrivals, 10):
        house.train(replace(arrival, sequence=number))
    assert house.logged() == ["e-1", "e-2"]


def test_what_is_in_the_log_already_is_let_go() -> None:
    house = House()
    house.train(an_arrival(a_joined(1), 1))
    house.quarantine.put("default", a_uid(1), "long ago", records.encode(a_joined(1)))
    assert redrive(house).quarantined("default") == Redriven(known=1)
    assert house.quarantine.places("default") == set()
    assert house.hub.records == []


def test_what_still_cannot_be_read_stays() -> None:
    house = House()
    house.quarantine.put(UNREADABLE, "shard-1", "garbage", b"garbage")
    assert redrive(house).quarantined(UNREADABLE) == Redriven(kept=1)
    assert house.quarantine.records[UNREADABLE, "shard-1"] == ("garbage", b"garbage")


def test_what_belongs_to_no_loop_stays() -> None:
    house = House()
    house.quarantine.put("gone", a_uid(1), "no loop", records.encode(a_joined(1, loop="gone")))
    assert redrive(house).quarantined("gone") == Redriven(kept=1)


def test_a_loop_whose_log_is_damaged_keeps_no_other_waiting() -> None:
    house, letters = House(), MemoryDeadLetters()
    house.add_loop("well")
    house.train(an_arrival(a_joined(1), 1))
    del house.memory_objects.data[house.commits()[0].log.key]
    letters.letters["sick"] = records.pack([a_joined(2)])
    letters.letters["well"] = records.pack([a_joined(3, loop="well")])
    assert redrive(house).dead_letters(letters) == Redriven(sent=1, kept=1)


def test_what_the_hub_does_not_take_is_not_let_go() -> None:
    house = with_one_set_aside()

    class Full:
        def publish(self, records: object) -> None:
            raise HubUnavailable("full")

    with pytest.raises(HubUnavailable):
        redrive(house, Full()).quarantined("default")
    assert redrive(house).quarantined("default") == Redriven(sent=1)


def test_a_dead_letter_of_the_hub_is_sent_again() -> None:
    house, letters = House(), MemoryDeadLetters()
    letters.letters["place"] = records.pack([a_joined(1), a_joined(2)])
    assert redrive(house).dead_letters(letters) == Redriven(sent=2)
    train_the_hub(house, first=1)
    assert (house.logged(), letters.letters) == (["e-1", "e-2"], {})


def test_what_cannot_be_read_of_a_dead_letter_is_set_aside() -> None:
    house, letters = House(), MemoryDeadLetters()
    letters.letters["place"] = [b"garbage", *records.pack([a_joined(1)])]
    assert redrive(house).dead_letters(letters) == Redriven(sent=1, kept=1)
    assert house.quarantine.places(UNREADABLE) == {"place-0"}
    assert letters.letters == {}


def test_a_dead_letter_that_tells_no_more_than_its_event_is_set_aside_under_that() -> None:
    house, letters = House(), MemoryDeadLetters()
    images = {"NewImage": {"pk": {"S": "default#e-1"}, "uid": {"S": a_uid(1)}, "st": {"S": "?"}}}
    change = {"eventID": "change-1", "dynamodb": images}
    letters.letters["place"] = [msgspec.json.encode(change)]
    assert redrive(house).dead_letters(letters) == Redriven(kept=1)
    assert house.quarantine.places("default") == {f"{a_uid(1)}.change-1"}
