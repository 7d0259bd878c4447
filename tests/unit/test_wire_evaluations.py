"""Evaluations as clients are told of them: Azure's figures to the digit, and ours beside them."""

import json
import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from personalizer.domain.evaluation import cressie_read
from personalizer.domain.evaluation.job import Kind, Named, Status
from personalizer.domain.evaluation.result import (
    ONLINE,
    RETRAINED,
    WINDOW_MS,
    EvaluationResult,
    PolicySource,
)
from personalizer.domain.evaluation.sums import Sums
from personalizer.domain.health import Range
from personalizer.errors import RequestError
from personalizer.wire import importances
from personalizer.wire.evaluations import pages, requests, timeseries, windows
from personalizer.wire.evaluations.requests import Asked, Paging
from personalizer.wire.version import Version
from tests.evaluations import (
    ARGUMENTS,
    START,
    a_feature_result,
    a_policy_result,
    a_result,
    sums_of,
)
from tests.factories import NOW, a_job

HOUR = 3_600_000
DONE = a_job(start=START, end=START + 4 * WINDOW_MS, status=Status.SUCCEEDED, optimal="mine")
WHOLE = Asked(DONE.start, DONE.end, 5, is_expanding=True)
P1 = Version.V1_1_PREVIEW_1


SINGLE = 1e-7
"""As exact as Azure's numbers are, which have 32 bits."""


def told(result: EvaluationResult | None, version: Version = P1, job: Any = DONE) -> dict[str, Any]:
    return dict(json.loads(windows.shown(job, result, version)))


def policy(body: dict[str, Any], name: str) -> dict[str, Any]:
    (found,) = (each for each in body["policyResults"] if each["name"] == name)
    return dict(found)


# ------------------------------------------------------------------- Azure's own figures


@pytest.mark.parametrize(
    ("sums", "average", "interval"),
    [
        (Sums(events=196, w=193.761, wr=2.2, wwrr=2.424, matched=68), 0.01122449, 0.015529361),
        (Sums(events=1906, w=1993.761, wr=22.2, wwrr=2.484), 0.011647429, 0.0015344538),
        (Sums(events=170, w=308.25, matched=64), 0.0, 0.0),
    ],
)
def test_the_contracts_own_example_is_reproduced_to_single_precision(
    sums: Sums, average: float, interval: float
) -> None:
    body = told(a_result(a_policy_result(windows={START: sums})))
    total = policy(body, "mine")["totalSummary"]
    assert total["averageReward"] == pytest.approx(average, rel=SINGLE)
    assert total["confidenceInterval"] == pytest.approx(interval, rel=SINGLE)
    assert total["ipsEstimatorNumerator"] == sums.wr
    assert total["ipsEstimatorDenominator"] == sums.events
    assert total["snipsEstimatorDenominator"] == sums.w
    assert total["nonZeroProbability"] == sums.matched
    assert total["sumOfSquares"] == sums.wwrr


def test_what_was_served_is_an_average_without_a_doubt() -> None:
    total = policy(told(a_result()), ONLINE)["totalSummary"]
    assert (total["averageReward"], total["confidenceInterval"]) == (2 / 3, 0.0)
    assert not {"nonZeroProbability", "sumOfSquares"} & set(total)


def test_the_total_is_of_the_whole_range_and_has_no_window() -> None:
    total = policy(told(a_result(a_policy_result())), "mine")["totalSummary"]
    assert (total["aggregateTimeWindow"], total["timeStamp"]) == ("PT0S", "2023-11-14T22:35:00Z")
    assert total["ipsEstimatorDenominator"] == 5


def test_every_window_has_its_row_even_if_nothing_happened() -> None:
    rows = policy(told(a_result(a_policy_result())), "mine")["summary"]
    found = [(row["aggregateTimeWindow"], row["ipsEstimatorDenominator"]) for row in rows]
    assert found == [("PT5M", 3), ("PT5M", 0), ("PT5M", 2), ("PT1H", 5), ("PT6H", 5), ("P1D", 5)]
    assert [row["timeStamp"] for row in rows] == [
        "2023-11-14T22:15:00Z",
        "2023-11-14T22:20:00Z",
        "2023-11-14T22:25:00Z",
        "2023-11-14T22:00:00Z",
        "2023-11-14T18:00:00Z",
        "2023-11-14T00:00:00Z",
    ]
    empty = rows[1]
    del empty["timeStamp"], empty["aggregateTimeWindow"]
    assert set(empty.values()) == {0}
    assert len(empty) == 7


def test_the_loops_own_policy_has_a_source_that_the_contract_knows() -> None:
    own = a_policy_result(RETRAINED, source=PolicySource.OWN)
    assert policy(told(a_result(own)), RETRAINED)["policySource"] == "Custom"


def test_rows_of_one_size_add_up_to_the_total() -> None:
    found = policy(told(a_result(a_policy_result())), "mine")
    for size in windows.SIZES:
        rows = [row for row in found["summary"] if row["aggregateTimeWindow"] == size]
        for field in ("ipsEstimatorNumerator", "snipsEstimatorDenominator", "sumOfSquares"):
            assert math.fsum(row[field] for row in rows) == found["totalSummary"][field]


def days_of(days: int, policies: int) -> tuple[Any, EvaluationResult]:
    """A job as long, and a result with something in every window."""
    starts = range(START, START + days * 24 * HOUR, WINDOW_MS)
    each = sums_of([(1 / 3, 1 / 7)])
    some = [a_policy_result(f"p{n}", windows=dict.fromkeys(starts, each)) for n in range(policies)]
    job = replace(DONE, end=starts.stop)
    return job, replace(a_result(), policies=tuple(some), until=starts.stop)


@pytest.mark.parametrize(
    ("days", "policies", "sizes"),
    [
        (1, 3, ["PT5M", "PT1H", "PT6H", "P1D"]),
        (28, 2, ["PT1H", "PT6H", "P1D"]),
        (90, 14, ["PT6H", "P1D"]),
    ],
)
def test_the_finest_windows_are_left_out_where_an_answer_would_be_too_large(
    days: int, policies: int, sizes: list[str]
) -> None:
    job, result = days_of(days, policies)
    body = windows.shown(job, result, P1)
    assert len(body) < 5_500_000
    for each in json.loads(body)["policyResults"]:
        assert [*dict.fromkeys(row["aggregateTimeWindow"] for row in each["summary"])] == sizes


def test_a_day_with_events_has_estimates_of_its_own() -> None:
    tomorrow = sums_of([(1.0, 1.0)] * 9)
    mine = a_policy_result(windows={START: a_policy_result().total, START + 24 * HOUR: tomorrow})
    job = replace(DONE, end=START + 72 * HOUR)
    result = a_result(mine, until=job.end)
    today, next_day, *empty = days(policy(told(result, job=job), "mine"))
    assert today["estimates"]["numberOfEvents"] == 5
    assert today["estimates"]["snips"] == mine.windows[START].snips
    assert (next_day["estimates"]["expectedReward"], next_day["estimates"]["maxWeight"]) == (1, 1)
    assert "gain" not in next_day["estimates"]
    assert empty
    assert not any("estimates" in row for row in empty)


def days(found: dict[str, Any]) -> list[dict[str, Any]]:
    return [row for row in found["summary"] if row["aggregateTimeWindow"] == "P1D"]


def test_an_answer_of_many_days_is_not_too_large() -> None:
    starts = range(START, START + 400 * 24 * HOUR, 24 * HOUR)
    each = sums_of([(1 / 3, 1 / 7)] * 7)
    some = [a_policy_result(f"p{n}", windows=dict.fromkeys(starts, each)) for n in range(14)]
    job = replace(DONE, end=starts.stop)
    result = replace(a_result(), policies=tuple(some), until=starts.stop)
    body = windows.shown(job, result, P1)
    assert len(body) < 5_500_000
    assert len(days(policy(json.loads(body), "p0"))) == 401


def test_windows_begin_with_the_log_where_a_job_begins_ages_before() -> None:
    job = replace(DONE, start=-62_135_596_800_000)
    rows = policy(told(a_result(a_policy_result()), job=job), "mine")["summary"]
    assert [row["aggregateTimeWindow"] for row in rows] == ["PT5M"] * 3 + ["PT1H", "PT6H", "P1D"]


def test_numbers_that_are_none_never_leave() -> None:
    huge = sums_of([(1e200, 1e200), (1e200, -1e200)])
    result = a_result(
        a_policy_result(windows={START: huge}, gain=(-math.inf, math.nan)), heaviest=math.inf
    )
    for body in (told(result), json.loads(timeseries.shown(DONE, result, WHOLE))):
        json.dumps(body, allow_nan=False)
        assert "null" not in json.dumps(body)


# ------------------------------------------------------------------------- every version


VERSIONS = [*Version][:4]


@pytest.mark.parametrize("version", VERSIONS)
def test_an_evaluation_is_told_with_the_fields_of_its_version(version: Version) -> None:
    body = told(a_result(a_policy_result()), version)
    assert (body["id"], body["jobId"], body["name"]) == ("e-1", "e-1", "mine")
    assert (body["startTime"], body["endTime"]) == ("2023-11-14T22:15:00Z", "2023-11-14T22:35:00Z")
    assert body["featureImportance"] == [["FromUrl.hour", "i.id"]]
    newer = {"evaluationType", "optimalPolicy", "creationTime"}
    rows = policy(body, "mine")["summary"]
    if version is Version.V1_0:
        assert not newer & set(body)
        assert "policySource" not in policy(body, "mine")
        assert all("averageReward" not in row for row in rows)
    else:
        assert (body["evaluationType"], body["optimalPolicy"]) == ("Manual", "mine")
        assert policy(body, "mine")["policySource"] == "Custom"
        assert all("averageReward" in row for row in rows)


@pytest.mark.parametrize("version", VERSIONS)
def test_the_policy_to_try_is_told_beside_the_proven_one(version: Version) -> None:
    result = replace(a_result(a_policy_result()), recommended="mine")
    assert told(result, version)["recommendedPolicy"] == "mine"


def test_baseline_and_random_have_no_arguments() -> None:
    body = told(a_result(a_policy_result()))
    have = {each["name"]: "arguments" in each for each in body["policyResults"]}
    assert have == {"online": True, "baseline1": False, "baselineRand": False, "mine": True}


@pytest.mark.parametrize(
    ("status", "first", "later"),
    [
        (Status.NOT_SUBMITTED, "notSubmitted", "notSubmitted"),
        (Status.RUNNING, "pending", "pending"),
        (Status.SUCCEEDED, "completed", "completed"),
        (Status.FAILED, "failed", "failed"),
        (Status.TIMEOUT, "failed", "timeout"),
        (Status.CANCELED, "failed", "failed"),
        (Status.OPTIMAL_POLICY_APPLIED, "completed", "optimalPolicyApplied"),
        (Status.ONLINE_POLICY_RETAINED, "completed", "onlinePolicyRetained"),
    ],
)
def test_a_status_is_the_nearest_that_a_version_has(status: Status, first: str, later: str) -> None:
    job = replace(DONE, status=status)
    assert told(None, Version.V1_0, job)["status"] == first
    assert {told(None, version, job)["status"] for version in VERSIONS[1:]} == {later}
    assert json.loads(timeseries.shown(job, None, WHOLE))["status"] == status.value


def test_one_that_is_not_over_has_no_results() -> None:
    body = told(None, P1, replace(DONE, status=Status.RUNNING))
    assert (body["policyResults"], body["featureImportance"]) == ([], [])


def test_one_that_failed_says_why() -> None:
    job = replace(DONE, status=Status.FAILED, reason="The log cannot be read.")
    assert told(None, P1, job)["description"] == job.reason
    assert json.loads(timeseries.shown(job, None, WHOLE))["description"] == job.reason


def test_a_list_tells_what_was_asked_for_and_not_what_was_found() -> None:
    job = replace(DONE, policies=(Named("a", ARGUMENTS),), is_automatic=True)
    (body,) = json.loads(windows.listed([job], P1))
    asked = [{"name": "a", "arguments": ARGUMENTS, "policySource": "Custom"}]
    assert body["policyResults"] == asked
    assert (body["evaluationType"], "featureImportance" in body) == ("Auto", False)


# --------------------------------------------------------------------------- our figures


def test_better_estimates_stand_beside_the_total() -> None:
    body = told(a_result(a_policy_result()))
    found = policy(body, "mine")["totalSummary"]["estimates"]
    total = a_policy_result().total
    interval = cressie_read.interval(total, Range(0, 1), 40.0, 0.05 / 2)
    assert found == {
        "numberOfEvents": 5,
        "expectedReward": cressie_read.estimate(total, 40.0),
        "confidenceInterval": [interval.low, interval.high],
        "snips": total.snips,
        "doublyRobust": total.doubly_robust,
        "effectiveSampleSize": total.effective_events,
        "meanWeight": 0.85,
        "maxWeight": 2.0,
        "gain": [-0.25, 0.5],
        "heldOut": found["heldOut"],
        "changed": ["exploration: greedy instead of regcbopt"],
        "comparedPolicies": 2,
        "refusedLines": 0,
    }
    assert found["heldOut"]["numberOfEvents"] == 1


def test_of_a_policy_without_events_only_the_range_of_rewards_is_known() -> None:
    found = policy(told(a_result(a_policy_result(windows={}))), "mine")["totalSummary"]
    assert "expectedReward" not in found["estimates"]
    assert found["estimates"]["confidenceInterval"] == [0.0, 1.0]


@pytest.mark.parametrize(
    "shown",
    [
        lambda result: told(result),
        lambda result: json.loads(timeseries.shown(DONE, result, WHOLE)),
    ],
)
def test_doubts_and_what_was_lost_are_told(
    shown: Callable[[EvaluationResult], dict[str, Any]],
) -> None:
    body = shown(a_result())
    assert body["flags"] == [
        {"rule": "fewEvents", "text": "There are few events.", "policy": "mine"}
    ]
    assert body["log"] == {
        "segments": 3,
        "evaluatedEvents": 5,
        "otherEvents": 1,
        "lostSegments": 1,
        "lostLines": 7,
    }


# --------------------------------------------------------------------------- time series


def series(asked: Asked, *policies: Any) -> list[dict[str, Any]]:
    body = json.loads(timeseries.shown(DONE, a_result(*policies), asked))
    (found,) = (each for each in body["content"]["value"] if each["name"] == "mine")
    return list(found["timeseries"]["data"])


def headline(sums: Sums) -> dict[str, Any]:
    interval = cressie_read.interval(sums, Range(0, 1), 40.0, 0.05 / 2)
    return {
        "expectedReward": cressie_read.estimate(sums, 40.0),
        "confidenceInterval": [interval.low, interval.high],
    }


def test_an_expanding_window_is_all_up_to_its_end() -> None:
    first, second = series(WHOLE, a_policy_result())
    assert first == {
        "timeStamp": "2023-11-14T22:15:00Z",
        **headline(a_policy_result().windows[START]),
    }
    assert second == {"timeStamp": "2023-11-14T22:25:00Z", **headline(a_policy_result().total)}


def test_a_rolling_window_is_for_itself() -> None:
    later = sums_of([(1.0, 0.0)])
    windows_of = {START: sums_of([(1.0, 1.0)]), START + HOUR: later}
    asked = replace(WHOLE, end=START + 3 * HOUR, minutes=60, is_expanding=False)
    first, second = series(asked, a_policy_result(windows=windows_of))
    assert (first["timeStamp"], second["timeStamp"]) == (
        "2023-11-14T22:00:00Z",
        "2023-11-14T23:00:00Z",
    )
    assert second == {"timeStamp": second["timeStamp"], **headline(later)}


def test_the_summary_is_of_the_range_that_was_asked_for() -> None:
    part = replace(WHOLE, start=START + 2 * WINDOW_MS)
    body = json.loads(timeseries.shown(DONE, a_result(a_policy_result()), part))
    content = body["content"]
    (found,) = (each for each in content["value"] if each["name"] == "mine")
    assert found["summary"] == headline(a_policy_result().windows[START + 2 * WINDOW_MS])
    assert len(found["timeseries"]["data"]) == 1
    assert (content["startTime"], content["intervalInMinutes"]) == ("2023-11-14T22:25:00Z", 5)
    assert found["policySource"] == "Custom"


def test_one_that_is_not_over_has_an_empty_content() -> None:
    body = json.loads(timeseries.shown(replace(DONE, status=Status.RUNNING), None, WHOLE))
    assert body["content"]["value"] == []


def test_more_points_than_there_may_be_are_refused() -> None:
    job, result = days_of(30, 2)
    asked = replace(WHOLE, end=job.end)
    with pytest.raises(RequestError, match="17280 points"):
        timeseries.shown(job, result, asked)
    timeseries.shown(job, result, replace(asked, minutes=60, is_expanding=False))


# ------------------------------------------------------------------------------ questions


def query(**given: str) -> Callable[[str], str | None]:
    """The parameters of a request, by their names in small letters."""
    return {name.lower(): text for name, text in given.items()}.get


TIMES = {"startTime": "2019-01-12T00:00:00Z", "endTime": "2019-01-18T00:00:00Z"}


def test_without_a_window_it_expands_every_five_minutes() -> None:
    found = requests.asked(query(**TIMES))
    assert (found.minutes, found.is_expanding, found.end - found.start) == (5, True, 144 * HOUR)


@pytest.mark.parametrize("minutes", ["60", "360", "720", "1440"])
def test_windows_roll_from_an_hour_to_a_day(minutes: str) -> None:
    found = requests.asked(query(**TIMES, window="rolling", intervalInMinutes=minutes))
    assert (found.minutes, found.is_expanding) == (int(minutes), False)


@pytest.mark.parametrize(
    ("given", "rule"),
    [
        (TIMES | {"window": "Rolling"}, "IncompatibleIntervalAndWindow"),
        (TIMES | {"intervalInMinutes": "60"}, "IncompatibleIntervalAndWindow"),
        (TIMES | {"window": "Rolling", "intervalInMinutes": "5"}, "IncompatibleIntervalAndWindow"),
        (TIMES | {"window": "Sliding"}, "IncompatibleIntervalAndWindow"),
        (TIMES | {"intervalInMinutes": "five"}, "InvalidNumber"),
        (TIMES | {"intervalInMinutes": "-5"}, "InvalidNumber"),
        (TIMES | {"intervalInMinutes": "99999999999"}, "InvalidNumber"),
        ({"startTime": TIMES["startTime"]}, "MissingParameter"),
        ({}, "MissingParameter"),
        (TIMES | {"endTime": TIMES["startTime"]}, "InvalidRange"),
        (TIMES | {"endTime": "tomorrow"}, "InvalidDate"),
    ],
)
def test_what_cannot_be_shown_is_refused(given: dict[str, str], rule: str) -> None:
    with pytest.raises(RequestError) as refusal:
        requests.asked(query(**given))
    assert (refusal.value.code, refusal.value.detail and refusal.value.detail[0]) == (
        "InvalidRequest",
        rule,
    )


@pytest.mark.parametrize(
    ("text", "automatic"),
    [
        ("evaluationType eq 'Manual'", False),
        ("metadata=evaluationType eq 'Auto'", True),
        (" metadata = EvaluationType  EQ 'auto' ", True),
        ("", None),
    ],
)
def test_a_list_is_filtered_by_type(text: str, automatic: bool | None) -> None:
    assert requests.paging(query(filter=text)).automatic is automatic


@pytest.mark.parametrize("text", ["name eq 'x'", "evaluationType eq Manual", "metadata="])
def test_any_other_filter_is_refused_in_the_contracts_words(text: str) -> None:
    with pytest.raises(RequestError, match="Error in the filter expression"):
        requests.paging(query(filter=text))


def jobs(count: int) -> list[Any]:
    return [a_job(id=f"e-{n}", is_automatic=n % 2 == 0) for n in range(count)]


def page(paging: Paging, count: int = 5) -> dict[str, Any]:
    body = pages.page(jobs(count), paging, timeseries.told, "https://host/personalizer/evaluations")
    return dict(json.loads(body))


def ids(body: dict[str, Any]) -> list[str]:
    return [each["id"] for each in body["value"]]


def test_a_list_comes_in_pages_each_of_which_tells_the_next() -> None:
    paging, found = requests.paging(query(top="4", skip="1", maxpagesize="3")), list[str]()
    body = page(paging)
    assert ids(body) == ["e-1", "e-2", "e-3"]
    link = "https://host/personalizer/evaluations?api-version=2022-09-01-preview"
    assert body["nextLink"] == f"{link}&top=1&skip=4&maxpagesize=3"
    found = ids(page(replace(paging, top=1, skip=4)))
    assert found == ["e-4"]


def test_the_last_page_has_no_next() -> None:
    assert "nextLink" not in page(Paging(5, 0, 5, None))
    assert page(Paging(0, 0, 5, None)) == {"value": []}
    assert page(Paging(9, 7, 5, None)) == {"value": []}


def test_a_filter_goes_on_to_the_next_page() -> None:
    body = page(Paging(9, 0, 1, automatic=True))
    assert ids(body) == ["e-0"]
    assert body["nextLink"].endswith("&filter=evaluationType+eq+%27Auto%27")


def test_a_page_has_a_hundred_at_most_and_one_at_least() -> None:
    assert requests.paging(query()).size == 100
    assert requests.paging(query(maxpagesize="2000000000")).size == 100
    assert requests.paging(query(maxpagesize="0")).size == 1


CONTRACT = {
    "name": "mine",
    "startTime": "2018-12-19T00:00:00Z",
    "endTime": "2019-01-19T00:00:00Z",
    "policies": [{"name": "a", "arguments": ARGUMENTS}, {"name": "b", "modelGeneration": 3}],
}


@pytest.mark.parametrize("switch", ["enableOfflineExperimentation", "enablePolicyOptimization"])
def test_a_contract_is_read_by_the_name_of_either_version(switch: str) -> None:
    body = json.dumps(CONTRACT | {switch: True, "unknown": 1}).encode()
    found = requests.evaluation(body, "e", Version.V2022_09_01_PREVIEW)
    assert found.optimise
    assert found.policies == (Named("a", ARGUMENTS), Named("b", "", 3))
    assert (found.version, found.end - found.start) == ("2022-09-01-preview", 31 * 24 * HOUR)
    assert not requests.evaluation(json.dumps(CONTRACT).encode(), "e", P1).optimise


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "x" * 257},
        {"name": None},
        {"startTime": "soon"},
        {"startTime": 5},
        {"policies": None},
        {"policies": [None]},
        {"policies": [{"arguments": ARGUMENTS}]},
        {"policies": [{"name": "a", "arguments": "x" * 1025}]},
        {"policies": [{"name": "a", "modelGeneration": 0}]},
        {"policies": [{"name": "a", "modelGeneration": 2**31}]},
    ],
)
def test_what_is_no_contract_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(RequestError) as refusal:
        requests.evaluation(json.dumps(CONTRACT | changes).encode(), "e", P1)
    assert refusal.value.code == "InvalidEvaluationContract"


# ---------------------------------------------------------------------------- importances


def test_the_best_feature_comes_first_and_noise_is_told_apart() -> None:
    job = a_job(kind=Kind.FEATURES, status=Status.SUCCEEDED, start=NOW)
    body = json.loads(importances.shown(job, a_feature_result()))
    best, noise = body["featureScores"]
    assert best == {
        "namespace": "FromUrl",
        "featureName": "hour",
        "score": 100.0,
        "rewardDrop": [0.1, 0.3],
        "mayBeNoise": False,
        "numberOfEvents": 10,
        "numberOfValues": 24,
    }
    assert (noise["featureName"], noise["mayBeNoise"]) == ("noise", True)
    assert (body["status"], body["log"]["evaluatedEvents"]) == ("Succeeded", 10)


def test_importances_that_are_not_known_yet_have_no_scores() -> None:
    body = json.loads(importances.shown(a_job(status=Status.RUNNING), None))
    assert body["featureScores"] == []
