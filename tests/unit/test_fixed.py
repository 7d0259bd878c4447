"""The policies of every evaluation that learn nothing."""

from collections.abc import Iterable
from dataclasses import replace

import pytest

from personalizer.domain.evaluation.result import BASELINE, ONLINE, RANDOM
from personalizer.domain.evaluation.sums import Sums
from personalizer.domain.event import LearningMode
from personalizer.usecases.evaluation.fixed import Fixed
from personalizer.usecases.evaluation.terms import Terms
from tests.factories import NOW
from tests.unit.test_progressive import APART_MS, TERMS, a_line, a_log


def fixed(log: Iterable[bytes], terms: Terms = TERMS) -> Fixed:
    found = Fixed()
    for line in log:
        found.add(line, terms)
    return found


def total(found: Fixed, name: str) -> Sums:
    return sum(found.policies[name].windows.values(), Sums())


def test_what_was_served_has_weight_one() -> None:
    sums = total(fixed(a_log(9)), ONLINE)
    assert (sums.events, sums.w, sums.ww) == (9, 9.0, 9.0)
    assert sums.wr == sums.r


def test_the_baseline_is_the_first_of_the_candidates() -> None:
    sums = total(fixed(a_log(4)), BASELINE)
    assert sums.matched == 2
    assert sums.w == pytest.approx(2 / 0.75)


def test_luck_chooses_evenly() -> None:
    assert total(fixed(a_log(4)), RANDOM).w == pytest.approx(4 * 0.5 / 0.75)


def test_their_doubly_robust_sums_are_plain_ones() -> None:
    sums = total(fixed(a_log(9)), RANDOM)
    assert sums.robust == pytest.approx(sums.wr)


def test_the_greatest_weight_that_any_policy_could_have_is_told() -> None:
    assert fixed(a_log(1)).heaviest == 1 / 0.25


def test_what_is_not_scored_is_counted() -> None:
    terms = replace(TERMS, start=NOW + 2 * APART_MS)
    lines = [*a_log(5), a_line(5, learning_mode=LearningMode.APPRENTICE)]
    found = fixed(lines, terms)
    assert (found.others, total(found, ONLINE).events) == (3, 3)


def test_parts_add_up() -> None:
    log = a_log(12)
    whole = fixed(log)
    both = fixed(log[:7]) + fixed(log[7:])
    assert total(both, RANDOM).w == pytest.approx(total(whole, RANDOM).w)
    assert (both.others, both.heaviest) == (whole.others, whole.heaviest)
