"""The process in which a model from elsewhere is loaded for the first time: run as a file.

It gives up what it could do harm with, loads the model, tries it, and says what options VW found in
it. In its second stage it also learns an event and saves, so it may write a little.
"""

import json
import math
import os
import resource
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pylibvw

MODEL = "model.vw"
SAVED = "saved.vw"

MEMORY = 1024 * 1024 * 1024
"""Rank has no more, so that a model which needs it could not be served."""
CPU_SECONDS = 8
MAX_GROWTH = 1024 * 1024
OPEN_FILES = 4
"""The three that every process has, and the model."""

_ACTIONS = [{"i": {"constant": 1, "id": name}, "j": [{"name": name}]} for name in "abc"]
_LINE = json.dumps(
    {
        "_label_cost": 0.5,
        "_label_probability": 0.5,
        "_label_Action": 1,
        "_labelIndex": 0,
        "a": [1, 2, 3],
        "c": {"FromUrl": [{"hour": "h7", "size": 2}], "_multi": _ACTIONS},
        "p": [0.5, 0.25, 0.25],
    }
)


def look() -> str:
    """Nothing can be written from here, and no connection kept beside the model's file."""
    _confine(file_size=0)
    vw = pylibvw.vw(["--quiet", "--dsjson", "-t", "-i", MODEL])
    _predict(vw)
    if not all(math.isfinite(vw.get_weight(index, 0)) for index in range(vw.num_weights())):
        os._exit(1)  # one such weight spoils all that is learned later, and shows in no prediction
    return str(vw.get_arguments())


def learn() -> str:
    _confine(file_size=2 * Path(MODEL).stat().st_size + MAX_GROWTH)
    vw = pylibvw.vw(["--quiet", "--dsjson", "--preserve_performance_counters", "-i", MODEL])
    examples = vw._parse(_LINE)
    vw.learn_multi(examples)
    vw._finish_example_multi_ex(examples)
    vw.save(SAVED)
    _predict(pylibvw.vw(["--quiet", "--dsjson", "-t", "-i", SAVED]))
    return str(vw.get_arguments())


STAGES: dict[str, Callable[[], str]] = {"look": look, "learn": learn}


def _confine(file_size: int) -> None:
    limits = {
        resource.RLIMIT_AS: MEMORY,
        resource.RLIMIT_CPU: CPU_SECONDS,
        resource.RLIMIT_FSIZE: file_size,
        resource.RLIMIT_NOFILE: OPEN_FILES,
        resource.RLIMIT_NPROC: 0,
        resource.RLIMIT_CORE: 0,
    }
    for limit, value in limits.items():
        resource.setrlimit(limit, (value, value))


def _predict(vw: Any) -> None:
    examples = vw._parse(_LINE)
    vw.predict_multi(examples)
    probabilities = examples[0].get_action_scores()
    if len(probabilities) != len(_ACTIONS) or not all(map(math.isfinite, probabilities)):
        os._exit(1)
    vw._finish_example_multi_ex(examples)


if __name__ == "__main__":
    os.write(1, STAGES[sys.argv[1]]().encode())
    os._exit(0)
