"""Parts that stand in for slow ones: for tests and simulation, held to the same promises."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future

import msgspec

from personalizer.domain import policy
from personalizer.domain.explanation import Explanation, Seen
from personalizer.domain.features import size
from personalizer.domain.request import Action, Actions, RankRequest
from personalizer.errors import ModelRefused, ObjectCorrupt, PolicyRefused, PolicyUnusable
from personalizer.ports import Judged, Lesson, Opinion, Prediction


class FakePredictor:
    """Prefers the first candidate."""

    def __init__(self, model: bytes):
        self.arguments, _, self.lines = model.decode().partition("\n")

    def predict(self, request: RankRequest) -> Prediction:
        count = len(request.candidates)
        return Prediction(range(count), [1.0] + [0.0] * (count - 1))

    def explain(self, request: RankRequest) -> Sequence[Explanation]:
        """A candidate costs its place."""
        return [
            Explanation({(Seen("i", "id", action.id),): float(place)})
            for place, action in enumerate(request.candidates)
        ]


class FakeEngine:
    """A learner whose model is the very list of what it was taught."""

    def features(self, request: RankRequest) -> bytes:
        actions = [{"_tag": a.id, "j": a.features} for a in request.candidates]
        return msgspec.json.encode({"FromUrl": request.context, "_multi": actions})

    def request(self, features: bytes) -> RankRequest:
        found = msgspec.json.decode(features)
        sizes = [sum(map(size, a["j"])) for a in found["_multi"]]
        actions = [
            Action(a["_tag"], tuple(a["j"]), total)
            for a, total in zip(found["_multi"], sizes, strict=True)
        ]
        context = tuple(found["FromUrl"])
        total = sum(map(size, context))
        return RankRequest(context, total, Actions(actions), frozenset(), None, inactive=False)

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

    def judge(
        self, arguments: str, base: bytes | None, lines: Sequence[bytes], asked: Sequence[int]
    ) -> Judged:
        lesson = self.learn(arguments, base, lines)
        known = base.count(b"\n") if base else 0
        opinions: dict[int, Opinion] = {}
        for place, (line, bad) in enumerate(zip(lines, lesson.rejections, strict=True)):
            if bad is None:
                opinions[place] = _opinion(line, known)
                known += 1
        heard = {place: opinions[place] for place in asked if place in opinions}
        return Judged(lesson.model, lesson.rejections, heard)

    def consult(self, model: bytes, lines: Sequence[bytes]) -> Sequence[Opinion | None]:
        known = len(self.load(model).lines.splitlines())
        return [None if b"poison" in line else _opinion(line, known) for line in lines]

    def examine(self, model: bytes) -> str:
        try:
            return policy.canonical(self.load(model).arguments)
        except (ObjectCorrupt, PolicyRefused) as error:
            raise ModelRefused("header", str(error)) from error


def _opinion(line: bytes, known: int) -> Opinion:
    """Its predictor's, and costs that change with every lesson."""
    count = len(_decode_asked(line).c.actions)
    costs = [(known + position) % 5 / 4 for position in range(count)]
    return Opinion([1.0] + [0.0] * (count - 1), costs)


class _Features(msgspec.Struct):
    actions: list[msgspec.Raw] = msgspec.field(name="_multi")


class _Asked(msgspec.Struct):
    c: _Features


_decode_asked = msgspec.json.Decoder(_Asked).decode


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
