"""The hostile corpus, through the real functions and Vowpal Wabbit, in a process that it may kill.

Whatever is sent is refused or answered; what is answered is learned, and neither it nor what stands
beside it ruins the model.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.functions import hostile
from tests.functions.corpus import POLICIES
from tests.template.cloudformation import ROOT

SECONDS = 300


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    file = tmp_path_factory.mktemp("corpus") / "report.json"
    ended = subprocess.run(
        [sys.executable, "-m", "tests.functions.corpus", str(file)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    last_words = ended.stderr[-2_000:]
    assert ended.returncode == 0, last_words
    return read(file)


def read(file: Path) -> dict[str, Any]:
    return dict(json.loads(file.read_text()))


def test_no_learner_dies_of_it(report: dict[str, Any]) -> None:
    assert report["deaths"] == []
    assert report["set aside"] == []


@pytest.mark.parametrize("policy", POLICIES)
def test_what_can_be_made_harmless_is_answered_and_all_else_refused(
    report: dict[str, Any], policy: str
) -> None:
    expected = {name: 201 for name, _ in hostile.taken()}
    expected |= {name: 400 for name, _ in hostile.refused()}
    assert report["runs"][policy]["statuses"] == expected


@pytest.mark.parametrize("policy", POLICIES)
def test_all_that_is_answered_is_learned_with_its_neighbours(
    report: dict[str, Any], policy: str
) -> None:
    told = report["runs"][policy]
    answered = sum(status == 201 for status in told["statuses"].values())
    assert told["trained"] == answered + told["neighbours"]
    assert told["neighbours"] > 10
    assert set(told["rewards"]) == {204}


@pytest.mark.parametrize("policy", POLICIES)
def test_the_model_goes_on_having_an_opinion(report: dict[str, Any], policy: str) -> None:
    told = report["runs"][policy]
    assert told["sound probabilities"]
    assert told["sound weights"]
