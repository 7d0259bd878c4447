"""What an evaluation found, as it is told: in a terminal, on a page, and in files."""

import csv
import json
import re
from html.parser import HTMLParser
from io import StringIO
from pathlib import Path
from typing import Any

import plotly.graph_objects
import pytest
from rich.console import Console

from cli.evaluation import export, features, figures, report, table
from cli.evaluation.palette import looks
from cli.evaluation.told import Evaluation, tell
from personalizer.domain.evaluation.result import (
    EvaluationResult,
    FeatureResult,
    Flag,
    PolicySource,
    Read,
)
from tests.cli.evaluated import a_policy, a_result, scores

HOSTILE = "</script><script>alert(1)</script><b>"
CUSTOM = PolicySource.CUSTOM


def told(result: EvaluationResult) -> Evaluation:
    return tell(result, "Loop shop")


def printed(lines: Any) -> str:
    console = Console(width=160, record=True, file=StringIO())
    for line in lines:
        console.print(line)
    return console.export_text()


@pytest.fixture(scope="module")
def many() -> Evaluation:
    found = [a_policy(f"found {n:02d}", n / 30, compared=22) for n in range(22)]
    return told(a_result(*found, a_policy("mine", 0.3, CUSTOM), optimal="found 21"))


# --------------------------------------------------------------------------- what is told


def test_policies_come_in_the_order_of_what_they_earn() -> None:
    found = told(a_result(a_policy("bad", 0.05), a_policy("good", 0.9)))
    names = [policy.name for policy in found.policies]
    assert (names[0], found.policies[0].total.events) == ("good", 600)
    assert names.index("good") < names.index("bad")


def test_a_policy_that_is_one_of_many_found_is_less_sure() -> None:
    found = told(a_result(a_policy("one", 0.5), a_policy("of many", 0.5, compared=50)))
    one, many = (next(p for p in found.policies if p.name == name) for name in ("one", "of many"))
    assert one.total.expected_reward == many.total.expected_reward
    assert many.total.low < one.total.low < one.total.high < many.total.high


def test_curves_end_with_the_total_and_their_windows_add_up_to_it() -> None:
    found = told(a_result()).online
    assert found.expanding[-1].numbers == found.total
    assert sum(window.numbers.events for window in found.rolling) == 600
    assert found.rolling[0].end == found.rolling[1].start


def test_windows_are_as_fine_as_a_picture_can_show() -> None:
    found = told(a_result())
    assert (found.expanding_minutes, found.rolling_minutes) == (60, 6 * 60)
    assert len(found.online.expanding) == 72


def test_of_no_decision_nothing_is_expected() -> None:
    nothing = a_policy("new", 0.5)
    found = told(a_result(type(nothing)("new", CUSTOM)))
    assert found.policies[-1].total.expected_reward is None


# --------------------------------------------------------------------------- in a terminal


def test_what_is_doubtful_comes_first() -> None:
    flags = (Flag("mean-weight", "Its weights are 1.3 on average.", "mine"), Flag("x", "Odd."))
    found = told(a_result(a_policy("mine", 0.4, CUSTOM), flags=flags))
    lines = printed(table.lines(found)).splitlines()
    assert lines[:2] == ["⚑ mine: Its weights are 1.3 on average.", "⚑ Odd."]
    assert next(line for line in lines if line.startswith("mine  ")).rstrip().endswith("⚑")


def test_what_was_read_and_lost_is_told() -> None:
    read = Read(segments=9, scored=600, others=5, lost=2, lost_lines=70)
    text = printed(table.lines(told(a_result(read=read))))
    assert "600 decisions from 2026-09-22 00:00 to 2026-09-25 00:00 UTC." in text
    assert "5 more were learned from" in text
    assert "2 of 9 segments were damaged: up to 70 lines lost." in text


def test_the_best_policy_is_named_with_its_reasons() -> None:
    best = a_policy("best", 0.9, gain=(0.1, 0.5), changed=("-l 1 -> 0.5", "-q :: is new"))
    text = printed(table.lines(told(a_result(best, optimal="best"))))
    assert "best is the best: 0.7" in text
    assert "Its gain is +0.1000 to +0.5000" in text
    assert "What it changes: -l 1 -> 0.5; -q :: is new." in text


def test_where_nothing_is_better_for_sure_what_is_served_stays() -> None:
    assert "Stay with what is served" in printed(table.lines(told(a_result())))


def test_the_policy_to_try_is_named_where_none_is_better_for_sure() -> None:
    likely = told(a_result(a_policy("likely", 0.9), recommended="likely"))
    assert "Of those found, likely is the one to try" in printed(table.lines(likely))
    assert "the one to try" not in printed(table.lines(told(a_result(a_policy("likely", 0.9)))))


def test_a_name_tells_a_terminal_nothing() -> None:
    text = printed(table.lines(told(a_result(a_policy("\x1b[31m[bold]red", 0.4, CUSTOM)))))
    assert "?[31m[bold]red" in text


# ------------------------------------------------------------------------------ on a page


class Elements(HTMLParser):
    """The tags of a page, and what leads out of it."""

    def __init__(self, page: str):
        super().__init__()
        self.tags: list[str] = []
        self.leads: list[str] = []
        self.data: dict[str, str] = {}
        self._inside = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self._inside = dict(attrs).get("id") or ""
        self.leads += [value or "" for name, value in attrs if name in ("src", "href")]

    def handle_data(self, data: str) -> None:
        self.data[self._inside] = self.data.get(self._inside, "") + data


def test_a_page_needs_nothing_from_elsewhere(tmp_path: Path) -> None:
    report.write(told(a_result()), tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text()
    found = Elements(page)
    assert found.leads == []
    assert found.tags.count("script") == 3
    assert "default-src 'none'" in page


def test_no_name_of_a_tenant_is_read_as_a_page(tmp_path: Path) -> None:
    policy = a_policy(HOSTILE, 0.9, changed=(HOSTILE,), arguments=HOSTILE)
    flags = (Flag("x", HOSTILE, HOSTILE),)
    evaluation = tell(a_result(policy, optimal=HOSTILE, flags=flags), HOSTILE)
    report.write(evaluation, tmp_path / "page.html")
    found = Elements((tmp_path / "page.html").read_text())
    assert found.tags.count("script") == 3
    assert "b" not in found.tags
    drawn = json.loads(found.data["pictures"])["figures"]["over-time"]["data"]
    assert {trace["name"] for trace in drawn if "script" in trace["name"]} == {
        "&lt;/script&gt;&lt;script&gt;alert(1)&lt;/…"
    }


def test_plotly_understands_the_pictures(many: Evaluation) -> None:
    for figure in (figures.side_by_side(many), figures.over_time(many)):
        plotly.graph_objects.Figure(figure)
    for way in figures.ways(many).values():
        assert len(way["traces"]) == len(figures.over_time(many)["data"])
        for trace in way["traces"]:
            plotly.graph_objects.Scatter(trace)


def test_of_many_policies_few_are_shown_at_first(many: Evaluation) -> None:
    drawn = figures.over_time(many)["data"]
    shown = {trace["name"] for trace in drawn if trace["visible"] is True}
    assert shown == {"online", "baseline1", "baselineRand", "found 21", "mine", "found 20"}
    assert {trace["visible"] for trace in drawn if trace["name"] == "found 03"} == {"legendonly"}


def test_no_two_policies_look_alike(many: Evaluation) -> None:
    found = [(look.colour, look.dash) for look in looks(many.policies, many.optimal)]
    assert len(set(found)) == len(found) == 26


def test_a_picture_shows_where_the_curves_end(many: Evaluation) -> None:
    for way in figures.ways(many).values():
        low, high = way["range"]
        for policy in (many.online, many.best):
            assert low < (policy.total.expected_reward or 0.0) < high


def test_a_name_that_is_long_is_cut() -> None:
    assert figures.label("n" * 500) == "n" * 27 + "…"


# ------------------------------------------------------------------------------- in files


def test_a_row_of_the_csv_is_a_policy_in_a_window(tmp_path: Path) -> None:
    export.to_csv(told(a_result(a_policy("best", 0.9))), tmp_path / "found.csv")
    with (tmp_path / "found.csv").open(newline="") as file:
        rows = [*csv.DictReader(file)]
    total = next(row for row in rows if row["policy"] == "best" and row["series"] == "total")
    assert (total["source"], total["events"]) == ("OfflineExperimentation", "600")
    assert float(total["low"]) < float(total["expected_reward"]) < float(total["high"])
    assert {row["series"] for row in rows} == {"total", "expanding", "rolling"}
    assert sum(row["series"] == "expanding" for row in rows) == 4 * 72


def test_no_name_becomes_a_formula_of_a_spreadsheet(tmp_path: Path) -> None:
    export.to_csv(told(a_result(a_policy("=1+1", 0.5))), tmp_path / "found.csv")
    assert "\n'=1+1," in (tmp_path / "found.csv").read_text()


def test_the_json_has_all_that_is_told(tmp_path: Path) -> None:
    flags = (Flag("x", "Odd."),)
    export.to_json(told(a_result(flags=flags)), tmp_path / "found.json")
    found = json.loads((tmp_path / "found.json").read_bytes())
    assert (found["optimal"], found["read"]["scored"]) == ("online", 600)
    assert found["flags"] == [{"rule": "x", "text": "Odd.", "policy": ""}]
    online = next(policy for policy in found["policies"] if policy["source"] == "Online")
    assert online["total"]["events"] == 600
    assert len(online["rolling"]) == 12


# ------------------------------------------------------------------------------- features


@pytest.fixture
def scored() -> FeatureResult:
    return scores(("FromUrl", "hour", 0.1, 0.3), ("j", "", -0.1, 0.2), ("k", HOSTILE, -0.3, -0.2))


def test_a_feature_that_may_be_noise_is_told_so(scored: FeatureResult) -> None:
    lines = printed(features.lines(features.tell(scored, "Features"))).splitlines()
    assert lines[0] == "⚑ There are few decisions."
    hour, everything, harmful = lines[-3:]
    assert re.match(r"FromUrl +hour +10\.0 +\+0\.1000 to \+0\.3000 +40 +7$", hour.rstrip())
    assert everything.rstrip().endswith("noise?")
    assert "noise" not in harmful


def test_features_have_a_page_and_files_too(scored: FeatureResult, tmp_path: Path) -> None:
    found = features.tell(scored, "Features")
    features.write(found, tmp_path / "page.html")
    features.to_csv(found, tmp_path / "found.csv")
    page = Elements((tmp_path / "page.html").read_text())
    assert page.tags.count("script") == 3
    plotly.graph_objects.Figure(json.loads(page.data["pictures"])["figures"]["features"])
    rows = (tmp_path / "found.csv").read_text().splitlines()
    assert rows[0] == "namespace,feature,score,low,high,is_noise,events,values"
    assert rows[1] == "FromUrl,hour,10.0,0.1,0.3,false,40,7"
