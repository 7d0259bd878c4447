"""`loops`: what a person sees of a loop's accounts, and what the exit status tells scripts."""

from typing import Any

import pytest
from typer.testing import CliRunner, Result

from cli import loops
from cli.account import Account
from personalizer import bootstrap, records
from personalizer.adapters.vw import VwEngine
from personalizer.domain.audit import Note, What
from personalizer.domain.event import LearningMode
from personalizer.domain.loop import Configuration, Head
from personalizer.usecases import chain, provision
from personalizer.usecases.training import Training
from tests import stack
from tests.factories import NOW, a_joined, a_uid, an_arrival
from tests.template.cloudformation import Template

NAMES = (
    *("EVENTS_TABLE", "LOOPS_TABLE", "HUB_STREAM", "DATA_BUCKET", "QUARANTINE_BUCKET"),
    "EVALUATION_MACHINE",
)


class Stack:
    """One in this process, whose loop has learned two decisions in two generations."""

    def __init__(self, template: Template):
        made = stack.make(template)
        self.environment = {name: made[name] for name in NAMES}
        self.account = Account(self.environment)
        provision.create_loop(self.account.loops, self.account.objects, "default", Configuration())
        for number in (1, 2):
            self.account.audit.write("default", [Note(a_uid(number), What.RANKED, NOW)])
            self.train(number)

    def train(self, number: int, **changes: Any) -> None:
        account, engine = self.account, VwEngine()
        training = Training(
            account.loops,
            account.objects,
            account.quarantine,
            engine,
            bootstrap.now,
            bootstrap.new_uid,
        )
        training([an_arrival(a_joined(number, **changes), number)])
        engine.close()

    @property
    def head(self) -> Head:
        return self.account.loops.state("default", consistent=True).head

    def lose_model(self) -> None:
        latest = self.head.latest
        assert latest
        stack.client("s3").delete_object(
            Bucket=self.environment["DATA_BUCKET"], Key=latest.object.key
        )

    def __call__(self, command: str, loop: str = "default") -> Result:
        arguments = [command, "--loop", loop]
        return CliRunner().invoke(loops.app, arguments, env=self.environment)


@pytest.fixture
def deployed(template: Template, aws: None) -> Stack:
    return Stack(template)


def test_accounts_that_balance_are_shown(deployed: Stack) -> None:
    shown = deployed("conservation")
    assert shown.exit_code == 0
    assert ["trained", "2"] in [line.replace("│", "").split() for line in shown.stdout.splitlines()]


def test_a_decision_that_is_nowhere_is_named_and_fails_the_command(deployed: Stack) -> None:
    deployed.account.audit.write("default", [Note(a_uid(3), What.RANKED, NOW)])
    shown = deployed("conservation")
    assert shown.exit_code == 1
    assert a_uid(3) in shown.stdout


def test_a_sound_loop_verifies(deployed: Stack) -> None:
    shown = deployed("verify")
    assert shown.exit_code == 0
    assert "2 models from 2 lines: 0 not what the log makes, 0 lost or damaged." in shown.stdout


def test_a_lost_model_is_found_and_made_again(deployed: Stack) -> None:
    deployed.lose_model()
    assert deployed("verify").exit_code == 1
    assert "Made generation 3." in deployed("rebuild").stdout
    assert "Nothing is lost." in deployed("rebuild").stdout
    assert deployed.head.generation == 3


def test_what_was_set_aside_is_sent_again(deployed: Stack) -> None:
    quarantine = deployed.account.quarantine
    quarantine.put("default", a_uid(3), "long ago", records.encode(a_joined(3)))
    quarantine.put("default", a_uid(1), "long ago", records.encode(a_joined(1)))
    assert "1 sent again, 1 learned already, 0 kept." in deployed("redrive").stdout
    assert "0 sent again, 0 learned already, 0 kept." in deployed("redrive").stdout


def test_a_loop_that_is_reset_starts_anew_and_keeps_its_log(deployed: Stack) -> None:
    assert deployed("reset").exit_code == 0
    assert (deployed.head.latest, deployed.head.learn_from) == (None, 2)
    assert len([*chain.commits(deployed.account.objects, deployed.head.commit)]) == 2


def test_how_often_an_apprentice_agreed_is_shown(deployed: Stack) -> None:
    deployed.train(3, learning_mode=LearningMode.APPRENTICE)
    rows = [line.replace("│", "").split() for line in deployed("agreement").stdout.splitlines()]
    assert ["events", "1", "1"] in rows
    assert ["agreed", "0.0%", "0.0%"] in rows


def test_a_loop_that_was_never_an_apprentice_says_so(deployed: Stack) -> None:
    shown = deployed("agreement")
    assert (shown.exit_code, shown.stdout) == (1, "")
    assert "never learned in Apprentice mode" in shown.stderr


def test_a_loops_health_is_told_in_words(deployed: Stack) -> None:
    first, *rest = deployed("health").stdout.splitlines()
    assert first.startswith("Learning? Not proven: ")
    assert rest[0].startswith("2 decisions from 2023-11-14T22:13:20")
    assert rest[1:] == [
        "They earned 0.500 each.",
        "Random choice would have earned 0.500: a gain of +0.000, of at least -1.000;"
        " 0.0% sure that there is one. Importance weight 0.67.",
        "Your first action was never shown, so nothing tells what it would have earned.",
        "Lately it took its favourite 100.0% of the time (entropy 0.81).",
    ]


def test_whoever_decided_nothing_yet_is_told_why(deployed: Stack) -> None:
    account = deployed.account
    for name, mode in (("young", LearningMode.ONLINE), ("watcher", LearningMode.APPRENTICE)):
        configuration = Configuration(learning_mode=mode)
        provision.create_loop(account.loops, account.objects, name, configuration)
    young, watcher = deployed("health", "young"), deployed("health", "watcher")
    assert young.stdout == "Learning? Nobody knows: its model has decided nothing yet.\n"
    assert watcher.stdout == "Learning? Nobody knows: in Apprentice mode it only watches.\n"


@pytest.mark.parametrize(
    "command", ["agreement", "health", "conservation", "verify", "rebuild", "redrive", "reset"]
)
def test_a_loop_that_is_not_there_is_told_in_one_line(deployed: Stack, command: str) -> None:
    deployed.account.quarantine.put("nobody", a_uid(1), "why", b"garbage")
    shown = deployed(command, "nobody")
    if command != "redrive":  # it can look into the quarantine of a loop that is gone
        assert (shown.exit_code, shown.stdout) == (1, "")
        assert "nobody" in shown.stderr
