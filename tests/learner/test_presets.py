"""Every preset is a policy that the service takes, and that learns."""

from collections.abc import Iterator

import pytest

from personalizer.adapters.vw import VwEngine
from personalizer.domain.loop import DEFAULT_POLICY
from personalizer.domain.policy import canonical
from personalizer.domain.policy.presets import PRESETS
from tests.contract.lessons import some_lines
from tests.factories import a_request


@pytest.fixture(scope="module")
def vw() -> Iterator[VwEngine]:
    engine = VwEngine()
    yield engine
    engine.close()


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_in_the_form_that_is_kept(name: str) -> None:
    assert canonical(PRESETS[name].arguments) == PRESETS[name].arguments


def test_the_first_preset_is_what_a_loop_starts_with() -> None:
    assert next(iter(PRESETS)) == "default"
    assert PRESETS["default"].arguments == DEFAULT_POLICY


@pytest.mark.parametrize("name", [name for name in PRESETS if name != "azure"])
def test_a_preset_learns_what_is_best_in_a_small_world(vw: VwEngine, name: str) -> None:
    arguments = PRESETS[name].arguments
    model = vw.load(vw.learn(arguments, None, some_lines(vw, 60)).model)
    for hour in range(3):
        prediction = model.predict(a_request(contextFeatures=[{"hour": f"h{hour}"}]))
        assert prediction.order[0] == hour % 3
