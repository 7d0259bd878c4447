"""An evaluation on this machine: what a run consists of, one task after another."""

from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from cli.evaluation import workers
from cli.evaluation.folder import Folder
from cli.evaluation.subject import Subject
from cli.evaluation.workers import Place
from personalizer import bootstrap
from personalizer.adapters.memory_jobs import MemoryJobs, MemoryRunner
from personalizer.domain.evaluation.job import Job, JobRef, Kind
from personalizer.domain.evaluation.result import EvaluationResult, FeatureResult
from personalizer.ports import Engine
from personalizer.usecases.evaluation import desk as desks
from personalizer.usecases.evaluation import results
from personalizer.usecases.evaluation.desk import Desk
from personalizer.usecases.evaluation.jobs import Evaluations, Wanted
from personalizer.usecases.evaluation.plan import SEARCH_SECONDS, Plan
from personalizer.usecases.evaluation.pursuit import Pursuit
from personalizer.usecases.evaluation.study import Study
from personalizer.usecases.evaluation.tasks import Tasks

COLUMNS = (
    TextColumn("{task.description}"),
    BarColumn(),
    MofNCompleteColumn(),
    TextColumn("{task.fields[unit]}"),
    TimeElapsedColumn(),
    TimeRemainingColumn(),
)


@dataclass(frozen=True, slots=True)
class Bench:
    """Where an evaluation is worked on: `folder` holds what it makes on its way, `seconds` of
    computing a search may take, on so many `processes` together."""

    subject: Subject
    folder: Path
    engine: Engine
    processes: int = 1
    seconds: float = SEARCH_SECONDS

    @property
    def workbench(self) -> Folder:
        return Folder(self.folder)


def evaluation(bench: Bench, wanted: Wanted) -> EvaluationResult:
    """Raises JobRefused, JobFailed, PolicyRefused."""
    job = _done(bench, Kind.EVALUATION, wanted)
    return results.evaluation(bench.workbench, job)


def features(bench: Bench, wanted: Wanted) -> FeatureResult:
    """Raises JobRefused, JobFailed."""
    job = _done(bench, Kind.FEATURES, wanted)
    return results.features(bench.workbench, job)


def _done(bench: Bench, kind: Kind, wanted: Wanted) -> Job:
    subject, workbench = bench.subject, bench.workbench
    jobs, runner = MemoryJobs(subject.loops), MemoryRunner()
    evaluations = Evaluations(
        jobs, subject.loops, subject.objects, workbench, runner, subject.clock
    )
    job = evaluations.create(subject.loop, kind, wanted)
    tasks = Tasks(
        jobs,
        subject.loops,
        subject.objects,
        workbench,
        bench.engine,
        workers.nothing_more,
        bootstrap.now,
    )
    ref = job.ref
    with Progress(*COLUMNS, console=Console(stderr=True)) as progress:
        _gather(bench, tasks, ref, progress)
        _study(bench, tasks, job, progress)
    tasks.conclude(ref)
    return job


def _gather(bench: Bench, tasks: Tasks, ref: JobRef, progress: Progress) -> None:
    parts = tasks.plan(ref, lambda: True) or ()
    desk = Desk(bench.workbench, ref)
    desk.lay(desks.PLAN, replace(desk.take(desks.PLAN, Plan), seconds=bench.seconds))
    bar = progress.add_task("Gathering", total=len(parts), unit="parts of the log")
    for part in parts:
        tasks.gather(ref, part)
        progress.advance(bar)


def _study(bench: Bench, tasks: Tasks, job: Job, progress: Progress) -> None:
    place = Place(bench.folder, bench.subject.state, job)
    desk = Desk(bench.workbench, job.ref)
    bar = progress.add_task("Studying ", total=None, unit="lines x policies")
    with workers.executor(bench.processes) as pool:
        while waiting := tasks.choose(job.ref):
            for _ in workers.all_of(pool, place, waiting):
                done, total = _lines(desk)
                progress.update(bar, completed=done, total=total)


def _lines(desk: Desk) -> tuple[int, int]:
    """How many were studied, and how many are to be, as far as is known by now."""
    first = desk.take(desks.PLAN, Plan).first_line
    studies = desk.take(desks.STUDIES, dict[str, Study])
    done = total = 0
    for study in studies.values():
        found = desk.find(desks.pursuit(study.id), Pursuit) or Pursuit()
        total += study.until - first
        done += study.until - first if found.unusable else max(found.progress.position - first, 0)
    return done, total
