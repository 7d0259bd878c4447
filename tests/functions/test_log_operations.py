"""A loop's log, through the API: when it was, page by page, and no more."""

import base64
import datetime as dt
import json
from typing import Any

import pytest

from personalizer.adapters.dynamodb import DynamoJobs
from personalizer.domain import names
from personalizer.domain.evaluation.job import Status
from personalizer.errors import ObjectMissing
from personalizer.usecases import logs as reading
from personalizer.usecases.evaluation.leftovers import LOG_DELETED
from tests import stack
from tests.factories import a_job, is_error_model
from tests.functions.conftest import Service
from tests.functions.owner import Answer, Owner
from tests.functions.test_models import VERSIONS
from tests.functions.test_story import teach

NEXT = "x-personalizer-next"
CODE = "InvalidExportLogsRequest"


@pytest.fixture
def owner(service: Service) -> Owner:
    """Of a loop whose log has that many."""
    loop = service.new_loop()
    for _ in range(2):
        teach(service, loop)
    return Owner(service, loop)


of_another = owner


@pytest.fixture
def one_line_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "PAGE_BYTES", 1)


def lines(answer: Answer) -> list[dict[str, Any]]:
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/x-ndjson"
    return [json.loads(line) for line in answer.body.splitlines()]


def pages(owner: Owner, **query: str) -> list[int]:
    """How many lines each page has."""
    answer = owner("GET", "/logs", query=query)
    found = [len(lines(answer))]
    while NEXT in answer.headers:
        answer = owner("GET", "/logs", query={**query, "token": answer.headers[NEXT]})
        found.append(len(lines(answer)))
    return found


def day(days: int) -> str:
    """So many from now, as a query has it."""
    return (dt.datetime.now(dt.UTC) + dt.timedelta(days)).isoformat()


@pytest.mark.parametrize("version", VERSIONS)
def test_a_loop_that_learned_nothing_has_no_dates_and_an_empty_log(
    service: Service, loop: str, version: str
) -> None:
    owner = Owner(service, loop)
    assert owner("GET", f"{version}/logs/properties").json == {}
    assert lines(owner("GET", f"{version}/logs")) == []
    assert owner("DELETE", f"{version}/logs").status == 204


@pytest.mark.parametrize("version", VERSIONS)
def test_properties_tell_the_first_and_the_last_day(owner: Owner, version: str) -> None:
    dates = owner("GET", f"{version}/logs/properties").json["dateRange"]
    assert set(dates) == {"from", "to"}
    start, end = (dt.datetime.fromisoformat(dates[name]) for name in ("from", "to"))
    assert start <= end <= dt.datetime.now(dt.UTC)
    assert end - start < dt.timedelta(days=1, minutes=1)


def test_the_log_comes_as_lines_newest_segment_first(owner: Owner) -> None:
    newest, oldest = lines(owner("GET", "/logs"))
    assert newest["Timestamp"] > oldest["Timestamp"]


@pytest.mark.usefixtures("one_line_a_page")
def test_a_page_says_how_to_get_the_next(owner: Owner) -> None:
    assert [each for each in pages(owner) if each] == [1, 1]


@pytest.mark.usefixtures("one_line_a_page")
@pytest.mark.parametrize(
    ("start", "end", "found"),
    [(-1, None, 2), (None, 1, 2), (-1, 1, 2), (1, None, 0), (None, -1, 0), (1, 2, 0)],
)
def test_a_page_has_what_is_of_its_dates(
    owner: Owner, start: int | None, end: int | None, found: int
) -> None:
    asked = {"from": start, "to": end}
    query = {name: day(days) for name, days in asked.items() if days is not None}
    assert sum(pages(owner, **query)) == found


@pytest.mark.parametrize(
    "query",
    [
        {"from": "yesterday"},
        {"to": ""},
        {"from": "2026-13-01"},
        {"to": "2026-01-01T25:00"},
        {"from": "1e9"},
        {"from": "2026-02-01", "to": "2026-01-01"},
        {"from": "2026-01-01", "to": "2026-01-01"},
        {"from": "\u0662\u0660\u0662\u0666-01-01"},
        {"to": "\x00"},
    ],
)
def test_dates_that_are_none_are_refused(owner: Owner, query: dict[str, str]) -> None:
    answer = owner("GET", "/logs", query=query)
    assert answer.refusal == (400, CODE)
    assert is_error_model(answer.json)


def token(owner: Owner, **query: str) -> str:
    return owner("GET", "/logs", query=query).headers[NEXT]


@pytest.mark.usefixtures("one_line_a_page")
def test_a_token_of_another_loop_opens_nothing(owner: Owner, of_another: Owner) -> None:
    assert owner("GET", "/logs", query={"token": token(of_another)}).refusal == (400, CODE)


@pytest.mark.usefixtures("one_line_a_page")
def test_a_token_of_other_dates_opens_nothing(owner: Owner) -> None:
    of_a_day = token(owner, **{"from": day(-1)})
    assert owner("GET", "/logs", query={"token": of_a_day}).refusal == (400, CODE)


def forged(owner: Owner, of_another: Owner) -> list[str]:
    """A token changed a little, made from nothing, and one that points into another's log."""
    real = base64.urlsafe_b64decode(token(owner))
    signature, place = real[: reading.SIGNATURE], real[reading.SIGNATURE :]
    elsewhere = base64.urlsafe_b64decode(token(of_another))[reading.SIGNATURE :]
    made = [
        signature + place.replace(b",0]", b",1]") + b" ",
        signature + elsewhere,
        bytes(reading.SIGNATURE) + place,
        place,
        signature,
        real[:-1],
        b"\x00",
    ]
    texts = [base64.urlsafe_b64encode(data).decode() for data in made]
    return [*texts, "x", "no token", "ü", "=", "null", "../" * 99]


@pytest.mark.usefixtures("one_line_a_page")
def test_no_token_can_be_made_up(owner: Owner, of_another: Owner) -> None:
    answers = [owner("GET", "/logs", query={"token": text}) for text in forged(owner, of_another)]
    assert {answer.refusal for answer in answers} == {(400, CODE)}


@pytest.mark.parametrize("version", VERSIONS)
def test_a_deleted_log_is_nobodys_to_read(owner: Owner, of_another: Owner, version: str) -> None:
    others = of_another("GET", "/logs").body
    assert owner("DELETE", f"{version}/logs").status == 204
    assert owner("GET", f"{version}/logs/properties").json == {}
    assert lines(owner("GET", f"{version}/logs")) == []
    assert of_another("GET", "/logs").body == others


def test_an_evaluation_of_a_deleted_log_ends_and_says_why(owner: Owner) -> None:
    jobs = DynamoJobs(stack.client("dynamodb"), owner.service.environment["LOOPS_TABLE"])
    job = a_job(loop=owner.loop, status=Status.RUNNING)
    jobs.create(job)
    copy = f"{names.job(*job.ref)}part-000000-0000"
    owner.service.objects.write(copy, b"of the log")
    assert owner("DELETE", "/logs").status == 204
    told = owner("GET", f"/v1.1-preview.3/evaluations/{job.id}").json
    assert (told["status"], told["description"]) == ("failed", LOG_DELETED)
    with pytest.raises(ObjectMissing):
        owner.service.objects.read(copy)


@pytest.mark.usefixtures("one_line_a_page")
def test_a_token_from_before_leads_to_nothing_that_was_deleted(owner: Owner) -> None:
    kept = token(owner)
    owner("DELETE", "/logs")
    assert lines(owner("GET", "/logs", query={"token": kept})) == []


def test_what_is_learned_after_a_log_was_deleted_is_in_it_alone(owner: Owner) -> None:
    owner("DELETE", "/logs")
    teach(owner.service, owner.loop)
    assert len(lines(owner("GET", "/logs"))) == 1
    assert "dateRange" in owner("GET", "/logs/properties").json
