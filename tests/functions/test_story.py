"""The functions one after the other, each on what the one before it left."""

import base64
import json
import time
import uuid
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from personalizer import records
from personalizer.domain.event import CLOCK_SKEW_MS, Aggregation, Key, LearningMode
from personalizer.domain.hub import Announced, Joined
from personalizer.usecases import chain
from personalizer.usecases.agreement import MeasureAgreement
from tests.aggregates import aggregate
from tests.factories import a_body
from tests.functions.conftest import Service, call
from tests.functions.test_reward import to


class Story:
    """Calls about one event, and the stream that they leave: each call writes at most once."""

    def __init__(self, service: Service, loop: str, event_id: str = "e-1"):
        self.service = service
        self.loop = loop
        self.event_id = event_id
        self._images: list[dict[str, Any]] = [{}]

    def rank(self, **body: Any) -> None:
        self._then("rank", call("rank", self.loop, a_body(eventId=self.event_id, **body)))

    def reward(self, value: float = 0.5) -> None:
        self._then("reward", call("reward", self.loop, {"value": value}, **to(self.event_id)))

    def activate(self) -> None:
        self._then("activate", call("activate", self.loop, **to(self.event_id)))

    def wait(self) -> None:
        event = self.service.event(self.loop, self.event_id)
        self.service.events.expire(event.key, event.uid, event.deadline + CLOCK_SKEW_MS)
        self._look()

    def told(self) -> list[Announced | Joined]:
        """What the hub hears of it once the relay has run."""
        self.service("relay", {"Records": changes(self._images)})
        return [record for record in self.service.hub() if record.loop == self.loop]

    def _then(self, name: str, event: dict[str, Any]) -> None:
        assert self.service(name, event)["statusCode"] in (201, 204)
        self._look()

    def _look(self) -> None:
        found = self.service.image(Key(self.loop, self.event_id))
        if found != self._images[-1]:
            self._images.append(found)


def changes(images: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The stream's records of one item that was all of these in turn."""
    sent = [{name: encoded(value) for name, value in image.items()} for image in images]
    return [
        {
            "eventID": "1",
            "dynamodb": {
                "OldImage": old,
                "NewImage": new,
                "ApproximateCreationDateTime": time.time(),
            },
        }
        for old, new in pairwise(sent)
    ]


def teach(service: Service, loop: str, reward: float = 0.5) -> None:
    """One more event, and a generation that has learned of it."""
    story = Story(service, loop, f"e-{uuid.uuid4().hex}")
    story.rank()
    story.reward(reward)
    found = story.told()
    service("training", delivered(found, first=len(service.hub())))


def encoded(attribute: dict[str, Any]) -> dict[str, Any]:
    """As Lambda delivers it: bytes in base64."""
    return {"B": _base64(attribute["B"])} if "B" in attribute else attribute


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode()


def delivered(found: list[Announced | Joined], first: int = 0) -> dict[str, Any]:
    """The hub's records, in the form in which Lambda delivers them, numbered from the first."""
    return {
        "Records": [
            {
                "eventID": f"shardId-000000000000:{number}",
                "eventSourceARN": "arn:aws:kinesis:us-east-1:123456789012:stream/hub",
                "kinesis": {
                    "partitionKey": "loop",
                    "sequenceNumber": str(number),
                    "data": _base64(pack),
                },
            }
            for number, pack in enumerate(records.pack(found), first)
        ]
    }


def kinds(found: list[Announced | Joined]) -> list[str]:
    return [r.kind if isinstance(r, Announced) else f"joined: {r.why}" for r in found]


@pytest.fixture
def story(service: Service, loop: str) -> Story:
    return Story(service, loop)


def test_a_rewarded_rank_makes_a_model(story: Story) -> None:
    story.rank()
    story.reward()
    found = story.told()
    assert kinds(found) == ["ranked", "rewarded", "joined: reward"]
    story.service("training", delivered(found))
    assert story.service.head(story.loop).trained == 1


def test_a_deferred_rank_is_never_trained(story: Story) -> None:
    story.rank(deferActivation=True)
    found = story.told()
    assert kinds(found) == ["ranked"]
    story.service("training", delivered(found))
    assert story.service.head(story.loop).generation == 0


def test_a_deferred_rank_that_was_shown_and_rewarded_is_joined(story: Story) -> None:
    story.rank(deferActivation=True)
    story.activate()
    story.reward()
    assert kinds(story.told()) == ["ranked", "activated", "rewarded", "joined: reward"]


def test_a_reward_activates_by_itself(story: Story) -> None:
    story.rank(deferActivation=True)
    story.reward()
    assert kinds(story.told()) == ["ranked", "activated", "rewarded", "joined: reward"]


def test_an_early_reward_is_joined_as_soon_as_its_rank_comes(story: Story) -> None:
    story.reward()
    story.rank()
    assert kinds(story.told()) == ["ranked", "rewarded", "joined: reward"]


def test_a_reused_id_joins_what_it_replaces(story: Story) -> None:
    story.rank()
    story.rank(contextFeatures=[{"other": 1}])
    assert kinds(story.told()) == ["ranked", "joined: superseded", "ranked"]


def test_what_an_apprentice_chose_is_counted(service: Service) -> None:
    story = Story(service, service.new_loop(learning_mode=LearningMode.APPRENTICE))
    story.rank()
    story.reward()
    story.service("training", delivered(story.told()))
    progress = MeasureAgreement(service.loops, service.objects)(story.loop)
    assert (progress.ever.events, progress.ever.rewards) == (1, 0.5)


def test_what_is_only_logged_makes_a_commit(service: Service) -> None:
    story = Story(service, service.new_loop(learning_mode=LearningMode.LOGGING_ONLY))
    story.rank()
    story.reward()
    story.service("training", delivered(story.told()))
    assert service.head(story.loop).trained == 1
    answer = service("rank", call("rank", story.loop))
    assert answer["headers"]["X-Personalizer-Generation"] == "0"


@pytest.mark.parametrize("aggregation", Aggregation)
def test_what_several_rewards_come_to_is_joined_and_logged_when_the_wait_is_over(
    service: Service, aggregation: Aggregation
) -> None:
    loop = service.new_loop(aggregation=aggregation, learn_after_wait=True)
    story, rewards = Story(service, loop), [-0.25, -1, -0.2]
    expected = aggregate(aggregation, [Decimal(str(reward)) for reward in rewards])
    story.rank()
    for reward in rewards:
        story.reward(reward)
    story.wait()
    found = story.told()
    assert kinds(found) == ["ranked", "rewarded", "rewarded", "rewarded", "joined: wait"]
    assert isinstance(found[-1], Joined)
    assert (found[-1].reward, found[-1].observed) == (expected, True)
    service("training", delivered(found))
    assert costs(service, loop) == [-float(expected)]


def costs(service: Service, loop: str) -> list[float]:
    """In the loop's log, newest commit first."""
    found = chain.commits(service.objects, service.head(loop).commit)
    segments = [chain.segment(service.objects, commit) for commit in found]
    return [json.loads(line)["_label_cost"] for segment in segments for line in segment]
