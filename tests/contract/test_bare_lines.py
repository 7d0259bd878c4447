"""A line from which every feature was taken is still one that Vowpal Wabbit learns."""

from collections.abc import Iterator

import pytest

from personalizer.adapters.vw import VwEngine
from personalizer.domain.evaluation.feature import Feature
from personalizer.domain.loop import DEFAULT_POLICY
from personalizer.usecases.evaluation.features import altering
from personalizer.usecases.evaluation.study import Study
from tests.contract.lessons import some_lines

BARE = Study("bare", "", 0, without=(Feature("FromUrl"), Feature("i"), Feature("j")))
PLACEBO = Study("placebo", "", 0, placebo=2)


@pytest.fixture(scope="module")
def vw() -> Iterator[VwEngine]:
    engine = VwEngine()
    yield engine
    engine.close()


@pytest.mark.parametrize("study", [BARE, PLACEBO])
@pytest.mark.parametrize("more", ["", " --noconstant"])
def test_a_line_with_other_features_is_learned(vw: VwEngine, study: Study, more: str) -> None:
    lines, alter = some_lines(vw, 6), altering(study)
    assert alter
    mixed = [*lines, *map(alter, lines), *lines]
    lesson = vw.learn(DEFAULT_POLICY + more, None, mixed)
    assert lesson.rejections == [None] * len(mixed)
    assert lesson.model != vw.learn(DEFAULT_POLICY + more, None, [*lines, *lines]).model
