"""The process that learners are forked from: run as a file, it imports VW and nothing else.

It reads the name of a folder, forks a child that learns what lies there, and writes the child's
exit status; so a fresh learner costs a fork and not the start of an interpreter. It learns nothing
itself, and has no credentials.

A child can also be asked what it thinks of lines, before it learns them or without learning.
"""

import json
import math
import os
import sys
from array import array
from collections.abc import Callable, Sequence
from mmap import mmap
from pathlib import Path
from typing import IO, Any, NamedTuple

import pylibvw

ARGUMENTS = "arguments.json"
BASE_MODEL = "base.vw"
LINES = "lines.dsjson"
ORDER = "order.json"
"""In which the lines are learned, by their numbers: a line may come several times."""
ASKED = "asked.json"
"""How VW is asked, and the places in the order where it is."""
OPINIONS = "opinions"
"""For each of these places in turn, but for lines that are refused: the number of candidates, their
probabilities and their costs. They are what VW has, 32-bit floats."""
ANSWERS = "answers"
"""A word on how it began, and then the place in the order and the reason for what is refused."""
PROGRESS = "progress"
"""How many have been dealt with: told in shared memory, which costs next to nothing and outlives
the child."""
PROGRESS_BYTES = 8
NEW_MODEL = "new.vw"

ONLY, FIRST, LEARNING = "only", "first", "learning"
"""How VW is asked: without teaching, before, or by teaching."""

READY = "ready"
REFUSED = "refused"
RUINED = "ruined"


type Teaching = Callable[[Any, Any, int], None]
"""Teaches a VW an example that has been parsed, in which this is the action that was chosen."""

type Telling = Callable[[Any, Any, int, array[float]], None]
"""The same, and writes down what it thinks of the example."""


def main() -> None:
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _learn_all(line.rstrip("\n"))
        _, status = os.waitpid(child, 0)
        os.write(1, f"{os.waitstatus_to_exitcode(status)}\n".encode())


def _learn_all(folder: str) -> None:
    """In the child: say that VW has started, learn line by line, save, try, and be gone."""
    try:
        with Path(folder, ANSWERS).open("ab", 0) as answers:
            vw, lesson = _started(folder), _lesson(folder)
            answers.write(f"{READY if vw else REFUSED}\n".encode())
            if vw:
                known = _learn_each(vw, lesson, answers)
                Path(folder, OPINIONS).write_bytes(lesson.opinions)
                if lesson.telling is not tell_only:
                    vw.save(f"{folder}/{NEW_MODEL}")
                    if not _is_sound(f"{folder}/{NEW_MODEL}", known):
                        answers.write(f"{RUINED}\n".encode())
    except BaseException as error:
        sys.stderr.write(f"learner: {type(error).__name__}\n")
        os._exit(1)
    os._exit(0)


def _started(folder: str) -> Any:
    """VW, or None if it refuses these arguments or this model: it always will.

    Counters go on where the base model's stopped, so that the same lines make the same file to the
    byte, however they were cut into lessons.
    """
    arguments = json.loads(Path(folder, ARGUMENTS).read_bytes())
    try:
        return pylibvw.vw(["--quiet", "--dsjson", "--preserve_performance_counters", *arguments])
    except RuntimeError:
        return None


class _Lesson(NamedTuple):
    """The lines, the order in which they are learned, and where to tell how far that came; where in
    the order VW is asked, how, and what it thought."""

    lines: Sequence[bytes]
    order: Sequence[int]
    progress: mmap
    asked: frozenset[int]
    telling: Telling
    opinions: array[float]


def _lesson(folder: str) -> _Lesson:
    """All that may fail for the machine's reasons, before any line is to blame."""
    with Path(folder, PROGRESS).open("r+b") as file:
        progress = mmap(file.fileno(), PROGRESS_BYTES)
    lines = Path(folder, LINES).read_bytes().split(b"\n")
    order = json.loads(Path(folder, ORDER).read_bytes())
    how, places = json.loads(Path(folder, ASKED).read_bytes())
    return _Lesson(lines, order, progress, frozenset(places), TELLING[how], array("f"))


def _learn_each(vw: Any, lesson: _Lesson, answers: IO[bytes]) -> bytes | None:
    """The last line that was learned, if any was. What was learned once is not looked at again."""

    def telling(vw: Any, examples: Any, chosen: int) -> None:
        lesson.telling(vw, examples, chosen, lesson.opinions)

    reasons: dict[int, str | None] = {}
    known = None
    for place, number in enumerate(lesson.order):
        line = lesson.lines[number]
        if place in lesson.asked:
            reasons[number] = _learn(vw, line, telling)
        elif number not in reasons:
            reasons[number] = _learn(vw, line)
        elif reasons[number] is None:
            _learn_again(vw, line)
        if reason := reasons[number]:
            answers.write(f"{place} {reason}\n".encode())
        else:
            known = line
        lesson.progress[:] = (place + 1).to_bytes(PROGRESS_BYTES)
    return known


def _is_sound(model: str, known: bytes | None) -> bool:
    """A model goes out only if it loads and has an opinion on what it has just learned."""
    vw = pylibvw.vw(["--quiet", "--dsjson", "-t", "-i", model])
    if known is None:
        return True
    examples = vw._parse(known.decode())
    vw.predict_multi(examples)
    return all(map(math.isfinite, examples[0].get_action_scores()))


def _teach(vw: Any, examples: Any, chosen: int) -> None:
    vw.learn_multi(examples)


def _learn(vw: Any, line: bytes, teach: Teaching = _teach) -> str | None:
    """Why a line is refused; None once it is learned.

    VW accepts many broken lines in silence: that nothing was raised proves nothing. What is raised
    while learning may leave the model half changed, so it ends the child. Examples that VW gets
    back unlearned break those that follow: what is refused just dies with the child.
    """
    try:
        examples = vw._parse(line.decode())
    except (RuntimeError, UnicodeDecodeError) as error:
        return f"not readable: {type(error).__name__}"
    if len(examples) < 2:
        return "not an example"
    labels = [example.get_cbandits_num_costs() for example in examples[1:]]
    if sum(labels) != 1:
        return "no label"
    teach(vw, examples, 1 + labels.index(1))
    vw._finish_example_multi_ex(examples)
    return None


def _learn_again(vw: Any, line: bytes) -> None:
    examples = vw._parse(line.decode())
    vw.learn_multi(examples)
    vw._finish_example_multi_ex(examples)


def tell_only(vw: Any, examples: Any, chosen: int, opinions: array[float]) -> None:
    vw.predict_multi(examples)
    _write_down(opinions, examples, _costs(examples))


def tell_first(vw: Any, examples: Any, chosen: int, opinions: array[float]) -> None:
    tell_only(vw, examples, chosen, opinions)
    vw.learn_multi(examples)


def tell_learning(vw: Any, examples: Any, chosen: int, opinions: array[float]) -> None:
    """The cheapest way. Learning leaves what VW thought before of all but the chosen one's cost,
    which it is asked for alone."""
    vw.predict_multi([examples[0], examples[chosen]])
    cost = examples[chosen].get_partial_prediction()
    vw.learn_multi(examples)
    costs = _costs(examples)
    costs[chosen - 1] = cost
    _write_down(opinions, examples, costs)


TELLING: dict[str, Telling] = {ONLY: tell_only, FIRST: tell_first, LEARNING: tell_learning}


def _costs(examples: Any) -> list[float]:
    return [example.get_partial_prediction() for example in examples[1:]]


def _write_down(opinions: array[float], examples: Any, costs: list[float]) -> None:
    opinions.append(len(costs))
    opinions.extend(examples[0].get_action_scores())
    opinions.extend(costs)


if __name__ == "__main__":
    main()
