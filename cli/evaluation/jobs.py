"""`python -m cli evaluations`: those that a deployed loop made, by API or schedule."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from cli.account import Account, faults_explained
from cli.evaluation.outcome import Outcome, evaluated, scored, tell
from cli.evaluation.words import shown
from cli.steps import Problem, problems_explained
from personalizer import bootstrap, dsjson
from personalizer.adapters.vw import VwEngine
from personalizer.domain.evaluation.job import Job, Kind
from personalizer.errors import JobNotFound, JobUnfinished, ModelNotEvaluated, PolicyNotEvaluated
from personalizer.usecases.evaluation.apply import ApplyEvaluation
from personalizer.usecases.evaluation.jobs import Evaluations
from personalizer.usecases.models.placing import Placing

app = typer.Typer(
    help="A deployed loop's evaluations. Reads the stack's outputs (LOOPS_TABLE, DATA_BUCKET,"
    " EVALUATION_MACHINE) from the environment.",
    no_args_is_help=True,
)

Loop = Annotated[str, typer.Option(help="The loop's name.")]
Id = Annotated[str, typer.Argument(help="As `list` tells it.")]
Features = Annotated[bool, typer.Option("--features", help="Of those that are about features.")]
Out = Annotated[
    Path | None, typer.Option(help="A folder for report.html, report.json and report.csv.")
]


@app.command(name="list")
def list_(loop: Loop, features: Features = False) -> None:
    """Name them, the newest first."""
    with _explained():
        for job in _evaluations().of(loop, _kind(features)):
            typer.echo(_line(job))


@app.command()
def show(loop: Loop, job_id: Id, features: Features = False, out: Out = None) -> None:
    """Say how far it is, and what it found."""
    with _explained():
        evaluations = _evaluations()
        job = evaluations.get(loop, _kind(features), job_id)
        typer.echo(_line(job))
        if (outcome := _outcome(evaluations, job)) is not None:
            tell(outcome, out)


@app.command()
def apply(loop: Loop, job_id: Id, policy: Annotated[str, typer.Option(help="Its name.")]) -> None:
    """Learn by one of its policies from now on, with the model that it learned there."""
    account = Account()
    with _explained():
        placing = Placing(
            account.loops, account.objects, VwEngine(), bootstrap.now, bootstrap.new_uid
        )
        made = ApplyEvaluation(_evaluations(), account.objects, placing)(loop, job_id, policy)
    said = "stays as it is" if made is None else f"goes on from it: generation {made}"
    typer.echo(f"Loop {loop} {said}.")


@app.command()
def delete(loop: Loop, job_id: Id, features: Features = False) -> None:
    """End it if it runs, and remove all that it has made. The loop stays as it is."""
    with _explained():
        _evaluations().delete(loop, _kind(features), job_id)
    typer.echo("It is gone.")


@contextmanager
def _explained() -> Iterator[None]:
    with problems_explained(), faults_explained():
        try:
            yield
        except JobNotFound:
            raise Problem("There is no such evaluation; `list` names those there are.") from None
        except JobUnfinished:
            raise Problem("It has found nothing, yet or ever.") from None
        except PolicyNotEvaluated as error:
            raise Problem(f"{error} is none that a loop could learn by.") from None
        except ModelNotEvaluated as error:
            raise Problem(f"There is no model of {error}: `policies set` makes one.") from None


def _kind(features: bool) -> Kind:
    return Kind.FEATURES if features else Kind.EVALUATION


def _evaluations() -> Evaluations:
    account = Account()
    return Evaluations(
        account.jobs,
        account.loops,
        account.objects,
        account.objects,
        account.runner,
        bootstrap.now,
    )


def _outcome(evaluations: Evaluations, job: Job) -> Outcome | None:
    name = shown(job.name)
    if job.kind is Kind.FEATURES:
        weighed = evaluations.scored(job)
        return scored(weighed, name) if weighed else None
    found = evaluations.evaluated(job)
    return evaluated(found, name) if found else None


def _line(job: Job) -> str:
    told = [job.id, dsjson.timestamp(job.created_at), job.status.value, job.name, job.reason]
    return "  ".join(shown(each) for each in told if each)
