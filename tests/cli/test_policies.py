"""`policies`: what a person sees of what a loop learns by, and how it is changed."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cli import policies
from cli.account import Account
from personalizer.domain.loop import DEFAULT_POLICY, Configuration
from personalizer.domain.policy.presets import PRESETS
from personalizer.domain.replay import NO_REPLAY
from personalizer.usecases import provision
from tests import stack
from tests.template.cloudformation import Template

AZURE = " --cb_explore_adf --epsilon 0.2 --power_t 0 -l 0.001 --cb_type mtr -q ::"


class Stack:
    def __init__(self, template: Template):
        made = stack.make(template)
        self.environment = {name: made[name] for name in ("LOOPS_TABLE", "DATA_BUCKET")}
        account = Account(self.environment)
        provision.create_loop(account.loops, account.objects, "default", Configuration())

    def __call__(self, *arguments: str, loop: str = "default") -> Result:
        command = [arguments[0], "--loop", loop, *arguments[1:]]
        return CliRunner().invoke(policies.app, command, env=self.environment)

    def shown(self) -> list[str]:
        """The arguments of every policy, newest first."""
        return [line.strip() for line in self("history").stdout.splitlines()[1::2]]

    def ids(self) -> list[str]:
        return [line.split()[0] for line in self("history").stdout.splitlines()[::2]]


@pytest.fixture
def deployed(template: Template, aws: None) -> Stack:
    return Stack(template)


def with_epsilon(arguments: str) -> str:
    return arguments.replace("--cb_explore_adf", "--cb_explore_adf --epsilon 0.05")


def test_a_new_loop_shows_its_default_policy(deployed: Stack) -> None:
    shown = deployed("show").stdout.splitlines()
    assert shown[0].endswith("  with the loop  default")
    assert shown[1].strip() == with_epsilon(DEFAULT_POLICY)


@pytest.mark.parametrize("arguments", ["--cb_explore_adf --coin", " --cb_explore_adf --coin"])
def test_arguments_are_set(deployed: Stack, arguments: str) -> None:
    done = deployed("set", arguments, "--name", "coins")
    assert (done.exit_code, done.stdout[:22]) == (0, "Loop default: a new mo")
    assert deployed("show").stdout.splitlines()[0].endswith("  coins")
    assert deployed.shown() == [
        with_epsilon(a) for a in ("--cb_explore_adf --coin", DEFAULT_POLICY)
    ]


def test_a_file_of_azures_is_set_and_comes_out_again(deployed: Stack, tmp_path: Path) -> None:
    file = tmp_path / "policy.json"
    file.write_text(json.dumps({"name": "azure", "arguments": AZURE}))
    assert deployed("set", f"{file}").exit_code == 0
    exported = deployed("export").stdout
    form = "--cb_explore_adf --epsilon 0.05 --cb_type mtr -l 0.001 --power_t 0 -q ::"
    assert json.loads(exported) == {"name": "azure", "arguments": form}
    file.write_text(exported)
    assert deployed("set", f"{file}").stdout == "Loop default: it was set already.\n"


def test_an_earlier_policy_is_restored_and_the_first_comes_back(deployed: Stack) -> None:
    deployed("set", "--cb_explore_adf --coin")
    deployed("set", "--cb_explore_adf -q ::")
    assert deployed("restore", deployed.ids()[1]).exit_code == 0
    assert deployed.shown()[0] == with_epsilon("--cb_explore_adf --coin")
    assert deployed("reset").exit_code == 0
    assert deployed.shown()[0] == with_epsilon(DEFAULT_POLICY)
    assert len(deployed.ids()) == 5


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (("set", "--cb_explore_adf -f x"), "-f is not allowed in a learning policy."),
        (("set", "no/such/file"), "No such file"),
        (("restore", "1-a"), "Loop default never had a policy 1-a."),
    ],
)
def test_what_cannot_be_done_is_told_in_one_line_and_changes_nothing(
    deployed: Stack, command: tuple[str, ...], said: str
) -> None:
    done = deployed(*command)
    assert (done.exit_code, done.stdout) == (1, "")
    assert said in done.stderr
    assert len(deployed.ids()) == 1


def test_a_name_cannot_command_the_terminal(deployed: Stack) -> None:
    deployed("set", "--cb_explore_adf", "--name", "\x1b[2J")
    assert "\x1b" not in deployed("history").stdout


@pytest.mark.parametrize("command", ["show", "history", "export", "reset"])
def test_a_loop_that_is_not_there_is_told_in_one_line(deployed: Stack, command: str) -> None:
    done = deployed(command, loop="nobody")
    assert (done.exit_code, done.stdout) == (1, "")
    assert "nobody" in done.stderr


# Presets


def test_presets_are_told_each_with_its_reason(deployed: Stack) -> None:
    told = CliRunner().invoke(policies.app, ["presets"]).stdout.splitlines()
    assert [line.partition(":")[0] for line in told[::2]] == [*PRESETS]
    assert [line.strip() for line in told[1::2]] == [p.arguments for p in PRESETS.values()]


def test_azures_preset_brings_azures_settings(deployed: Stack) -> None:
    deployed("set", "azure")
    settings = Account(deployed.environment).loops.state("default").configuration
    assert (settings.exploration, settings.model_export_ms) == (0.2, 300_000)
    assert settings.cost_offset == 0
    assert settings.replay == NO_REPLAY
    shown = AZURE.strip().replace("--power_t 0 -l 0.001 --cb_type mtr", "--cb_type mtr -l 0.001")
    assert deployed.shown()[0] == shown.replace("-q ::", "--power_t 0 -q ::")


def test_another_preset_brings_the_usual_settings_back(deployed: Stack) -> None:
    deployed("set", "azure")
    deployed("set", "greedy")
    settings = Account(deployed.environment).loops.state("default").configuration
    assert replace(settings, edited_at=0) == Configuration()
    assert deployed("show").stdout.splitlines()[0].endswith("  greedy")
