"""The first loop, as CloudFormation asks for it: over HTTP, to this machine."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest

from tests.functions.conftest import Service, example


class CloudFormation:
    """Hears what became of its resource."""

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []
        self.content_types: list[str | None] = []
        told, content_types = self.told, self.content_types

        class Handler(BaseHTTPRequestHandler):
            def do_PUT(self) -> None:
                content_types.append(self.headers["Content-Type"])
                told.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Nothing."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)

    def ask(self, service: Service, kind: str, loop: str) -> dict[str, Any]:
        url = f"http://127.0.0.1:{self.server.server_port}/answer"
        event = example("provision") | {"RequestType": kind, "ResponseURL": url}
        service("provision", event | {"ResourceProperties": {"Loop": loop}})
        return self.told[-1]


@pytest.fixture(scope="module")
def cloudformation(aws: None) -> Iterator[CloudFormation]:
    made = CloudFormation()
    thread = Thread(target=made.server.serve_forever)
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


def test_a_new_stack_has_a_loop(service: Service, cloudformation: CloudFormation) -> None:
    name = service.new_name()
    told = cloudformation.ask(service, "Create", name)
    assert (told["Status"], told["PhysicalResourceId"]) == ("SUCCESS", name)
    assert name in service.loops.all()


def test_the_answer_names_the_question(service: Service, cloudformation: CloudFormation) -> None:
    told = cloudformation.ask(service, "Create", service.new_name())
    asked = example("provision")
    for name in ("StackId", "RequestId", "LogicalResourceId"):
        assert told[name] == asked[name]
    assert cloudformation.content_types[-1] is None


@pytest.mark.parametrize("kind", ["Create", "Update"])
def test_a_loop_that_exists_stays_as_it_is(
    service: Service, loop: str, cloudformation: CloudFormation, kind: str
) -> None:
    before = service.loops.state(loop)
    assert cloudformation.ask(service, kind, loop)["Status"] == "SUCCESS"
    assert service.loops.state(loop) == before


def test_the_end_of_a_stack_deletes_no_loop(
    service: Service, loop: str, cloudformation: CloudFormation
) -> None:
    assert cloudformation.ask(service, "Delete", loop)["Status"] == "SUCCESS"
    assert loop in service.loops.all()


def test_what_fails_is_told_at_once(
    service: Service, loop: str, cloudformation: CloudFormation
) -> None:
    service.loops.delete(loop, 1)
    told = cloudformation.ask(service, "Create", loop)
    assert told["Status"] == "FAILED"
    assert "NameReserved" in told["Reason"]
