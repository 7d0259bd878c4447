"""Which failures are worth another try, and when: the standard mode of AWS's SDKs."""

from random import random
from threading import Lock

from personalizer.adapters.aws import Refused, Unanswered

THROTTLED = {
    *("Throttling", "ThrottlingException", "ThrottledException", "RequestThrottledException"),
    *("TooManyRequestsException", "ProvisionedThroughputExceededException"),
    *("TransactionInProgressException", "RequestLimitExceeded", "BandwidthLimitExceeded"),
    *("LimitExceededException", "RequestThrottled", "SlowDown", "PriorRequestNotComplete"),
    "EC2ThrottledException",
}
PASSING = {"RequestTimeout", "RequestTimeoutException", "PriorRequestNotComplete"}
EXPIRED = {"ExpiredToken", "ExpiredTokenException", "UnrecognizedClientException"}
"""Credentials that are no longer good, or not yet: others may be."""
THROTTLING_STATUS = 429
PASSING_STATUSES = {500, 502, 503, 504}

THROTTLED_PAUSE_S = 1.0
PAUSE_S = 0.025
CAPACITY, COST = 500, 5


def is_throttled(failure: Refused | Unanswered) -> bool:
    return isinstance(failure, Refused) and (
        failure.code in THROTTLED or failure.status == THROTTLING_STATUS
    )


def is_expired(failure: Refused | Unanswered) -> bool:
    return isinstance(failure, Refused) and failure.code in EXPIRED


def is_worth_another_try(failure: Refused | Unanswered) -> bool:
    if isinstance(failure, Unanswered):
        return True
    passing = failure.code in PASSING or failure.status in PASSING_STATUSES
    return passing or is_throttled(failure) or is_expired(failure)


def pause(failure: Refused | Unanswered, attempt: int) -> float:
    """Seconds before the attempt after this one: a part, left to chance, of what doubles."""
    base = THROTTLED_PAUSE_S if is_throttled(failure) else PAUSE_S
    return random() * base * (1 << attempt - 1)  # noqa: S311 - only so that not all come at once


class Quota:
    """Retries cost and successes earn: when hardly anything succeeds, hardly anything is repeated,
    and a service in trouble does not hear everything three times."""

    def __init__(self) -> None:
        self._left = CAPACITY
        self._lock = Lock()

    def take(self) -> bool:
        with self._lock:
            if self._left < COST:
                return False
            self._left -= COST
            return True

    def earn(self, *, retried: bool) -> None:
        if self._left < CAPACITY:
            with self._lock:
                self._left = min(CAPACITY, self._left + (COST if retried else 1))
