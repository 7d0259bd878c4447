"""Every hostile rank through the API and the trainer, in a process that it may kill.

Run as `python -m tests.functions.corpus FILE`: what became of the corpus goes into the file. Before
each body its name goes to standard error, so that a death names its cause.
"""

import base64
import json
import math
import os
import sys
import tempfile
from dataclasses import dataclass, field
from itertools import batched
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pylibvw
from moto import mock_aws

from personalizer.adapters.vw.learner import Learner
from personalizer.domain.event import Key
from personalizer.domain.loop import DEFAULT_POLICY
from tests import stack
from tests.factories import a_body
from tests.functions import hostile
from tests.functions.conftest import Service, call, serve
from tests.functions.owner import Owner
from tests.functions.test_reward import to
from tests.functions.test_story import changes, delivered, teach
from tests.template.cloudformation import Template

POLICIES = {
    "default": DEFAULT_POLICY,
    "every pair": "--cb_explore_adf --epsilon 0.2 --power_t 0 -l 0.001 --cb_type mtr -q ::",
}
BYTES = "application/octet-stream"
REWARDS = ["1", "-1", "0", "-0.0", "0.1", "1e-320", "-1e-12", "0.999999999999999999"]
NEIGHBOURS = 10
"""After so many hostile ranks comes a decent one."""
AT_ONCE = 20
"""So many events come to the trainer together."""


@dataclass
class Run:
    """The corpus, sent to one loop."""

    service: Service
    loop: str
    statuses: dict[str, int] = field(default_factory=dict)
    images: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """What each event's item was, one after the other."""
    neighbours: int = 0
    probabilities: list[float] = field(default_factory=list)

    def __call__(self) -> dict[str, Any]:
        for number, (name, body) in enumerate([*hostile.taken(), *hostile.refused()]):
            _say(f"{self.loop}: {name}")
            self.statuses[name] = self._rank(body)
            if number % NEIGHBOURS == 0:
                self.neighbours += self._rank(json.dumps(a_body()).encode()) == 201
        rewards = [self._reward(event_id, number) for number, event_id in enumerate(self.images)]
        _say(f"{self.loop}: training")
        self._train()
        return {
            "statuses": self.statuses,
            "neighbours": self.neighbours,
            "rewards": rewards,
            "sound probabilities": all(0 <= each <= 1 for each in self.probabilities),
            "sound weights": all(map(math.isfinite, weights(self.model))),
            "trained": self.service.head(self.loop).trained,
        }

    @property
    def model(self) -> bytes:
        latest = self.service.head(self.loop).latest
        assert latest
        return self.service.objects.get(latest.object)

    def _rank(self, body: bytes) -> int:
        event = call("rank", self.loop)
        event |= {"body": base64.b64encode(body).decode(), "isBase64Encoded": True}
        answer = self.service("rank", event)
        if answer["statusCode"] == 201:
            told = json.loads(answer["body"])
            self.images[told["eventId"]] = [{}]
            self._look(told["eventId"])
            self.probabilities += [each["probability"] for each in told["ranking"]]
        return int(answer["statusCode"])

    def _reward(self, event_id: str, number: int) -> int:
        body = f'{{"value":{REWARDS[number % len(REWARDS)]}}}'
        event = call("reward", self.loop, body, **to(quote(event_id, safe="")))
        status = int(self.service("reward", event)["statusCode"])
        self._look(event_id)
        return status

    def _look(self, event_id: str) -> None:
        self.images[event_id].append(self.service.image(Key(self.loop, event_id)))

    def _train(self) -> None:
        before = len(self.service.hub())
        for some in batched(self.images.values(), AT_ONCE, strict=False):
            self.service("relay", {"Records": [c for images in some for c in changes(images)]})
        published = self.service.hub()[before:]
        for number, found in enumerate(batched(published, AT_ONCE, strict=False)):
            self.service("training", delivered([*found], first=before + number * AT_ONCE))


def weights(model: bytes) -> list[float]:
    with tempfile.NamedTemporaryFile() as file:
        Path(file.name).write_bytes(model)
        vw = pylibvw.vw(["--quiet", "-t", "-i", file.name])
    return [vw.get_weight(index, 0) for index in range(vw.num_weights())]


def run(service: Service, arguments: str) -> dict[str, Any]:
    """With a model from the start, so that VW is asked about all that is sent."""
    teacher, loop = service.new_loop(), service.new_loop(model_export_ms=0)
    policy = json.dumps({"name": "hostile", "arguments": arguments}).encode()
    assert Owner(service, teacher)("PUT", "/configurations/policy", policy).status == 200
    teach(service, teacher)
    model = Owner(service, teacher)("GET", "/model", accept=BYTES, query={"signed": "true"}).body
    assert Owner(service, loop)("PUT", "/model", model).status == 204
    return Run(service, loop)()


def _say(text: str) -> None:
    sys.stderr.write(ascii(text) + "\n")


def watched(deaths: list[int]) -> None:
    """Note every learner that did not end well: one death of two is forgiven, but not here."""
    ask = Learner._ask

    def asked(self: Learner, folder: Path) -> int:
        status = ask(self, folder)
        if status:
            deaths.append(status)
        return status

    Learner._ask = asked  # type: ignore[method-assign]


def main(file: Path) -> None:
    deaths: list[int] = []
    watched(deaths)
    with mock_aws(), stack.listening() as url:
        os.environ["AWS_DEFAULT_REGION"] = stack.REGION
        service = serve(Template.read(), url)
        runs = {name: run(service, policy) for name, policy in POLICIES.items()}
        aside = [kept["reason"] for kept in service.quarantined().values()]
    file.write_text(json.dumps({"runs": runs, "deaths": deaths, "set aside": aside}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
