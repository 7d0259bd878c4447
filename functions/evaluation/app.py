"""Offline evaluations: one task an invocation, as the state machine or the schedule has it.

What a task raises it may do another time, or it ends the evaluation: the machine knows which.
"""

from collections.abc import Callable
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from personalizer.bootstrap import evaluation
from personalizer.domain.evaluation.job import JobRef, Kind, Status
from personalizer.errors import JobFailed
from personalizer.usecases.evaluation.tend import Tended

logger = Logger()
metrics = Metrics()
tasks, tend, settle = evaluation.tasks(), evaluation.tend(), evaluation.settle()

ENOUGH_MS = 60_000
"""What one step of a task may take; it is not begun in less."""

TOO_LONG = ("States.Timeout", "Sandbox.Timedout")
"""What a task that did not end in time is called."""


@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> dict[str, Any] | None:
    metrics.add_metric("EvaluationTasks", MetricUnit.Count, 1)

    def has_time() -> bool:
        return bool(context.get_remaining_time_in_millis() > ENOUGH_MS)

    match event["task"]:
        case "tend":
            _say(tend(has_time))
        case "settle":
            job = settle.ended(event["execution"], event["status"])
            logger.info("settled", run=event["execution"], status=event["status"], ended=bool(job))
        case task:
            return _worked(task, event, has_time)
    return None


def _worked(task: str, event: dict[str, Any], has_time: Callable[[], bool]) -> dict[str, Any]:
    """What the machine goes on with."""
    ref = JobRef(event["loop"], Kind(event["kind"]), event["id"], event["created_at"])
    try:
        answer = _answer(task, ref, event, has_time)
    except JobFailed as failure:
        tasks.fail(ref, Status.FAILED, str(failure))
        raise
    logger.info("evaluated", task=task, loop=ref.loop, kind=ref.kind)
    return answer


def _answer(
    task: str, ref: JobRef, event: dict[str, Any], has_time: Callable[[], bool]
) -> dict[str, Any]:
    match task:
        case "plan":
            parts = tasks.plan(ref, has_time)
            return {"done": parts is not None, "parts": [*(parts or ())]}
        case "gather":
            tasks.gather(ref, event["part"])
        case "choose":
            return {"studies": tasks.choose(ref)}
        case "study":
            return {"done": tasks.study(ref, event["study"], has_time)}
        case "conclude":
            tasks.conclude(ref)
        case "fail":
            _fail(ref, event["error"])
        case _:
            raise ValueError(f"no task is called {task}")
    return {}


def _fail(ref: JobRef, error: str) -> None:
    """`error` is the name of what a task raised; what it said may be about people."""
    metrics.add_metric("EvaluationsFailed", MetricUnit.Count, 1)
    status = Status.TIMEOUT if error in TOO_LONG else Status.FAILED
    tasks.fail(ref, status, f"one of its tasks came to no end: {error}")


def _say(done: Tended) -> None:
    rolled_back = [watched.loop for watched in done.watched if watched.is_rolled_back]
    metrics.add_metric("RolledBack", MetricUnit.Count, len(rolled_back))
    behind = sum(watched.is_behind for watched in done.watched)
    metrics.add_metric("WatchesBehind", MetricUnit.Count, behind)
    for due in done.due:
        logger.info("optimisation due", loop=due.loop, started=bool(due.job), reason=due.reason)
    for watched in done.watched:
        logger.info(
            "watched",
            loop=watched.loop,
            events=watched.events,
            gain_of_the_policy_before=watched.gain,
            rolled_back=watched.is_rolled_back,
        )
    stragglers = [job.loop for job in done.stragglers]
    logger.info("tended", stragglers=stragglers, rolled_back=rolled_back)
