"""A state machine of the template, run as Step Functions would: as far as ours goes, and no more.

Counted is what AWS would write into a run's history, which may have 25,000 events.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.template.cloudformation import Template

type Call = Callable[[dict[str, Any]], Any]

TASK = 5  # entered, scheduled, started, succeeded, exited
STEP = 2  # entered, exited
MAP = 4  # and started, succeeded
ITERATION = 2
MAP_RUN = 2


class Failed(Exception):
    """A task raised this; as the machine sees it, by its name."""


def definition(template: Template, resource: str) -> dict[str, Any]:
    text, values = template.resources[resource]["Properties"]["DefinitionString"]["Fn::Sub"]
    for _ in range(2):  # values may be made of values
        for name, value in values.items():
            text = text.replace(f"${{{name}}}", value)
    for number in ("EvaluationSeconds", "EvaluationConcurrency"):
        text = text.replace(f"${{{number}}}", "10")
    found: dict[str, Any] = json.loads(text)
    return found


@dataclass
class Run:
    """Of a machine, or of a part of it; `children` are runs of their own."""

    call: Call
    events: int = 2
    visited: list[str] = field(default_factory=list)
    children: list["Run"] = field(default_factory=list)

    def __call__(self, machine: Mapping[str, Any], given: dict[str, Any]) -> None:
        """Raises Failed if it ends so."""
        name, data = machine["StartAt"], given
        while name:
            self.visited.append(name)
            name, data = self._step(machine["States"][name], data)

    def _step(self, state: dict[str, Any], data: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        try:
            return self._done(state, data)
        except Failed as fault:
            for catch in state.get("Catch", []):
                assert catch["ErrorEquals"] == ["States.ALL"]
                return catch["Next"], data | {"fault": {"Error": str(fault)}}
            raise

    def _done(self, state: dict[str, Any], data: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        match state["Type"]:
            case "Task":
                self.events += TASK
                result = self.call(_filled(state["Parameters"], data))
                return state.get("Next", ""), _with(data, state.get("ResultPath", "$"), result)
            case "Choice":
                self.events += STEP
                chosen = (each["Next"] for each in state["Choices"] if _holds(each, data))
                return next(chosen, state["Default"]), data
            case "Map":
                self.events += MAP
                self._each(state, data)
                return state["Next"], data
            case "Pass":
                self.events += STEP
                return state.get("Next", ""), data
            case "Fail":
                raise Failed(state["Error"])
        raise AssertionError(state)

    def _each(self, state: dict[str, Any], data: dict[str, Any]) -> None:
        processor = state["ItemProcessor"]
        is_distributed = processor["ProcessorConfig"]["Mode"] == "DISTRIBUTED"
        self.events += MAP_RUN if is_distributed else 0
        for item in _at(state["ItemsPath"], data):
            own = Run(self.call) if is_distributed else self
            self.events += 0 if is_distributed else ITERATION
            self.children += [own] if is_distributed else []
            try:
                own(processor, _filled(state["ItemSelector"], data, item))
            except Failed:
                if is_distributed:
                    raise Failed("States.ExceedToleratedFailureThreshold") from None
                raise


def _at(path: str, data: Any) -> Any:
    for name in _names(path):
        data = data[name]
    return data


def _names(path: str) -> Iterator[str | int]:
    assert path.startswith("$.")
    for name in path[2:].split("."):
        plain, _, number = name.partition("[")
        yield plain
        if number:
            yield int(number[:-1])


def _filled(wanted: Mapping[str, Any], data: Any, item: Any = None) -> dict[str, Any]:
    return {
        name.removesuffix(".$"): (
            value
            if not name.endswith(".$")
            else item
            if value == "$$.Map.Item.Value"
            else _at(value, data)
        )
        for name, value in wanted.items()
    }


def _with(data: dict[str, Any], path: str | None, result: Any) -> dict[str, Any]:
    if path is None:
        return data
    return result if path == "$" else data | {path.removeprefix("$."): result}


def _holds(choice: Mapping[str, Any], data: Any) -> bool:
    try:
        found = _at(choice["Variable"], data)
    except (KeyError, IndexError):
        return choice.get("IsPresent") is False
    return bool(choice.get("IsPresent") or found is choice.get("BooleanEquals"))
