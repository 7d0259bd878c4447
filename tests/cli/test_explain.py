"""`explain`: why a decision of the log was made, as a table."""

import pytest
import typer
from typer.testing import CliRunner, Result

from cli.explain import explain
from personalizer import payload
from personalizer.adapters.vw import examples
from personalizer.domain.decision import Decision
from personalizer.domain.example import Example
from tests.cli.test_loops import Stack
from tests.factories import a_request
from tests.template.cloudformation import Template

app = typer.Typer()
app.command()(explain)


@pytest.fixture
def deployed(template: Template, aws: None) -> Stack:
    """Its loop has learned the same twice, and its third model decided the second time."""
    stack = Stack(template)
    request = a_request(contextFeatures=[{"hour": "[b]\x1b9", "size": 2}])
    example = Example(Decision((2, 0, 1), (0.5, 0.3, 0.2), ()), 2, examples.features(request))
    for number, generation in ((3, 0), (4, 3)):
        stack.train(number, payload=payload.pack(example), generation=generation)
    return stack


def run(deployed: Stack, *arguments: str) -> Result:
    return CliRunner().invoke(app, [*arguments, "--loop", "default"], env=deployed.environment)


def test_every_action_has_its_table_the_chosen_one_first(deployed: Stack) -> None:
    done = run(deployed, "e-4")
    assert done.exit_code == 0, done.output
    assert "by generation 3" in done.stdout
    places = [done.stdout.index(f"\n{name}: ") for name in "cab"]
    assert places == sorted(places)
    assert "chosen with 50.0%" in done.stdout
    assert "i.constant" in done.stdout


def test_what_a_client_named_is_shown_as_it_is_and_commands_nothing(deployed: Stack) -> None:
    done = run(deployed, "e-4", "--size", "50")
    assert "FromUrl.size" in done.stdout
    assert "\x1b9" not in done.stdout


def test_what_cannot_be_explained_says_why(deployed: Stack) -> None:
    for event, why in (("e-3", "no model yet"), ("e-9", "has no such event")):
        done = run(deployed, event)
        assert done.exit_code == 1
        assert why in " ".join(done.output.split())
