"""One straight pass of plain Vowpal Wabbit over a loop's log, without any of our own learner."""

import math
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pylibvw

from personalizer.adapters.vw import words
from personalizer.domain.commit import Commit
from personalizer.usecases.lessons import Course, lessons


def model(commit: Commit, logged: Sequence[bytes], first: int) -> bytes:
    """What these lines, the first of which is at place `first` of the log, make of nothing when
    they are taught as this commit's."""
    options = ["--quiet", "--dsjson", "--preserve_performance_counters"]
    vw = pylibvw.vw([*options, *words.to_start(commit.arguments)])
    for lesson in lessons(Course.of(commit), logged, first):
        examples = vw._parse(lesson.line.decode())
        vw.learn_multi(examples)
        vw._finish_example_multi_ex(examples)
    with tempfile.TemporaryDirectory() as folder:
        vw.save(f"{folder}/model")
        return Path(folder, "model").read_bytes()


def is_finite(data: bytes) -> bool:
    """Whether all weights of a model are."""
    with tempfile.NamedTemporaryFile() as file:
        Path(file.name).write_bytes(data)
        vw = pylibvw.vw(["--quiet", "-t", "-i", file.name])
    return all(math.isfinite(vw.get_weight(index, 0)) for index in range(vw.num_weights()))
