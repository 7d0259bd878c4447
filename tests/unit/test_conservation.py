"""The accounts: every decision is in one place, and one only."""

from personalizer.domain.loop import Configuration
from personalizer.usecases.conservation import Balance
from tests.factories import House, a_joined, a_uid, an_arrival

WAIT = Configuration().reward_wait_ms
HOUR = 3_600_000


def a_day(house: House) -> None:
    """One decision of each fate."""
    for event_id in ("rewarded", "waiting", "erased", "poison", "reused"):
        house.rank(eventId=event_id)
    house.rank(eventId="deferred", deferActivation=True)
    house.rank(eventId="reused", contextFeatures=[{"other": 1}])
    house.reward("rewarded")
    house.reward("poison")
    house.reward("reused")
    house.erase("erased")


def counts(balance: Balance) -> dict[str, int]:
    names = ("ranked", "trained", "superseded", "lapsed", "erased", "quarantined", "pending")
    return {name: len(getattr(balance, name)) for name in (*names, "in_flight")}


def test_every_decision_is_somewhere() -> None:
    house = House()
    a_day(house)
    house.relay()
    house.train(*house.arrivals())
    balance = house.balance()
    assert balance.at_rest
    assert counts(balance) == {
        "ranked": 7,
        "trained": 3,
        "superseded": 1,
        "lapsed": 0,
        "erased": 1,
        "quarantined": 1,
        "pending": 2,
        "in_flight": 0,
    }


def test_what_was_never_shown_lapses() -> None:
    house = House()
    house.rank(eventId="deferred", deferActivation=True)
    house.clock.now += WAIT + 2 * HOUR
    house.expire_by_ttl()
    house.relay()
    assert counts(house.balance())["lapsed"] == 1
    assert house.balance().at_rest


def test_an_event_whose_first_change_was_set_aside_is_quarantined_and_explained() -> None:
    house = House()
    house.quarantine.put("default", f"{a_uid(1)}.change", "unreadable", b"record")
    assert counts(house.balance())["quarantined"] == 1
    assert house.balance().at_rest


def test_what_is_on_its_way_is_in_flight() -> None:
    house = House()
    event_id = house.rank().event_id
    uid = house.uid_of(event_id)
    house.reward(event_id)
    house.relay()
    balance = house.balance()
    assert balance.holds
    assert balance.in_flight == {uid}


def test_what_the_relay_has_not_seen_yet_is_pending() -> None:
    house = House()
    house.rank()
    assert counts(house.balance())["pending"] == 1
    assert house.balance().at_rest


def test_what_nobody_ranked_and_is_learned_all_the_same_is_unexplained() -> None:
    house = House()
    house.train(an_arrival(a_joined(1), 1))
    assert house.balance().unexplained == {a_uid(1)}
    assert not house.balance().holds


def test_what_was_brought_back_and_learned_is_no_longer_in_quarantine() -> None:
    house = House()
    a_day(house)
    house.relay()
    house.train(*house.arrivals())
    learned = house.uid_of("rewarded")
    house.quarantine.put("default", learned, "long ago", b"record")
    assert counts(house.balance())["quarantined"] == 1
    assert house.balance().at_rest


def test_an_event_of_which_one_change_was_set_aside_is_where_it_ended() -> None:
    house = House()
    house.rank(eventId="erased")
    house.quarantine.put("default", f"{house.uid_of('erased')}.change-1", "edited", b"change")
    house.erase("erased")
    house.relay()
    balance = house.balance()
    assert balance.at_rest
    assert (len(balance.erased), len(balance.quarantined)) == (1, 0)
