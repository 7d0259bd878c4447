"""The event files themselves."""

import json

import pytest

from events import make
from tests.functions.conftest import FUNCTIONS, example
from tests.template.cloudformation import ROOT


def test_there_is_an_example_for_every_function_and_no_other() -> None:
    assert {path.stem for path in (ROOT / "events").glob("*.json")} == set(FUNCTIONS)


@pytest.mark.parametrize("name", make.MADE)
def test_the_made_examples_are_what_their_script_makes(name: str) -> None:
    assert example(name) == json.loads(json.dumps(make.MADE[name]()))
