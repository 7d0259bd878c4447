"""A busy laptop makes callers wait.

AWS starts another worker whenever all are busy. ministack does too, each a process that unpacks all
the function's layers, until `LAMBDA_ACCOUNT_CONCURRENCY` calls are under way; then it answers 429.
"""

import time
from collections.abc import Callable
from typing import Any

from ministack.services import lambda_svc

type Acquire = Callable[[Any, Any], tuple[str | None, str | None]]


def install() -> None:
    """Call before the emulator serves."""
    lambda_svc._acquire_execution_slot = _patient(lambda_svc._acquire_execution_slot)


def _patient(acquire: Acquire) -> Acquire:
    def acquire_slot(function: Any, config: Any) -> tuple[str | None, str | None]:
        # Every call has a thread to wait in. It would wait for ever only if functions called
        # functions, and ours do not.
        while (slot := acquire(function, config))[1] == "account":
            time.sleep(0.005)
        return slot

    return acquire_slot
