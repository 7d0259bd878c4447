"""`logs`: taking a log out, bringing one in, and forgetting it."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from cli import logs
from personalizer import payload
from personalizer.adapters.vw import examples
from personalizer.domain.decision import Decision
from personalizer.domain.evaluation.job import Kind, Status
from personalizer.domain.example import Example
from personalizer.domain.loop import Configuration
from personalizer.usecases import provision
from personalizer.usecases.evaluation.leftovers import LOG_DELETED
from tests.cli.test_loops import Stack
from tests.factories import a_job, a_request
from tests.template.cloudformation import Template
from tests.unit.test_wire_line import line


@pytest.fixture
def deployed(template: Template, aws: None) -> Stack:
    """Its loop "real" has learned two decisions that were ranked, "fresh" none."""
    stack = Stack(template)
    for loop in ("real", "fresh"):
        provision.create_loop(stack.account.loops, stack.account.objects, loop, Configuration())
    for number, hour in ((1, 7), (2, 9)):
        request = a_request(contextFeatures=[{"hour": hour}])
        decision = Decision((2, 0, 1), (0.5, 0.3, 0.2), ())
        example = Example(decision, 1, examples.features(request))
        stack.train(number, loop="real", payload=payload.pack(example))
    return stack


def run(deployed: Stack, command: str, loop: str, *arguments: object) -> Result:
    given = [command, "--loop", loop, *map(str, arguments)]
    return CliRunner().invoke(logs.app, given, env=deployed.environment)


def latest(deployed: Stack, loop: str) -> str:
    model = deployed.account.loops.state(loop, consistent=True).head.latest
    assert model
    return model.object.sha256


@pytest.mark.parametrize("name", ["log.dsjson", "log.dsjson.gz"])
def test_a_log_is_moved_to_another_loop_and_makes_the_same_model(
    deployed: Stack, tmp_path: Path, name: str
) -> None:
    file = tmp_path / name
    assert "2 lines in " in run(deployed, "export", "real", "--out", file).stdout
    assert (file.read_bytes()[:2] == b"\x1f\x8b") == name.endswith(".gz")
    done = run(deployed, "import", "fresh", file)
    assert done.exit_code == 0, done.output
    assert "2 learned, 0 known already, 0 skipped, 0 refused." in done.stdout
    assert latest(deployed, "fresh") == latest(deployed, "real")
    assert "0 learned, 2 known already" in run(deployed, "import", "fresh", file).stdout


def test_a_log_is_exported_oldest_first_and_by_its_time(deployed: Stack, tmp_path: Path) -> None:
    file = tmp_path / "log"
    run(deployed, "export", "real", "--out", file)
    assert [json.loads(line)["EventId"] for line in file.read_bytes().splitlines()] == [
        "e-1",
        "e-2",
    ]
    run(deployed, "export", "real", "--out", file, "--from", "2023-11-14", "--to", "2023-11-15")
    assert len(file.read_bytes().splitlines()) == 2
    run(deployed, "export", "real", "--out", file, "--to", "2023-11-14")
    assert file.read_bytes() == b""


def mirrored(folder: Path) -> Path:
    """What Azure left: two models' logs, one compressed, and things that are none."""
    first, second = folder / "20210101000000", folder / "20210304000000"
    for root in (first / "data/2021/03", second / "data/2021/03", second / "model"):
        root.mkdir(parents=True)
    (first / "data/2021/03/01_0000000000.json").write_bytes(
        b"\n".join([line(EventId="a"), line(_skipLearn=True), b"", line(p=[1, 1])]) + b"\n"
    )
    (second / "data/2021/03/04_0000000000.json.gz").write_bytes(gzip.compress(line(EventId="b")))
    (second / "data/2021/03/04_0000000001.json").write_bytes(line(EventId="c", _outcomes=[]))
    (second / "model/current.json").write_bytes(b"{}")
    return folder


def test_azures_mirrored_logs_are_imported_and_accounted_for(
    deployed: Stack, tmp_path: Path
) -> None:
    done = run(deployed, "import", "fresh", mirrored(tmp_path))
    assert done.exit_code == 0, done.output
    assert "2 learned, 0 known already, 2 skipped, 1 refused." in done.stdout
    assert "skipped 1: marked as not to be learned" in done.stdout
    assert "skipped 1: of several slots" in done.stdout
    assert "01_0000000000.json:4: not probabilities" in done.stdout


def test_a_log_is_forgotten(deployed: Stack) -> None:
    before = latest(deployed, "default")
    job = a_job(status=Status.NOT_SUBMITTED)
    deployed.account.jobs.create(job)
    assert run(deployed, "delete", "default").exit_code == 0
    kept = deployed.head.kept
    assert (kept.oldest, kept.cleared, kept.first_ranked_at) == (3, 3, None)
    assert not [*deployed.account.objects.keys("log/loop=default/")]
    assert latest(deployed, "default") == before
    (ended,) = deployed.account.jobs.of("default", Kind.EVALUATION)
    assert (ended.status, ended.reason) == (Status.FAILED, LOG_DELETED)


@pytest.mark.parametrize(
    ("command", "arguments"), [("export", ["--out", "log"]), ("delete", []), ("import", ["log"])]
)
def test_a_loop_that_is_not_there_is_told_in_one_line(
    deployed: Stack,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    command: str,
    arguments: list[Any],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("log").write_bytes(line())
    shown = run(deployed, command, "nobody", *arguments)
    assert (shown.exit_code, shown.stdout) == (1, "")
    assert "nobody" in shown.stderr
