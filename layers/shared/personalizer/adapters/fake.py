"""Parts that stand in for slow ones: for tests and simulation, held to the same promises."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future

import msgspec

from personalizer.domain import policy
from personalizer.domain.request import RankRequest
from personalizer.errors import ModelRefused, ObjectCorrupt, PolicyRefused, PolicyUnusable
from personalizer.ports import Lesson, Prediction


class FakePredictor:
    """Prefers the first candidate."""

    def __init__(self, model: bytes):
        self.arguments, _, self.lines = model.decode().partition("\n")

    def predict(self, request: RankRequest) -> Prediction:
        count = len(request.candidates)
        return Prediction(range(count), [1.0] + [0.0] * (count - 1))


class FakeEngine:
    """A learner whose model is the very list of what it was taught."""

    def features(self, request: RankRequest) -> bytes:
        actions = [{"_tag": a.id, "j": a.features} for a in request.candidates]
        return msgspec.json.encode({"FromUrl": request.context, "_multi": actions})

    def load(self, model: bytes) -> FakePredictor:
        try:
            return FakePredictor(model)
        except UnicodeDecodeError as error:
            raise ObjectCorrupt("not a list of lines") from error

    def learn(self, arguments: str, base: bytes | None, lines: Sequence[bytes]) -> Lesson:
        made_with, *known = base.split(b"\n") if base else [arguments.encode()]
        if not policy.continues(made_with.decode(), arguments):
            raise PolicyUnusable("another policy's model")
        rejections = ["poison" if b"poison" in line else None for line in lines]
        learned = [line for line, bad in zip(lines, rejections, strict=True) if not bad]
        return Lesson(b"\n".join([arguments.encode(), *known, *learned]), rejections)

    def examine(self, model: bytes) -> str:
        try:
            return policy.canonical(self.load(model).arguments)
        except (ObjectCorrupt, PolicyRefused) as error:
            raise ModelRefused("header", str(error)) from error


class Inline:
    """Runs background work at once."""

    def submit(self, work: Callable[[], None], /) -> Future[None]:
        future: Future[None] = Future()
        try:
            work()
            future.set_result(None)
        except Exception as error:
            future.set_exception(error)
        return future
