"""`evaluate`: what other policies would have earned, from files and from a deployed loop."""

import json
import random
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from cli.evaluation.command import evaluate
from personalizer import bootstrap, dsjson
from personalizer.adapters.vw import VwEngine, examples
from personalizer.domain.decision import Decision
from personalizer.domain.event import LearningMode
from personalizer.domain.example import Example
from personalizer.domain.loop import DEFAULT_POLICY
from personalizer.domain.policy import canonical
from personalizer.domain.replay import NO_REPLAY
from personalizer.usecases.lessons import Course, lessons
from personalizer.usecases.models import served
from tests.cli.test_logs import deployed, mirrored
from tests.cli.test_loops import Stack
from tests.factories import NOW, a_joined, a_request, a_uid

__all__ = ["deployed"]

GREEDY = "--cb_explore_adf --cb_type mtr -q :i"
LINES = 400
HOUR_MS = 3_600_000
app = typer.Typer()
app.command()(evaluate)


def run(*arguments: object, env: Any = None) -> Result:
    return CliRunner().invoke(app, [*map(str, arguments), "--workers", "1"], env=env)


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of random choices, an hour apart; every place has its best action."""
    return a_log(tmp_path_factory.mktemp("log") / "shop.dsjson", LINES)


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return a_log(tmp_path_factory.mktemp("log") / "short.dsjson", 40)


def a_log(path: Path, lines: int) -> Path:
    rng = random.Random(1)
    path.write_bytes(b"".join(a_line(number, rng) + b"\n" for number in range(lines)))
    return path


def a_line(number: int, rng: random.Random, **changes: Any) -> bytes:
    place, chosen = rng.randrange(3), rng.randrange(3)
    request = a_request(contextFeatures=[{"place": f"p{place}", "weather": rng.randrange(3)}])
    order = (chosen, *(other for other in range(3) if other != chosen))
    example = Example(Decision(order, (1 / 3,) * 3, ()), 1, examples.features(request))
    reward = Decimal(int(rng.random() < (0.9 if chosen == place else 0.1)))
    joined = a_joined(
        event_id=f"e-{number}",
        uid=a_uid(number),
        ranked_at=NOW + number * HOUR_MS,
        reward=reward,
    )
    return dsjson.line(replace(joined, **changes), example)


def found(out: Path) -> dict[str, Any]:
    """The policies of the exported report, by name."""
    told = json.loads((out / "report.json").read_bytes())
    return {policy["name"]: policy for policy in told["policies"]} | {"": told}


# --------------------------------------------------------------------------------- files


def test_policies_are_compared_on_a_file(log: Path, tmp_path: Path) -> None:
    done = run(log, "--policy", "azure", "--policy", f"mine={GREEDY}", "--out", tmp_path / "out")
    assert done.exit_code == 0, done.output
    assert f"{LINES} lines read, 0 repeated, 0 skipped, 0 refused." in done.stdout
    assert "mine is the best" in done.stdout
    policies = found(tmp_path / "out")
    assert policies[""]["optimal"] == "mine"
    mine, luck = policies["mine"]["total"], policies["baselineRand"]["total"]
    assert mine["low"] > luck["expected_reward"] + 0.1
    assert mine["events"] == LINES
    assert policies["azure"]["arguments"].endswith("-q ::")
    assert (tmp_path / "out/report.html").stat().st_size > 1_000_000
    assert (tmp_path / "out/report.csv").read_text().startswith("policy,source,series,start,end,")


def test_a_range_is_scored_and_what_is_before_it_learned(log: Path, tmp_path: Path) -> None:
    start, end = (dsjson.timestamp(NOW + n * HOUR_MS)[:19] for n in (100, 150))
    done = run(log, "--from", start, "--to", end, "--out", tmp_path)
    assert done.exit_code == 0, done.output
    assert (told := found(tmp_path)[""])["read"]["scored"] == 50
    assert told["read"]["others"] == LINES - 50


def test_what_no_line_can_be_made_of_is_told(tmp_path: Path) -> None:
    done = run(mirrored(tmp_path))
    assert done.exit_code == 0, done.output
    assert "2 lines read, 0 repeated, 2 skipped, 1 refused." in done.stdout
    assert "skipped 1: of several slots" in done.stdout
    assert "01_0000000000.json:4: not probabilities" in done.stdout
    assert "2 decisions from 2021-03-04 05:05" in done.stdout


def test_a_decision_counts_once_and_an_apprentices_not_at_all(tmp_path: Path) -> None:
    rng, path = random.Random(2), tmp_path / "log"
    first = a_line(0, rng)
    shown = a_line(1, rng, learning_mode=LearningMode.APPRENTICE)
    path.write_bytes(b"\n".join([first, first, shown]))
    done = run(path)
    assert done.exit_code == 0, done.output
    assert "2 lines read, 1 repeated" in done.stdout
    assert "1 decisions from" in done.stdout
    assert "1 more were learned from, and not scored" in done.stdout


def test_a_model_is_evaluated_as_it_is(log: Path, tmp_path: Path) -> None:
    course = Course(canonical(DEFAULT_POLICY), 1.0, NO_REPLAY)
    taught = lessons(course, log.read_bytes().splitlines(), 0)
    engine = VwEngine()
    lesson = engine.learn(course.arguments, None, [each.line for each in taught])
    engine.close()
    (tmp_path / "model.vw").write_bytes(lesson.model)
    done = run(log, "--model", f"frozen={tmp_path / 'model.vw'}", "--out", tmp_path)
    assert done.exit_code == 0, done.output
    policies = found(tmp_path)
    assert policies["frozen"]["total"]["expected_reward"] > 0.75  # it has seen all of this
    assert policies["frozen"]["arguments"] == course.arguments


def test_better_policies_are_looked_for(short: Path, tmp_path: Path) -> None:
    done = run(short, "--optimise", "--minutes", "0.1", "--out", tmp_path)
    assert done.exit_code == 0, done.output
    searched = [p for n, p in found(tmp_path).items() if n and p["source"].startswith("Offline")]
    assert len(searched) >= 1
    assert {policy["held_out"]["events"] > 0 for policy in searched} == {True}


def test_features_are_told_from_noise(log: Path, tmp_path: Path) -> None:
    done = run(log, "--features", "--current", GREEDY, "--out", tmp_path)
    assert done.exit_code == 0, done.output
    told = json.loads((tmp_path / "report.json").read_bytes())
    best = told["scores"][0]
    assert (best["namespace"], best["score"]) == ("FromUrl", 100)
    place = next(score for score in told["scores"] if score["feature"] == "place")
    assert place["drop"][0] > 0.1
    assert (tmp_path / "report.html").exists()


def test_however_many_work_on_it_the_numbers_are_the_same(short: Path, tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    given = [short, "--policy", "azure", "--out"]
    assert run(*given, one).exit_code == 0
    assert CliRunner().invoke(app, [*map(str, given), str(two), "--workers", "2"]).exit_code == 0
    for name in ("report.json", "report.csv", "report.html"):
        assert (one / name).read_bytes() == (two / name).read_bytes()


# -------------------------------------------------------------------------- a deployed loop


def test_a_deployed_loop_is_evaluated_and_left_as_it_is(deployed: Stack, tmp_path: Path) -> None:
    account = deployed.account

    def everything() -> object:
        return account.loops.state("real", consistent=True), [*account.objects.keys("")]

    before, frozen = everything(), tmp_path / "model.vw"
    exported = served.export(account.loops, account.objects, "real", bootstrap.now())
    assert exported
    frozen.write_bytes(exported.model)
    given = ("--policy", "azure", "--model", f"frozen={frozen}", "--exploration", "0.3")
    done = run("--loop", "real", *given, "--out", tmp_path, env=deployed.environment)
    assert done.exit_code == 0, done.output
    assert "2 decisions from 2023-11-14" in done.stdout
    for name in ("azure", "frozen"):
        assert found(tmp_path)[name]["total"]["events"] == 2
    assert everything() == before


# --------------------------------------------------------------------------------- mistakes


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ([], "Which log is it?"),
        (["LOG", "--loop", "real"], "Which log is it?"),
        (["LOG", "--policy", "unheard-of"], "a policy is a preset's name"),
        (["LOG", "--policy", "mine=--no_such_option"], "--no_such_option is not allowed"),
        (["LOG", "--policy", "azure", "--policy", f"azure={GREEDY}"], "should be unique"),
        (["LOG", "--policy", f"online={GREEDY}"], "must have a name"),
        (["LOG", "--current", "nowhere.json"], "no preset, and no file"),
        (["LOG", "--model", "frozen=LOG"], "Model frozen is refused"),
        (["LOG", "--model", "LOG"], "a model is NAME=FILE"),
        (["LOG", "--from", "2030-01-01"], "before"),
        (["LOG", "--to", "1999-01-01"], "No logs exist in date range."),
    ],
)
def test_what_cannot_be_evaluated_is_told_in_one_line(
    log: Path, given: list[str], told: str
) -> None:
    done = run(*(word.replace("LOG", str(log)) for word in given))
    assert done.exit_code == 1
    last = done.stderr.splitlines()[-1]
    assert last.startswith("✗ ")
    assert told in last
