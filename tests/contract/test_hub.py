"""What every event hub promises."""

import random
from collections.abc import Callable
from typing import Any, cast

import pytest
from botocore.exceptions import ReadTimeoutError

from personalizer import records
from personalizer.adapters.kinesis import MAX_BYTES, MAX_RECORDS, KinesisHub
from personalizer.adapters.memory import MemoryHub
from personalizer.domain.hub import Announced, Joined, Record
from personalizer.errors import HubUnavailable
from personalizer.ports import Hub
from tests.factories import NOW, a_joined, a_uid

type Read = Callable[[], list[Record]]


def ranked(number: int, loop: str = "default") -> Announced:
    return Announced("ranked", loop, f"e-{number}", a_uid(number), NOW, 0)


def of_its_own(number: int) -> Announced:
    """A record that travels alone, as no other is of its loop."""
    return ranked(number, f"loop-{number}")


@pytest.fixture(params=["memory", "kinesis"])
def hub_and_read(request: pytest.FixtureRequest) -> tuple[Hub, Read]:
    """A hub, and how to see what is on it."""
    if request.param == "memory":
        memory = MemoryHub()
        return memory, lambda: memory.records
    client, stream = request.getfixturevalue("kinesis"), request.getfixturevalue("stream")
    return KinesisHub(client, stream), lambda: read(client, stream)


def read(client: Any, stream: str) -> list[Record]:
    (shard,) = client.list_shards(StreamName=stream)["Shards"]
    start = client.get_shard_iterator(
        StreamName=stream, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
    )
    found = client.get_records(ShardIterator=start["ShardIterator"])["Records"]
    return [record for each in found for record in records.unpack(each["Data"])]


def test_records_arrive_as_they_were_sent(hub_and_read: tuple[Hub, Read]) -> None:
    hub, read = hub_and_read
    sent: list[Record] = [ranked(1), a_joined(2, payload=b"\x00\xff")]
    hub.publish(sent)
    assert read() == sent


def test_a_loops_records_keep_their_order(hub_and_read: tuple[Hub, Read]) -> None:
    hub, read = hub_and_read
    sent = [ranked(number, loop) for number in range(400) for loop in ("a", "b")]
    hub.publish(sent[:300])
    hub.publish(sent[300:])
    assert [r for r in read() if r.loop == "a"] == [r for r in sent if r.loop == "a"]


def test_nothing_can_be_sent(hub_and_read: tuple[Hub, Read]) -> None:
    hub, read = hub_and_read
    hub.publish([])
    assert read() == []


# --------------------------------------------------------------- Kinesis alone


class Choosy:
    """A stream that takes what it likes: `refusals` says what it refuses of each call."""

    def __init__(self, *refusals: Callable[[str], bool]):
        self.calls: list[list[str]] = []
        self.sizes: list[int] = []
        self.taken: list[str] = []
        self._refusals = list(refusals)

    def put_records(self, *, StreamName: str, Records: list[dict[str, Any]]) -> Any:  # noqa: N803
        refuses = self._refusals.pop(0) if self._refusals else lambda _: False
        ids = ["+".join(r.event_id for r in records.unpack(e["Data"])) for e in Records]
        self.calls.append(ids)
        self.sizes.append(sum(len(e["Data"]) + len(e["PartitionKey"]) for e in Records))
        self.taken += [event_id for event_id in ids if not refuses(event_id)]
        failed = {"ErrorCode": "ProvisionedThroughputExceededException"}
        return {"Records": [failed if refuses(i) else {"SequenceNumber": "1"} for i in ids]}


class Silent:
    def put_records(self, **request: Any) -> None:
        raise ReadTimeoutError(endpoint_url="hub")


def hub(client: Any, pauses: list[float] | None = None) -> KinesisHub:
    return KinesisHub(client, "hub", sleep=(pauses if pauses is not None else []).append)


def test_everything_from_the_first_refused_record_on_goes_again_in_order() -> None:
    choosy = Choosy(lambda event_id: event_id == "e-1")
    hub(choosy).publish([of_its_own(number) for number in range(4)])
    assert choosy.calls == [["e-0", "e-1", "e-2", "e-3"], ["e-1", "e-2", "e-3"]]


def test_the_first_time_that_each_record_was_taken_is_in_order() -> None:
    choosy = Choosy(lambda i: i in {"e-1", "e-3"}, lambda i: i == "e-3", lambda i: i == "e-3")
    hub(choosy).publish([of_its_own(number) for number in range(5)])
    last = {event_id: place for place, event_id in enumerate(choosy.taken)}
    assert sorted(last, key=lambda event_id: last[event_id]) == [f"e-{n}" for n in range(5)]


def test_what_happened_to_a_loop_at_one_time_travels_together() -> None:
    choosy = Choosy()
    hub(choosy).publish([ranked(1), of_its_own(2), ranked(3)])
    assert choosy.calls == [["e-1+e-3", "e-2"]]


def test_an_event_keeps_its_lane_and_lanes_travel_apart() -> None:
    choosy = Choosy()
    sent = [ranked(number) for number in range(40)]
    KinesisHub(cast("Any", choosy), "hub", lanes=2).publish(sent + sent)
    (lanes,) = choosy.calls
    first, second = (set(lane.split("+")) for lane in lanes)
    assert first.isdisjoint(second)
    assert first | second == {f"e-{number}" for number in range(40)}


def test_a_hub_that_goes_on_refusing_is_unavailable() -> None:
    with pytest.raises(HubUnavailable):
        hub(Choosy(*[lambda _: True] * 9)).publish([ranked(1)])


def test_a_later_batch_waits_for_the_one_before_it() -> None:
    choosy = Choosy(*[lambda event_id: event_id == "e-0"] * 9)
    with pytest.raises(HubUnavailable):
        hub(choosy).publish([of_its_own(number) for number in range(MAX_RECORDS + 1)])
    assert f"e-{MAX_RECORDS}" not in choosy.taken


def test_the_pauses_between_attempts_grow() -> None:
    pauses: list[float] = []
    hub(Choosy(*[lambda _: True] * 3), pauses).publish([ranked(1)])
    assert pauses == sorted(set(pauses))
    assert len(pauses) == 3


def test_a_silent_hub_is_unavailable() -> None:
    with pytest.raises(HubUnavailable):
        hub(Silent()).publish([ranked(1)])


def test_a_stream_that_is_not_there_is_unavailable(kinesis: Any) -> None:
    with pytest.raises(HubUnavailable):
        KinesisHub(kinesis, "nowhere").publish([ranked(1)])


def test_no_call_holds_more_than_kinesis_takes() -> None:
    choosy = Choosy()
    many = range(30, 30 + 2 * MAX_RECORDS)
    hub(choosy).publish([*map(large, range(1, 30)), *map(of_its_own, many)])
    assert max(choosy.sizes) <= MAX_BYTES
    assert max(map(len, choosy.calls)) == MAX_RECORDS
    assert "+".join(choosy.taken).split("+") == [f"e-{n}" for n in range(1, many.stop)]


def large(number: int) -> Joined:
    return a_joined(number, payload=b"{" + random.Random(number).randbytes(340_000))


def test_large_records_arrive(kinesis: Any, stream: str) -> None:
    sent = [large(number) for number in range(1, 13)]
    KinesisHub(kinesis, stream).publish(sent)
    assert read(kinesis, stream) == sent
