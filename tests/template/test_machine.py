"""The order in which an evaluation's tasks are called, as the template has it."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from personalizer.domain.evaluation.importance import MOST_STUDIED, PLACEBOS
from tests.template.cloudformation import Template
from tests.template.machine import Failed, Run, definition

HISTORY = 25_000
"""So many events Step Functions keeps of a run, which ends with the last."""
RESERVE = 60
"""So many seconds before its end a function takes on nothing more."""
ROUNDS = 8
"""Of a search: five, each with twice as much of the log, the whole of it, the refined, the end."""
JOB = {"loop": "default", "kind": "evaluation", "id": "e-1", "created_at": 1}


@dataclass
class Evaluation:
    """A function that plans in so many steps, and pursues all studies of a round in so many."""

    plans: int = 1
    parts: int = 2
    rounds: int = 1
    studies: int = 3
    steps: int = 1
    failing: str = ""
    calls: Counter[tuple[Any, ...]] = field(default_factory=Counter)
    tasks: Counter[str] = field(default_factory=Counter)

    def __call__(self, asked: dict[str, Any]) -> Any:
        assert asked.items() >= JOB.items()
        task, call = asked["task"], (*asked.items(),)
        self.tasks[task] += 1
        self.calls[call] += 1
        if task == self.failing:
            raise Failed("ObjectCorrupt")
        done = self.calls[call]
        match task:
            case "plan":
                is_done = done == self.plans
                return {"done": is_done, "parts": [*range(self.parts)] if is_done else []}
            case "choose":
                round_ = done if done <= self.rounds else 0
                return {"studies": [f"{round_}-{n}" for n in range(self.studies)] if round_ else []}
            case "study":
                return {"done": done == self.steps}
        return {}


@pytest.fixture(scope="module")
def machine(template: Template) -> dict[str, Any]:
    return definition(template, "EvaluationMachine")


def run(machine: dict[str, Any], evaluation: Evaluation) -> Run:
    found = Run(evaluation)
    found(machine, dict(JOB))
    return found


def test_every_state_has_a_name_of_its_own(machine: dict[str, Any]) -> None:
    """In the whole of a machine, which AWS asks for."""
    names = [*every_state(machine)]
    assert len(names) == len({*names})


def every_state(machine: dict[str, Any]) -> Iterator[str]:
    for name, state in machine["States"].items():
        yield name
        if "ItemProcessor" in state:
            yield from every_state(state["ItemProcessor"])


def test_it_plans_until_the_plan_is_made_and_gathers_every_part(machine: dict[str, Any]) -> None:
    evaluation = Evaluation(plans=5, parts=7)
    run(machine, evaluation)
    assert evaluation.tasks == {
        "plan": 5,
        "gather": 7,
        "choose": 2,
        "study": 3,
        "conclude": 1,
    }
    parts = {dict(call).get("part") for call in evaluation.calls}
    assert parts == {None, *range(7)}


def test_studies_go_on_until_they_are_over_and_nothing_more_is_chosen(
    machine: dict[str, Any],
) -> None:
    evaluation = Evaluation(rounds=4, studies=3, steps=5)
    run(machine, evaluation)
    assert evaluation.tasks["study"] == 4 * 3 * 5
    assert evaluation.tasks["choose"] == 5


@pytest.mark.parametrize("task", ["plan", "gather", "choose", "study", "conclude"])
def test_whatever_fails_is_told_by_its_name(machine: dict[str, Any], task: str) -> None:
    """First of all: who fails first says why an evaluation failed."""
    evaluation = Evaluation(failing=task)
    with pytest.raises(Failed, match="EvaluationFailed"):
        run(machine, evaluation)
    told = [dict(call)["error"] for call in evaluation.calls if dict(call)["task"] == "fail"]
    assert told[0] == "ObjectCorrupt"


def test_no_history_outgrows_what_is_kept_of_it(
    machine: dict[str, Any], template: Template
) -> None:
    """The longest there can be: a search with all its rounds, or a study for each of most features,
    each of as many steps as there is time for."""
    seconds = template.document["Parameters"]["EvaluationSeconds"]["MaxValue"]
    steps = seconds // (template.functions()["evaluation"]["Timeout"] - RESERVE)
    longest = run(machine, Evaluation(rounds=1, studies=1, parts=1, steps=steps))
    widest = run(machine, Evaluation(rounds=ROUNDS, studies=MOST_STUDIED + PLACEBOS + 1))
    histories = [each.events for run in (longest, widest) for each in (run, *run.children)]
    assert max(histories) < HISTORY
    assert widest.events < 200


def test_planning_for_as_long_as_there_is_time_leaves_room_for_all_else(
    machine: dict[str, Any],
) -> None:
    plans = run(machine, Evaluation(plans=1_000)).events - run(machine, Evaluation()).events
    assert plans / 999 <= 7
