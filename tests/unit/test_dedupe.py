"""What a loop has already trained on."""

from hypothesis import given
from hypothesis import strategies as st

from personalizer.domain.dedupe import (
    FINGERPRINT,
    SEGMENT_MS,
    SHARD_MEMORY_MS,
    WINDOW_MS,
    Delivery,
    Position,
    advanced,
    horizon_after,
    pack,
    select,
    unpack,
)
from tests.factories import NOW, a_delivery


def fresh(deliveries: list[Delivery], **positions: int) -> list[Delivery]:
    read = {shard: Position(sequence, NOW) for shard, sequence in positions.items()}
    return select(deliveries, read, {}, 0).fresh


def test_what_is_new_is_fresh_and_keeps_its_order() -> None:
    deliveries = [a_delivery(2), a_delivery(1, sequence=3)]
    assert fresh(deliveries) == deliveries


def test_what_is_at_or_behind_its_shards_position_was_trained() -> None:
    first, second, third = a_delivery(1), a_delivery(2), a_delivery(3)
    assert fresh([first, second, third], s=2) == [third]


def test_another_shards_position_does_not_matter() -> None:
    assert len(fresh([a_delivery(1)], other=9)) == 1


def test_the_first_record_of_a_shard_is_fresh() -> None:
    first = Delivery(a_delivery(1).joined, "s", 0)
    assert fresh([first]) == [first]


def test_what_was_seen_before_is_recognised_under_a_new_sequence_number() -> None:
    known = a_delivery(1, sequence=8)
    seen = {known.segment: frozenset([known.fingerprint])}
    assert select([known, a_delivery(2, sequence=9)], {}, seen, 0).fresh == [
        a_delivery(2, sequence=9)
    ]


def test_a_duplicate_within_a_batch_counts_once() -> None:
    assert fresh([a_delivery(1), a_delivery(1, sequence=2)]) == [a_delivery(1)]


def test_what_is_older_than_the_window_is_set_aside() -> None:
    aged, young = a_delivery(1, final_at=NOW - 1), a_delivery(2, final_at=NOW)
    selection = select([aged, young], {}, {}, NOW)
    assert (selection.too_old, selection.fresh) == ([aged], [young])


def test_what_is_old_but_known_is_not_set_aside() -> None:
    aged = a_delivery(1, final_at=NOW - 1)
    seen = {aged.segment: frozenset([aged.fingerprint])}
    assert select([aged], {}, seen, NOW).too_old == []


def test_the_floor_trails_the_newest_by_the_window() -> None:
    assert 0 <= NOW - WINDOW_MS - horizon_after(0, NOW) < SEGMENT_MS


def test_the_floor_lies_between_segments() -> None:
    assert horizon_after(0, NOW) % SEGMENT_MS == 0


@given(st.integers(0, NOW), st.integers(0, 2 * NOW))
def test_the_floor_never_moves_back(floor: int, newest: int) -> None:
    assert horizon_after(floor, newest) >= floor


def test_what_is_old_and_proven_new_is_fresh() -> None:
    proven = a_delivery(1, final_at=NOW - 1, absent_until=4)
    assert select([proven], {}, {}, NOW).fresh == [proven]


def test_what_was_trained_after_its_proof_is_known() -> None:
    proven = a_delivery(1, absent_until=4)
    assert select([proven], {}, {}, 0, {proven.joined.uid}).fresh == []


def test_positions_advance_to_the_highest_number_of_each_shard() -> None:
    deliveries = [a_delivery(1, sequence=7), a_delivery(2, sequence=5), a_delivery(3, shard="t")]
    before = {"s": Position(6, NOW), "u": Position(1, NOW)}
    after = {"s": Position(7, NOW + 1), "t": Position(3, NOW + 1), "u": Position(1, NOW)}
    assert advanced(before, deliveries, NOW + 1) == after


def test_positions_never_move_back() -> None:
    before = {"s": Position(9, NOW)}
    assert advanced(before, [a_delivery(1, sequence=5)], NOW + 1) == before


def test_a_shard_is_forgotten_once_the_hub_has_forgotten_it() -> None:
    assert advanced({"s": Position(9, NOW)}, [], NOW + SHARD_MEMORY_MS) == {}


@given(st.frozensets(st.binary(min_size=FINGERPRINT, max_size=FINGERPRINT)))
def test_packed_fingerprints_unpack(fingerprints: frozenset[bytes]) -> None:
    assert unpack(pack(fingerprints)) == fingerprints


def test_the_same_fingerprints_pack_to_the_same_bytes() -> None:
    a, b = b"a" * FINGERPRINT, b"b" * FINGERPRINT
    assert pack([a, b]) == pack([b, a])
