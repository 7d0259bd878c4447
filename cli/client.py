"""What an application does with the API, in three calls."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self
from urllib.parse import quote

import httpx

TIMEOUT_S = 30


@dataclass(frozen=True, slots=True)
class Decision:
    """`generation` is the model's that ranked; 0 before there was any."""

    event_id: str
    action: str
    generation: int


class Client:
    """One loop's API. Raises httpx.HTTPStatusError for what is not a success."""

    def __init__(self, url: str, key: str):
        self._http = httpx.Client(
            base_url=f"{url}/personalizer/v1.0",
            headers={"Ocp-Apim-Subscription-Key": key},
            timeout=TIMEOUT_S,
            trust_env=False,  # a proxy has no business between this machine and itself
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def rank(
        self,
        context: list[dict[str, object]],
        actions: list[dict[str, object]],
        *,
        deferred: bool = False,
        event_id: str | None = None,
    ) -> Decision:
        body = {
            "contextFeatures": context,
            "actions": actions,
            "deferActivation": deferred,
            "eventId": event_id,
        }
        answer = self._post("rank", body)
        found = answer.json()
        generation = int(answer.headers["X-Personalizer-Generation"])
        return Decision(found["eventId"], found["rewardActionId"], generation)

    def reward(self, event_id: str, value: float, idempotency_key: str | None = None) -> None:
        """With a key it can be repeated: of calls with the same key, one counts."""
        headers = {"Idempotency-Key": idempotency_key} if idempotency_key else {}
        self._post(f"events/{quote(event_id, safe='')}/reward", {"value": value}, headers)

    def activate(self, event_id: str) -> None:
        self._post(f"events/{quote(event_id, safe='')}/activate", None)

    def _post(
        self, path: str, body: object, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        if body is None:
            return self._http.post(path, headers=headers).raise_for_status()
        return self._http.post(path, json=body, headers=headers).raise_for_status()
