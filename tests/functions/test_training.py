"""The hub, as Lambda delivers it."""

import base64
from dataclasses import replace
from typing import Any

from personalizer import records
from personalizer.domain.loop import Configuration
from personalizer.usecases import provision
from tests import stack
from tests.functions.conftest import Said, Service, call, example


def batch(loop: str) -> dict[str, Any]:
    """The event file, as if it had happened in this loop."""
    event = example("training")
    for record in event["Records"]:
        found = records.unpack(base64.b64decode(record["kinesis"]["data"]))
        (moved,) = records.pack([replace(each, loop=loop) for each in found])
        record["kinesis"] |= {"data": base64.b64encode(moved).decode(), "partitionKey": loop}
    return event


def test_the_example_moves_the_head_of_the_first_loop(service: Service) -> None:
    provision.create_loop(service.loops, service.objects, "default", Configuration())
    service("training", example("training"))
    head = service.head("default")
    assert (head.generation, head.trained) == (1, 2)
    assert head.commit is not None
    assert service.objects.get(head.commit)


def test_a_redelivery_changes_nothing(service: Service, loop: str) -> None:
    service("training", batch(loop))
    before = service.head(loop)
    service("training", batch(loop))
    assert service.head(loop) == before


def test_an_unreadable_record_is_set_aside_and_blocks_no_other(service: Service, loop: str) -> None:
    event = batch(loop)
    event["Records"][0]["kinesis"]["data"] = base64.b64encode(b"garbage").decode()
    service("training", event)
    assert service.head(loop).generation == 1
    stream = event["Records"][0]["eventSourceARN"].rpartition("/")[2]
    shard, sequence = event["Records"][0]["eventID"].split(":")
    place = f"{stream}/{shard}/{loop}-{sequence}"
    kept = service.quarantined()[f"quarantine/unreadable/{place}.json"]
    assert base64.b64decode(kept["record"]) == b"garbage"


def test_a_loop_that_is_gone_does_not_stop_the_others(service: Service, loop: str) -> None:
    event = {"Records": batch("no-such-loop")["Records"] + batch(loop)["Records"]}
    service("training", event)
    assert service.head(loop).trained == 2


def test_a_loop_that_cannot_be_continued_is_set_aside_and_stops_no_other(
    service: Service, loop: str
) -> None:
    broken = service.new_loop()
    policy = service.head(broken).policy
    stack.client("s3").delete_object(Bucket=service.environment["DATA_BUCKET"], Key=policy.key)
    service("training", {"Records": batch(broken)["Records"] + batch(loop)["Records"]})
    assert (service.head(broken).trained, service.head(loop).trained) == (0, 2)
    assert sum(f"quarantine/{broken}/" in key for key in service.quarantined()) == 2


def test_what_was_trained_ranks(service: Service, loop: str) -> None:
    service("training", batch(loop))
    answer = service("rank", call("rank", loop))
    assert answer["statusCode"] == 201
    assert answer["headers"]["X-Personalizer-Generation"] == "1"


def test_what_the_model_decided_is_measured_for_the_loop(
    service: Service, loop: str, said: Said
) -> None:
    service("training", batch(loop))
    vitals = {"Entropy", "GreedyShare", "ImportanceWeight", "BeatsRandom", "BeatsBaseline"}
    (measured,) = [line for line in said.lines() if line.get("loop") == loop and "_aws" in line]
    (told,) = [line for line in said.lines() if line.get("message") == "trained"]
    for name in vitals:
        assert measured[name] == [told["loops"][0][name]]
    assert 0 < measured["Entropy"][0] <= 1


def test_a_loop_whose_model_decides_nothing_has_no_vitals(service: Service, said: Said) -> None:
    service("training", batch("no-such-loop"))
    assert "Entropy" not in said.metrics()
