"""The order in which an evaluation's tasks are called, as the template has it."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.template.cloudformation import Template
from tests.template.machine import Failed, Run, definition

JOB = {"loop": "default", "kind": "evaluation", "id": "e-1"}


@dataclass
class Evaluation:
    """A function that plans in so many steps, and pursues all studies of a round in so many."""

    plans: int = 1
    parts: int = 2
    rounds: int = 1
    studies: int = 3
    steps: int = 1
    failing: str = ""
    calls: list[dict[str, Any]] = field(default_factory=list)

    def __call__(self, asked: dict[str, Any]) -> Any:
        assert asked.items() >= JOB.items()
        self.calls.append(asked)
        task = asked["task"]
        if task == self.failing:
            raise Failed("ObjectCorrupt")
        done = self.count(**asked)
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

    def count(self, **asked: Any) -> int:
        return self.calls.count(asked)

    @property
    def tasks(self) -> dict[str, int]:
        return Counter(call["task"] for call in self.calls)


@pytest.fixture(scope="module")
def machine(template: Template) -> dict[str, Any]:
    return definition(template, "EvaluationMachine")


def run(machine: dict[str, Any], evaluation: Evaluation) -> Run:
    found = Run(evaluation)
    found(machine, dict(JOB))
    return found


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
    assert {call["part"] for call in evaluation.calls if "part" in call} == {*range(7)}
