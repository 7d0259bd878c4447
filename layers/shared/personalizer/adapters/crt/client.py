"""A service's client: sign, send, understand the answer, and ask again where that is worth it."""

import os
from collections.abc import Callable, Sequence
from io import BytesIO

from awscrt.http import HttpHeaders, HttpRequest

from personalizer.adapters.aws import Patience, Refused, Unanswered
from personalizer.adapters.crt.connections import Answer, Connections
from personalizer.adapters.crt.endpoint import Endpoint
from personalizer.adapters.crt.retries import Quota, is_expired, is_worth_another_try, pause
from personalizer.adapters.crt.signing import Signer

type Headers = Sequence[tuple[str, str]]
type Sleep = Callable[[float], object]


class Client:
    def __init__(
        self,
        endpoint: Endpoint,
        signer: Signer,
        patience: Patience,
        sleep: Sleep,
    ):
        self._endpoint = endpoint
        self._signer = signer
        self._connections = Connections(endpoint, patience)
        self._attempts = patience.attempts
        self._quota = Quota()
        self._sleep = sleep

    def call[T](
        self,
        method: str,
        path: str,
        headers: Headers,
        body: bytes,
        understand: Callable[[Answer], T],
    ) -> T:
        """What `understand` makes of the answer. Raises Refused or Unanswered, as that does."""
        attempt = 1
        while True:
            try:
                understood = understand(self._asked(method, path, headers, body))
            except (Refused, Unanswered) as failure:
                if not self._tries_again(failure, attempt):
                    raise
                self._sleep(pause(failure, attempt))
                attempt += 1
            else:
                self._quota.earn(retried=attempt > 1)
                return understood

    def _asked(self, method: str, path: str, headers: Headers, body: bytes) -> Answer:
        """Signed anew for every attempt, with the time and the credentials of now."""
        all_headers = HttpHeaders([("Host", self._endpoint.authority), *headers, *_trace()])
        request = HttpRequest(method, path, all_headers, BytesIO(body) if body else None)
        self._signer.sign(request)
        return self._connections.exchange(request)

    def _tries_again(self, failure: Refused | Unanswered, attempt: int) -> bool:
        if is_expired(failure):
            self._signer.forget()
        return attempt < self._attempts and is_worth_another_try(failure) and self._quota.take()


def _trace() -> Headers:
    """Lambda's, by which AWS notices functions that call each other for ever."""
    trace = os.environ.get("_X_AMZN_TRACE_ID")
    if trace is None or "AWS_LAMBDA_FUNCTION_NAME" not in os.environ:
        return []
    return [("X-Amzn-Trace-Id", trace)]
