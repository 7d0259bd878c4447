"""Vowpal Wabbit learns with every policy that a search may try, and has an opinion then."""

import math
from collections.abc import Iterator

import pytest

from benchmarks.learning.live import LivePredictor, Workspace
from personalizer.adapters.vw import VwEngine, examples
from personalizer.domain.evaluation.candidates import Candidate, broad
from tests.contract.lessons import some_lines
from tests.factories import a_request
from tests.grounds import GROUNDS, a_ground, all_candidates

EVERY = sorted({each.arguments for ground in GROUNDS.values() for each in all_candidates(ground)})


@pytest.fixture(scope="module")
def vw() -> Iterator[VwEngine]:
    engine = VwEngine()
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def lines(vw: VwEngine) -> list[bytes]:
    return some_lines(vw, 6)


@pytest.mark.parametrize("each", broad(a_ground()), ids=lambda each: each.name)
def test_the_trainer_learns_by_a_candidate_and_goes_on(
    vw: VwEngine, lines: list[bytes], each: Candidate
) -> None:
    arguments = each.arguments
    first = vw.learn(arguments, None, lines[:3])
    then = vw.learn(arguments, first.model, lines[3:])
    assert [*first.rejections, *then.rejections] == [None] * len(lines)
    assert then.model == vw.learn(arguments, None, lines).model


def test_every_policy_that_may_be_tried_has_an_opinion(lines: list[bytes]) -> None:
    request = a_request(contextFeatures=[{"hour": "h1", "user": {"age": 3}}])
    features, actions = examples.features(request), len(request.candidates)
    for arguments in EVERY:
        workspace = Workspace(arguments)
        workspace.learn(lines)
        opinion = LivePredictor(workspace).ask(features, actions)
        assert sorted(opinion.order) == [*range(actions)], arguments
        assert all(map(math.isfinite, opinion.probabilities)), arguments
