"""`loops create|list|delete|apply`, as a person or a pipeline calls it."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from cli import loops
from cli.account import Account
from personalizer.domain.access import Slot
from personalizer.domain.loop import Configuration
from personalizer.domain.replay import NO_REPLAY
from personalizer.usecases.authorize import Authorize
from tests import stack
from tests.template.cloudformation import Template

FILE = """
loops:
  news:
    settings:
      rewardWaitTime: PT5M
      learningMode: Apprentice
    policy:
      name: mine
      arguments: --cb_explore_adf --cb_type mtr -q :j
    keys: [1, rank-1]
  shop:
"""


class Stack:
    def __init__(self, template: Template, folder: Path):
        self.environment = {
            "LOOPS_TABLE": stack.make_table(template, "LoopsTable"),
            "DATA_BUCKET": stack.make_bucket("DataBucket"),
        }
        self.account = Account(self.environment)
        self.file = folder / "loops.yaml"
        self.keys = folder / "keys.json"

    def __call__(self, *words: str, told: str = "") -> Result:
        return CliRunner().invoke(loops.app, words, env=self.environment, input=told)

    def apply(self, text: str, *options: str) -> Result:
        self.file.write_text(text)
        return self("apply", str(self.file), "--keys", str(self.keys), *options)

    @property
    def names(self) -> list[str]:
        return [*self.account.fleet.loops()]


@pytest.fixture
def fleet(template: Template, aws: None, tmp_path: Path) -> Stack:
    return Stack(template, tmp_path)


def lines(result: Result) -> list[str]:
    assert result.exit_code == 0, result.output
    return result.stdout.splitlines()


def problem(result: Result) -> str:
    assert (result.exit_code, result.stdout) == (1, "")
    return result.stderr


def test_loops_are_made_and_listed(fleet: Stack) -> None:
    for name in ("shop", "news"):
        lines(fleet("create", "--loop", name))
    assert lines(fleet("list")) == ["news", "shop"]


def test_a_loop_is_made_once(fleet: Stack) -> None:
    fleet("create", "--loop", "news")
    assert "Loop news exists" in problem(fleet("create", "--loop", "news"))


@pytest.mark.parametrize(("options", "told"), [(["--yes"], ""), ([], "y\n")])
def test_a_loop_is_deleted_by_who_means_it(fleet: Stack, options: list[str], told: str) -> None:
    fleet("create", "--loop", "news")
    assert fleet("delete", "--loop", "news", *options, told=told).exit_code == 0
    assert fleet.names == []


def test_a_loop_stays_if_whoever_is_asked_says_no(fleet: Stack) -> None:
    fleet("create", "--loop", "news")
    assert fleet("delete", "--loop", "news", told="n\n").exit_code == 1
    assert fleet.names == ["news"]


def test_the_name_of_a_deleted_loop_is_reserved(fleet: Stack) -> None:
    fleet("create", "--loop", "news")
    fleet("delete", "--loop", "news", "--yes")
    assert "reserved" in problem(fleet("create", "--loop", "news"))
    assert "reserved" in problem(fleet.apply("loops: {news: }"))


def test_a_file_makes_loops_with_settings_a_policy_and_keys(fleet: Stack) -> None:
    assert lines(fleet.apply(FILE)) == [
        "+ news",
        "~ news: policy mine",
        "+ news: a key in slot 1",
        "+ news: a key in slot rank-1",
        "+ shop",
    ]
    configuration = fleet.account.loops.state("news").configuration
    assert (configuration.reward_wait_ms, configuration.learning_mode) == (300_000, "Apprentice")
    assert fleet.account.loops.state("shop").configuration == Configuration()
    assert fleet.account.loops.state("news").head.epoch == 2


def test_a_file_that_is_applied_again_changes_nothing(fleet: Stack) -> None:
    fleet.apply(FILE)
    keys = fleet.keys.read_text()
    assert lines(fleet.apply(FILE)) == ["Everything is as it should be."]
    assert fleet.keys.read_text() == keys


def test_a_file_may_be_json(fleet: Stack) -> None:
    text = json.dumps({"loops": {"news": {"settings": {"rewardWaitTime": "PT1H"}}}})
    lines(fleet.apply(text))
    assert fleet.account.loops.state("news").configuration.reward_wait_ms == 3_600_000


def test_new_keys_are_kept_where_only_their_owner_can_read(fleet: Stack) -> None:
    fleet.keys.write_text('{"old": {"1": "kept"}}')
    fleet.apply(FILE)
    keys = json.loads(fleet.keys.read_text())
    authorize = Authorize(fleet.account.keyring._keys)
    grants = {slot: authorize(key) for slot, key in keys["news"].items()}
    assert {slot: grant and grant.role.value for slot, grant in grants.items()} == {
        "1": "manage",
        "rank-1": "rank",
    }
    assert keys["old"] == {"1": "kept"}
    assert fleet.keys.stat().st_mode & 0o077 == 0


def test_no_key_is_printed(fleet: Stack) -> None:
    printed = fleet.apply(FILE).output
    keys = json.loads(fleet.keys.read_text())["news"].values()
    assert not [key for key in keys if key in printed]


def test_without_a_place_for_its_keys_nothing_is_changed(fleet: Stack) -> None:
    fleet.file.write_text(FILE)
    assert "--keys" in problem(fleet("apply", str(fleet.file)))
    assert fleet.names == []


@pytest.mark.parametrize("bad", ["not JSON", "{"])
def test_a_key_file_that_is_none_is_told_before_anything_is_changed(fleet: Stack, bad: str) -> None:
    fleet.keys.write_text(bad)
    assert str(fleet.keys) in problem(fleet.apply(FILE))
    assert (fleet.names, fleet.keys.read_text()) == ([], bad)


def test_a_changed_file_changes_what_is_different(fleet: Stack) -> None:
    fleet.apply(FILE)
    changed = FILE.replace("PT5M", "PT6M").replace("keys: [1, rank-1]", "keys: [1, 2]")
    assert lines(fleet.apply(changed)) == [
        "~ news: rewardWaitTime PT5M -> PT6M",
        "+ news: a key in slot 2",
    ]
    assert {*fleet.account.keyring.held("news")} == {Slot.FIRST, Slot.SECOND, Slot.RANK_FIRST}


def test_a_dry_run_changes_nothing(fleet: Stack) -> None:
    said = lines(fleet.apply(FILE, "--dry-run"))
    assert (said[0], said[-1]) == ("+ news", "Nothing was changed: this was a dry run.")
    assert (fleet.names, fleet.keys.exists()) == ([], False)


def test_loops_that_the_file_does_not_name_stay(fleet: Stack) -> None:
    fleet("create", "--loop", "other")
    fleet.apply(FILE)
    assert fleet.names == ["news", "other", "shop"]


def test_with_prune_they_are_deleted(fleet: Stack) -> None:
    fleet("create", "--loop", "other")
    assert "- other" in lines(fleet.apply(FILE, "--prune"))
    assert fleet.names == ["news", "shop"]


BROKEN: dict[str, Any] = {
    "no loops": "news: {}",
    "no YAML": "loops: [",
    "unknown part": "loops: {shop: , news: {seting: {}}}",
    "unknown setting": "loops: {shop: , news: {settings: {rewardWaitTme: PT1M}}}",
    "impossible setting": "loops: {shop: , news: {settings: {rewardWaitTime: soon}}}",
    "settings that do not go together": "loops: {shop: , news: {settings: {logRetentionDays: 0}}}",
    "unknown slot": "loops: {shop: , news: {keys: [3]}}",
    "impossible name": "loops: {shop: , The-News: }",
}


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN)
def test_whatever_is_wrong_with_a_file_is_told_before_anything_is_changed(
    fleet: Stack, text: str
) -> None:
    assert problem(fleet.apply(text)).count("\n") >= 1
    assert fleet.names == []


def test_a_file_that_is_not_there_is_told(fleet: Stack) -> None:
    assert "nowhere.yaml" in problem(fleet("apply", "nowhere.yaml"))


def test_mode_and_rewards_may_be_new_together(fleet: Stack) -> None:
    fleet.apply(FILE)
    lines(fleet.apply(FILE.replace("Apprentice", "Online").replace("PT5M", "PT6M")))
    configuration = fleet.account.loops.state("news").configuration
    assert (configuration.reward_wait_ms, configuration.learning_mode) == (360_000, "Online")


def test_a_preset_comes_by_its_name_and_the_files_settings_count_for_more(fleet: Stack) -> None:
    text = "loops: {news: {policy: azure, settings: {explorationPercentage: 0.1}}}"
    assert fleet.apply(text).exit_code == 0
    settings = fleet.account.loops.state("news").configuration
    assert (settings.exploration, settings.replay) == (0.1, NO_REPLAY)
    assert fleet.apply(text).stdout == "Everything is as it should be.\n"


def test_a_preset_that_is_none_is_named(fleet: Stack) -> None:
    told = fleet.apply("loops: {news: {policy: best}}")
    assert told.exit_code == 1
    assert "there is no policy 'best'; there are default, " in told.output
