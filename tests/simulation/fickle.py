"""A fake learner that changes its mind with every lesson: answers show which model gave them."""

from personalizer.adapters.fake import FakeEngine, FakePredictor
from personalizer.domain.request import RankRequest
from personalizer.ports import Prediction


class FicklePredictor(FakePredictor):
    def predict(self, request: RankRequest) -> Prediction:
        count = len(request.candidates)
        best = len(self.lines) % count
        return Prediction([*range(best, count), *range(best)], [1.0] + [0.0] * (count - 1))


class FickleEngine(FakeEngine):
    def load(self, model: bytes) -> FicklePredictor:
        return FicklePredictor(model)
