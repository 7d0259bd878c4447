"""The engine port, kept by Vowpal Wabbit."""

from collections.abc import Sequence

from personalizer.adapters.vw import examiner, examples
from personalizer.adapters.vw.learner import Learner
from personalizer.adapters.vw.predictor import VwPredictor
from personalizer.domain.request import RankRequest
from personalizer.ports import Judged, Lesson, Opinion


class VwEngine:
    def __init__(self) -> None:
        self._learner = Learner()

    def features(self, request: RankRequest) -> bytes:
        return examples.features(request)

    def request(self, features: bytes) -> RankRequest:
        return examples.request(features)

    def load(self, model: bytes) -> VwPredictor:
        return VwPredictor(model)

    def learn(self, arguments: str, base: bytes | None, lines: Sequence[bytes]) -> Lesson:
        return self._learner.learn(arguments, base, lines)

    def judge(
        self, arguments: str, base: bytes | None, lines: Sequence[bytes], asked: Sequence[int]
    ) -> Judged:
        return self._learner.judge(arguments, base, lines, asked)

    def consult(self, model: bytes, lines: Sequence[bytes]) -> Sequence[Opinion | None]:
        return self._learner.consult(model, lines)

    def examine(self, model: bytes) -> str:
        return examiner.examine(model)

    def close(self) -> None:
        """End the process that learning happens in."""
        self._learner.close()
