"""`keys`: a new key is all that is printed; whatever else there is to say is on standard error."""

from decimal import Decimal

import pytest
from typer.testing import CliRunner, Result

from cli import keys
from personalizer.adapters.dynamodb import DynamoKeys, DynamoLoops
from personalizer.domain.event import Aggregation, LearningMode
from personalizer.domain.loop import Configuration
from personalizer.usecases.authorize import Authorize
from tests import stack
from tests.template.cloudformation import Template


class Account:
    """AWS with a stack's loops in it, and the command that makes keys there."""

    def __init__(self, template: Template):
        self.environment = {
            "LOOPS_TABLE": stack.make_table(template, "LoopsTable"),
            "DATA_BUCKET": stack.make_bucket("DataBucket"),
        }
        self.loops = DynamoLoops(stack.client("dynamodb"), self.environment["LOOPS_TABLE"])

    def create(self, *options: str) -> Result:
        return create(*options, **self.environment)

    def __call__(self, *words: str) -> Result:
        return CliRunner().invoke(keys.app, words, env=self.environment)

    def opened(self, printed: Result) -> tuple[str | None, str] | None:
        """The loop and the role that a key opens which was printed."""
        store = DynamoKeys(stack.client("dynamodb"), self.environment["LOOPS_TABLE"])
        grant = Authorize(store)(printed.stdout.strip())
        return (grant.loop, grant.role.value) if grant else None

    def configuration(self, loop: str) -> Configuration:
        return self.loops.state(loop).configuration


def create(*options: str, **environment: str) -> Result:
    return CliRunner().invoke(keys.app, ["create", *options], env=environment)


@pytest.fixture
def account(template: Template, aws: None) -> Account:
    return Account(template)


def test_what_it_prints_opens_the_loop(account: Account) -> None:
    created = account.create("--loop", "news")

    assert (created.exit_code, created.stderr) == (0, "")
    assert account.opened(created) == ("news", "manage")


def test_a_loop_has_the_default_settings(account: Account) -> None:
    account.create("--loop", "news")

    assert account.configuration("news") == Configuration()


def test_a_loop_has_the_settings_it_was_given(account: Account) -> None:
    account.create(
        *("--loop", "news", "--reward-wait-seconds", "1.5", "--default-reward", "-0.1"),
        *("--aggregation", "sum", "--learn-after-wait", "--exploration", "0.2"),
        *("--learning-mode", "Apprentice"),
        *("--model-export-seconds", "60", "--cost-offset", "0"),
    )

    assert account.configuration("news") == Configuration(
        reward_wait_ms=1500,
        default_reward=Decimal("-0.1"),
        aggregation=Aggregation.SUM,
        learning_mode=LearningMode.APPRENTICE,
        learn_after_wait=True,
        exploration=0.2,
        model_export_ms=60_000,
        cost_offset=0.0,
    )


@pytest.mark.parametrize("aggregation", Aggregation)
def test_every_aggregation_can_be_chosen(account: Account, aggregation: Aggregation) -> None:
    account.create("--loop", "news", "--aggregation", aggregation.value)

    assert account.configuration("news").aggregation is aggregation


def test_a_second_key_changes_no_settings_and_says_so(account: Account) -> None:
    first = account.create("--loop", "news")
    second = account.create("--loop", "news", "--exploration", "0.2")

    assert second.stderr == "Loop news exists; its settings stay as they are.\n"
    assert account.configuration("news") == Configuration()
    assert [account.opened(each) for each in (first, second)] == [("news", "manage")] * 2


def test_a_bad_name_is_told_in_one_line(account: Account) -> None:
    refused = account.create("--loop", "The News")

    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "'The News'" in refused.stderr
    assert refused.stderr.count("\n") == 1


@pytest.mark.parametrize("missing", ["LOOPS_TABLE", "DATA_BUCKET"])
def test_a_missing_setting_is_named_in_one_line(account: Account, missing: str) -> None:
    refused = create("--loop", "news", **account.environment | {missing: ""})

    assert (refused.exit_code, refused.stdout) == (1, "")
    assert f"{missing} is not set" in refused.stderr
    assert refused.stderr.count("\n") == 1


def test_a_table_that_is_not_there_is_told_in_one_line(account: Account) -> None:
    refused = create("--loop", "news", **account.environment | {"LOOPS_TABLE": "none"})

    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "ResourceNotFoundException" in refused.stderr
    assert refused.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "settings",
    [
        ("--reward-wait-seconds", "0"),
        ("--model-export-seconds", "-1"),
        ("--default-reward", "2"),
        ("--exploration", "1.1"),
    ],
)
def test_impossible_settings_are_refused(settings: tuple[str, str]) -> None:
    refused = create("--loop", "news", *settings)

    assert refused.exit_code == 2
    assert settings[0] in refused.stderr


def refusal(result: Result) -> str:
    """What a refused command says, and that it printed no key."""
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.count("\n") == 1
    return result.stderr


def test_a_third_key_asks_to_rotate(account: Account) -> None:
    first = [account.create("--loop", "news") for _ in range(2)]
    assert "keys rotate" in refusal(account.create("--loop", "news"))
    assert all(account.opened(each) for each in first)


def test_a_key_for_ranking_goes_into_its_slot(account: Account) -> None:
    assert account.opened(account.create("--loop", "news", "--slot", "rank-1")) == ("news", "rank")
    assert "rank-1" in refusal(account.create("--loop", "news", "--slot", "rank-1"))


def test_a_rotated_key_replaces_the_old_one(account: Account) -> None:
    old = account.create("--loop", "news")
    new = account("rotate", "--loop", "news", "--slot", "1")
    assert (account.opened(old), account.opened(new)) == (None, ("news", "manage"))


def test_a_revoked_key_opens_nothing(account: Account) -> None:
    key = account.create("--loop", "news")
    assert account("revoke", "--loop", "news", "--slot", "1").exit_code == 0
    assert account.opened(key) is None
    assert "holds no key" in refusal(account("revoke", "--loop", "news", "--slot", "1"))


def test_slots_are_listed_without_their_keys(account: Account) -> None:
    key = account.create("--loop", "news", "--slot", "2").stdout.strip()
    listed = account("list", "--loop", "news").stdout
    assert "2" in listed
    assert key not in listed


def test_an_administrators_keys_are_made_rotated_and_revoked(account: Account) -> None:
    old = account("admin")
    new = account("rotate", "--admin", "--slot", "1")
    assert (account.opened(old), account.opened(new)) == (None, (None, "admin"))
    account("revoke", "--admin", "--slot", "1")
    assert account.opened(new) is None


@pytest.mark.parametrize("whose", [(), ("--loop", "news", "--admin")])
def test_whose_key_it_is_must_be_said_once(account: Account, whose: tuple[str, ...]) -> None:
    account.create("--loop", "news")
    assert "--loop NAME or --admin" in refusal(account("rotate", *whose, "--slot", "1"))


def test_an_administrator_has_no_slot_for_ranking(account: Account) -> None:
    assert "rank-1" in refusal(account("rotate", "--admin", "--slot", "rank-1"))


def test_there_is_no_new_key_of_a_loop_that_there_is_not(account: Account) -> None:
    assert "news" in refusal(account("rotate", "--loop", "news", "--slot", "1"))
