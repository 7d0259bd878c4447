"""The ways in which the emulator is not AWS, one test each; `docs/local-differences.md` lists them.

A test that fails here is good news: a difference is gone, and its line can go too.
"""

import os
import platform
import signal
import time
from collections.abc import Callable
from pathlib import Path

import httpx

from cli.local import emulator
from tests.e2e.lab import TEMPLATE, Lab, eventually, free_port


def test_records_reported_as_failed_are_not_delivered_again(lab: Lab) -> None:
    lab.put_item("reported")
    eventually(lambda: lab.seen_of_item("reported"))
    lab.put_item("after it")
    eventually(lambda: lab.seen_of_item("after it"))
    time.sleep(1.5)

    assert len(lab.seen_of_item("reported")) == 1


def test_a_batch_that_fails_is_retried_past_its_limit(lab: Lab) -> None:
    lab.put_record("Poisoned", b"poison")

    eventually(lambda: len(lab.seen_of_record(b"poison")) > 3)


def test_the_batch_window_is_not_waited_for(lab: Lab) -> None:
    lab.put_record("Hub", b"alone")

    eventually(lambda: lab.seen_of_record(b"alone"), seconds=10)


def test_all_streams_wait_for_the_slowest_function(lab: Lab) -> None:
    lab.put_record("Hub", b"slow")
    time.sleep(0.5)
    started = time.monotonic()
    lab.put_item("behind the slow one")
    eventually(lambda: lab.seen_of_item("behind the slow one"))

    assert time.monotonic() - started > 1


def test_policies_are_not_enforced(lab: Lab) -> None:
    lab.put_item("seen without a policy")

    eventually(lambda: lab.seen_of_item("seen without a policy"))


def test_a_method_any_matches_nothing(lab: Lab) -> None:
    assert httpx.get(f"{lab.url}/any").status_code == httpx.codes.NOT_FOUND


def test_a_changed_route_changes_the_url(lab: Lab) -> None:
    before = lab.url
    lab.deploy(TEMPLATE.replace("Path: /extra", "Path: /another"))

    assert lab.url != before


def test_functions_run_on_the_processor_of_this_machine(lab: Lab) -> None:
    assert lab.post("/machine")["machine"] == platform.machine()


def test_a_function_that_prints_nothing_takes_50_milliseconds_more(lab: Lab) -> None:
    def fastest(**parameters: str) -> float:
        return min(_seconds(lambda: lab.post("/time", **parameters)) for _ in range(10))

    assert fastest(quiet="yes") > fastest() + 0.03


def test_functions_leave_no_metrics(lab: Lab) -> None:
    lab.post("/measured")

    assert lab.client("cloudwatch").list_metrics()["Metrics"] == []


def test_a_run_that_takes_too_long_is_not_given_up(lab: Lab) -> None:
    run = lab.start("slow", "slower")

    eventually(lambda: lab.status(run) != "RUNNING")
    assert lab.status(run) == "SUCCEEDED"


def test_a_run_that_is_stopped_ends_what_it_maps(lab: Lab) -> None:
    run = lab.start("begun", "not begun")
    eventually(lambda: lab.worked("begun"))
    lab.client("stepfunctions").stop_execution(executionArn=run)

    assert lab.status(run) == "ABORTED"
    eventually(lambda: lab.worked("not begun"))


def test_a_crash_forgets_everything_since_the_start(tmp_path: Path) -> None:
    other = Lab(tmp_path, free_port())
    found = emulator.start(other.state, other.port)
    other.client("sqs").create_queue(QueueName="forgotten")
    os.kill(found.pid, signal.SIGKILL)
    eventually(lambda: emulator.running(other.state) is None)

    emulator.start(other.state, other.port)
    queues = other.client("sqs").list_queues().get("QueueUrls")
    emulator.stop(other.state)

    assert not queues


def _seconds(call: Callable[[], object]) -> float:
    started = time.monotonic()
    call()
    return time.monotonic() - started
