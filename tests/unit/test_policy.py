"""Learning policies: what may be asked, in which form it is kept, and what the service adds."""

import math
import re
from pathlib import Path

import pytest

from personalizer.domain.loop import DEFAULT_POLICY
from personalizer.domain.policy import (
    MAX_CUBIC_CONTEXT,
    canonical,
    continues,
    cost_range,
    effective,
    is_cubic,
    shown,
    too_wide,
    without_cubic,
)
from personalizer.domain.policy.options import EPSILON, IN_ORDER, INTERACTIONS, OTHER_NAMES
from personalizer.domain.policy.presets import PRESETS
from personalizer.errors import PolicyRefused

DOCUMENTATION = Path(__file__).parents[2] / "docs/policies.md"
CODE = re.compile("`([^`]+)`")
AZURE = " --cb_explore_adf --epsilon 0.2 --power_t 0 -l 0.001 --cb_type mtr -q ::"


def kept(arguments: str) -> str:
    """Canonical, and all but what every policy starts with."""
    first, _, rest = canonical(f"--cb_explore_adf {arguments}").partition(" ")
    assert first == "--cb_explore_adf"
    return rest


def refusal(arguments: str) -> tuple[str, str]:
    with pytest.raises(PolicyRefused) as caught:
        canonical(arguments)
    return caught.value.option, caught.value.rule


# The form in which a policy is kept


def test_the_default_policy_is_kept_as_it_is() -> None:
    assert canonical(DEFAULT_POLICY) == DEFAULT_POLICY


def test_azures_own_policy_is_kept_without_its_exploration() -> None:
    assert canonical(AZURE) == "--cb_explore_adf --cb_type mtr -l 0.001 --power_t 0 -q ::"


def test_what_is_kept_is_kept_the_same_again() -> None:
    assert canonical(canonical(AZURE)) == canonical(AZURE)


@pytest.mark.parametrize(
    ("written", "form"),
    [
        ("--learning_rate=0.10", "-l 0.1"),
        ("-l 1e-3 --bit_precision 20", "-l 0.001 -b 20"),
        ("--power_t 1.0", "--power_t 1"),
        ("--l1 -0", "--l1 0"),
        ("--bag 07", "--bag 7"),
        ("--l2 .5\t\n--coin", "--l2 0.5 --coin"),
        ("-q ab --quadratic cd --interactions ef", "-q ab -q cd -q ef"),
        ("--interactions=abc --cubic :::", "--cubic ::: --cubic abc"),
        ("-q b: -q a: -q b:", "-q a: -q b:"),
        ("--ignore B --ignore A --ignore_linear=A", "--ignore A --ignore B --ignore_linear A"),
        (
            "--regcbopt --cb_min_cost -1 --cb_max_cost=0",
            "--regcbopt --cb_min_cost -1 --cb_max_cost 0",
        ),
    ],
)
def test_there_is_one_way_to_write_a_policy(written: str, form: str) -> None:
    assert kept(written) == form


@pytest.mark.parametrize(
    "arguments",
    [
        "--lambda 3 --squarecb",
        "--elim --squarecb --synthcoverpsi 0.1",
        "--squarecb --mellowness 0.1 --cb_min_cost 5",
        "--squarecb --gamma_scale 5",
    ],
)
def test_what_vw_would_not_heed_is_left_out(arguments: str) -> None:
    heeded = {"--squarecb", "--elim", "--gamma_scale"}
    assert {word for word in kept(arguments).split() if word.startswith("-")} <= heeded


def test_the_order_of_options_is_nobodys_choice() -> None:
    assert kept("-q ab --coin --cb_type dr") == kept("--cb_type=dr -q ab --coin")


# What is refused, and by what name


@pytest.mark.parametrize(
    ("arguments", "option"),
    [
        ("--cb_explore_adf --cb_dro", "--cb_dro"),
        ("--ccb_explore_adf -q ::", "--ccb_explore_adf"),
        ("--cats 4 --bandwidth 1", "--cats"),
    ],
)
def test_an_option_that_is_known_but_not_available_says_so(arguments: str, option: str) -> None:
    assert refusal(arguments) == (option, "OptionNotAvailable")


@pytest.mark.parametrize("arguments", ["", "  ", "-q ::", "--epsilon 0.2 --cb_type mtr"])
def test_a_policy_must_say_that_it_explores(arguments: str) -> None:
    with pytest.raises(PolicyRefused, match="must contain --cb_explore_adf or --cats") as caught:
        canonical(arguments)
    assert caught.value.rule == "MissingLearningPolicyAlgorithm"


def test_a_policy_is_not_too_long() -> None:
    long = "--cb_explore_adf" + " " * 1008
    assert canonical(long) == "--cb_explore_adf"
    assert refusal(long + " ") == ("", "LearningPolicyTooLong")


def test_a_policy_that_is_kept_is_short_enough_to_come_back() -> None:
    names = "".join(f" --ignore {c}{d}" for c in "abcde" for d in "abcdefghijklmnop")
    longest = f"--cb_explore_adf -l 1e-9 --coin{names}"
    assert len(canonical(longest)) == 992
    assert canonical(shown(longest, 0.1234567891)) == canonical(longest)
    assert refusal(f"{longest} --ignore a") == ("", "LearningPolicyTooLong")


@pytest.mark.parametrize(
    ("arguments", "option"),
    [
        *[(f"--epsilon {v}", "--epsilon") for v in ("", "-0.1", "1.01", "nan", "inf", "1e999")],
        *[
            (f"--bag {v}", "--bag")
            for v in ("0", "21", "-1", "4294967295", "3.0", "٣", "1_0", "+1")
        ],
        *[(f"--cover {v}", "--cover") for v in ("0", "21", "-1")],
        *[(f"--first {v}", "--first") for v in ("0", "1000001", "x")],
        *[(f"-b {v}", "-b") for v in ("0", "23", "30", "1e1")],
        *[(f"-l {v}", "-l") for v in ("-1", "101", "1e", "0x1", "1,5", "--bag 3")],
        *[(f"--cb_type {v}", "--cb_type") for v in ("", "MTR", "mtr,ips", "--epsilon 0")],
        *[(f"-q {v}", "-q") for v in ("", "a", "abc", "-f x", "a\\x", "a|", 'a"', "ab=", "aÜ")],
        *[(f"--cubic {v}", "--cubic") for v in ("ab", "abcd", "ab\x00")],
        *[(f"--interactions {v}", "--interactions") for v in ("a", "abcd", "::::", ":" * 30)],
        ("--ignore :", "--ignore"),
        ("--marginal i:", "--marginal"),
        ("--softmax=1", "--softmax"),
        ("--softmax --lambda -1", "--lambda"),
        ("--coin=", "--coin"),
    ],
)
def test_a_value_out_of_its_range_is_refused_by_its_option(arguments: str, option: str) -> None:
    assert refusal(f"--cb_explore_adf {arguments}") == (option, "OptionValueInvalid")


@pytest.mark.parametrize(
    ("arguments", "option"),
    [
        ("--cb_type mtr --cb_type mtr", "--cb_type"),
        ("-l 1 --learning_rate 1", "-l"),
        ("--cb_explore_adf", "--cb_explore_adf"),
        ("--epsilon 0 --epsilon=0", "--epsilon"),
    ],
)
def test_an_option_is_given_once(arguments: str, option: str) -> None:
    assert refusal(f"--cb_explore_adf {arguments}") == (option, "OptionRepeated")


@pytest.mark.parametrize(
    ("arguments", "option"),
    [
        ("--softmax --bag 3", "--softmax"),
        ("--regcb --regcbopt", "--regcbopt"),
        ("--squarecb --cb_type dr", "--cb_type"),
        ("--cover 3 --cb_type dm", "--cb_type"),
        ("--regcb --cb_min_cost 1", "--cb_min_cost"),
        ("--squarecb --elim --cb_max_cost 0", "--cb_min_cost"),
    ],
)
def test_options_that_contradict_each_other_are_refused(arguments: str, option: str) -> None:
    assert refusal(f"--cb_explore_adf {arguments}") == (option, "OptionsConflict")


def test_twenty_interactions_are_enough() -> None:
    twenty = "--cb_explore_adf" + "".join(f" --interactions a{c}" for c in "abcdefghijklmnopqrst")
    assert canonical(twenty).count("-q") == 20
    assert refusal(twenty + " --cubic :::") == ("--interactions", "TooManyInteractions")


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("\x00" * 2, "??"),
        ("\x1b[31m--evil", "?[31m--evil"),
        ("—epsilon", "?epsilon"),
        ("--" + "x" * 100, "--" + "x" * 62),
        ("/etc/passwd", "/etc/passwd"),
        ("\u2003--coin", "?--coin"),
    ],
)
def test_of_what_is_refused_only_a_name_is_told(word: str, told: str) -> None:
    with pytest.raises(PolicyRefused) as caught:
        canonical(
            f"--cb_explore_adf {word}=secret" if word[:2] == "--" else f"--cb_explore_adf {word}"
        )
    assert caught.value.option == told
    assert str(caught.value) == f"{told} is not allowed in a learning policy."


# Exploration


@pytest.mark.parametrize(
    ("exploration", "told"), [(0.2, "0.2"), (0.1 + 0.2, "0.3"), (0, "0"), (1.0, "1")]
)
def test_a_client_sees_the_loops_exploration(exploration: float, told: str) -> None:
    form = f"--cb_explore_adf --epsilon {told} --cb_type mtr -l 0.001 --power_t 0 -q ::"
    assert shown(AZURE, exploration) == form


def test_what_a_client_sees_it_can_send_back() -> None:
    assert canonical(shown(AZURE, 0.2)) == canonical(AZURE)


# Going on


@pytest.mark.parametrize(
    "new", ["-l 0.1", "--power_t 0", "--l1 1e-8 --l2 1e-8 -l 3", "--epsilon 0.9", ""]
)
def test_a_model_goes_on_with_another_pace(new: str) -> None:
    assert continues("--cb_explore_adf -l 0.5", f"--cb_explore_adf {new}")


@pytest.mark.parametrize(
    "new", ["-q ab", "--coin", "-b 20", "--cb_type dr", "--bag 3", "--ignore a"]
)
def test_a_model_cannot_go_on_as_another(new: str) -> None:
    assert not continues("--cb_explore_adf", f"--cb_explore_adf {new}")


# The guard


def test_the_default_policy_is_cubic() -> None:
    assert is_cubic(DEFAULT_POLICY)


def test_an_interaction_of_three_is_cubic_however_it_is_written() -> None:
    assert is_cubic(canonical("--cb_explore_adf --interactions :::"))
    assert is_cubic("--cb_adf --interactions ab --interactions abc --quiet")
    assert not is_cubic("--cb_adf --interactions ab --quiet")


def test_every_cubic_term_is_dropped_and_all_else_stays() -> None:
    arguments = "--cubic ::i --cb_explore_adf --interactions :jj -q :i"
    assert without_cubic(arguments) == "--cb_explore_adf -q :i"


@pytest.mark.parametrize(("size", "wide"), [(MAX_CUBIC_CONTEXT, False), (61, True), (10_000, True)])
def test_a_cubic_policy_affords_sixty_context_features(size: int, wide: bool) -> None:
    assert too_wide(DEFAULT_POLICY, size) is wide


def test_a_quadratic_policy_affords_any_context() -> None:
    assert not too_wide("--cb_explore_adf -q :i", 10_000)


def test_a_narrow_context_leaves_the_policy_as_it_is() -> None:
    assert effective(DEFAULT_POLICY, MAX_CUBIC_CONTEXT) == DEFAULT_POLICY


def test_a_wide_context_costs_the_cubic_terms() -> None:
    assert effective(DEFAULT_POLICY, 61) == without_cubic(DEFAULT_POLICY)


def test_the_policy_says_the_range_of_its_costs() -> None:
    arguments = "--cb_min_cost -1 --cb_explore_adf --regcb --cb_max_cost 2.5"
    assert cost_range(arguments) == (-1.0, 2.5)


def test_a_policy_without_a_range_takes_any_cost() -> None:
    assert cost_range("--cb_explore_adf") == (-math.inf, math.inf)


# What the documentation says


def test_the_documentation_names_every_option_and_no_other() -> None:
    allowed = DOCUMENTATION.read_text().split("## What is allowed\n")[1]
    table = allowed.split("\n|---|---|---|\n")[1].split("\n\n")[0]
    named = {name for row in table.splitlines() for name in CODE.findall(row.split("|")[1])}
    assert named == {o.name for o in (*IN_ORDER, EPSILON, INTERACTIONS)} | OTHER_NAMES.keys()


def test_the_documentation_says_of_every_preset_when_to_use_it() -> None:
    for name, preset in PRESETS.items():
        assert f"| `{name}` | {preset.about}" in DOCUMENTATION.read_text()
    assert f"\n{DEFAULT_POLICY}\n" in DOCUMENTATION.read_text()
