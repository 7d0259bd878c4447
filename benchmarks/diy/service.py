"""The obvious ranking service: uvicorn, orjson and Vowpal Wabbit, in memory, nothing durable.

It checks nothing, logs nothing and forgets everything when it ends. MODEL names its model's file.
"""

import os
import random
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
import pylibvw

type Message = dict[str, Any]
type Json = dict[str, Any]

vw = pylibvw.vw(["--quiet", "-t", "-i", os.environ["MODEL"]])
decisions: dict[str, tuple[Json, list[float], int]] = {}
"""By event id: what was asked, the probabilities, and which action was chosen."""


async def app(
    scope: Message,
    receive: Callable[[], Awaitable[Message]],
    send: Callable[[Message], Awaitable[None]],
) -> None:
    if scope["type"] != "http":
        return
    answer = rank(orjson.loads(await body(receive)))
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(answer))]
    await send({"type": "http.response.start", "status": 201, "headers": headers})
    await send({"type": "http.response.body", "body": answer})


async def body(receive: Callable[[], Awaitable[Message]]) -> bytes:
    whole, more = b"", True
    while more:
        message = await receive()
        whole += message.get("body", b"")
        more = message.get("more_body", False)
    return whole


def rank(asked: Json) -> bytes:
    probabilities = predict(example(asked))
    (chosen,) = random.choices(range(len(probabilities)), probabilities)
    decisions[asked["eventId"]] = (asked, probabilities, chosen)
    ids = [action["id"] for action in asked["actions"]]
    ranking = [{"id": i, "probability": p} for i, p in zip(ids, probabilities, strict=True)]
    return orjson.dumps(
        {"ranking": ranking, "eventId": asked["eventId"], "rewardActionId": ids[chosen]}
    )


def predict(text: str) -> list[float]:
    examples = vw._parse(text)
    vw.predict_multi(examples)
    probabilities: list[float] = examples[0].get_action_scores()
    vw._finish_example_multi_ex(examples)
    return probabilities


def example(asked: Json) -> str:
    lines = [f"shared |c {words(asked['contextFeatures'])}"]
    lines += [f"|a id={action['id']} {words(action['features'])}" for action in asked["actions"]]
    return "\n".join(lines) + "\n\n"


def words(features: list[Json]) -> str:
    return " ".join(
        f"{name}={value}" if isinstance(value, str) else f"{name}:{value}"
        for each in features
        for name, value in each.items()
    )
