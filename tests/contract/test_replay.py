"""Replay with the real learner: a log, however it was cut into batches, makes the same model."""

import hashlib
from collections.abc import Iterator, Sequence

import pytest

from personalizer.adapters.vw import VwEngine
from personalizer.domain.loop import DEFAULT_POLICY
from personalizer.domain.replay import NO_REPLAY, Replay
from personalizer.usecases.lessons import Course, lessons
from tests.contract.lessons import some_lines

REPLAY = Replay(events=4, reach=10)
COURSE = Course(DEFAULT_POLICY, 1.0, REPLAY)


@pytest.fixture(scope="module")
def vw() -> Iterator[VwEngine]:
    engine = VwEngine()
    yield engine
    engine.close()


def model(vw: VwEngine, course: Course, lines: Sequence[bytes], cuts: Sequence[int]) -> str:
    taught: bytes | None = None
    start = 0
    for cut in cuts:
        past = lines[max(0, start - course.replay.reach) : start]
        part = lessons(course, lines[start : start + cut], start, past)
        taught = vw.learn(course.arguments, taught, [each.line for each in part]).model
        start += cut
    assert taught is not None
    return hashlib.sha256(taught).hexdigest()


@pytest.mark.parametrize("cuts", [[1] * 30, [7, 23], [10, 10, 10]])
def test_a_model_with_replay_is_the_same_to_the_byte_however_it_was_taught(
    vw: VwEngine, cuts: list[int]
) -> None:
    lines = some_lines(vw, 30)
    assert model(vw, COURSE, lines, cuts) == model(vw, COURSE, lines, [30])


def test_replay_teaches_more(vw: VwEngine) -> None:
    lines = some_lines(vw, 30)
    plain = Course(DEFAULT_POLICY, 1.0, NO_REPLAY)
    assert model(vw, COURSE, lines, [30]) != model(vw, plain, lines, [30])
