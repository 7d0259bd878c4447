"""All that VW could do beside what the table of options allows: it is refused, by name."""

import re
import socket
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vowpalwabbit import pyvw

from personalizer.adapters.vw import VwEngine
from personalizer.domain.policy import canonical
from personalizer.domain.policy.options import (
    EPSILON,
    IN_ORDER,
    INTERACTIONS,
    NOT_AVAILABLE,
    OTHER_NAMES,
)
from personalizer.errors import PolicyRefused
from tests.factories import House

GREEDY = "--cb_explore_adf"
ALLOWED = {o.name for o in (*IN_ORDER, EPSILON, INTERACTIONS)} | OTHER_NAMES.keys()


@pytest.fixture(scope="module")
def vw() -> Iterator[VwEngine]:
    engine = VwEngine()
    yield engine
    engine.close()


def names_of_vw() -> list[str]:
    """Every option that this build of VW knows, by its long and its short name."""
    found = pyvw.get_all_vw_options()
    options = [option for groups in found.values() for _, group in groups for option in group]
    long = {f"--{option.name}" for option in options}
    return sorted(long | {f"-{option.short_name}" for option in options if option.short_name})


def test_of_all_that_vw_can_do_only_the_table_is_allowed() -> None:
    known = names_of_vw()
    assert len(known) > 300
    assert {*known} >= ALLOWED
    assert NOT_AVAILABLE.keys() <= {*known}
    for name in known:
        if name not in ALLOWED:
            for said in (f"{name}", f"{name} 1", f"{name}\t/tmp/x --coin"):
                assert refused(f"{GREEDY} {said}") == name


def refused(arguments: str) -> str:
    with pytest.raises(PolicyRefused) as caught:
        canonical(arguments)
    return caught.value.option


HOSTILE = {
    # They write files
    "-f x": "-f",
    "--final_regressor=x": "--final_regressor",
    "--readable_model x": "--readable_model",
    "--invert_hash x": "--invert_hash",
    "-p x": "-p",
    "--predictions x": "--predictions",
    "-r x": "-r",
    "--raw_predictions x": "--raw_predictions",
    "--audit_regressor x": "--audit_regressor",
    "--dump_json_weights_experimental x": "--dump_json_weights_experimental",
    "--output_feature_regularizer_text x": "--output_feature_regularizer_text",
    "--output_feature_regularizer_binary x": "--output_feature_regularizer_binary",
    "--extra_metrics x": "--extra_metrics",
    "--cache_file x": "--cache_file",
    "-c -k": "-c",
    "--pid_file x": "--pid_file",
    "--port_file x": "--port_file",
    "--aml_predict_only_model x": "--aml_predict_only_model",
    # They read files
    "-i x": "-i",
    "--initial_regressor=x": "--initial_regressor",
    "-d /etc/passwd": "-d",
    "--data /etc/passwd": "--data",
    "/etc/passwd": "/etc/passwd",
    "--dictionary w:x": "--dictionary",
    "--dictionary_path x": "--dictionary_path",
    "--feature_mask x": "--feature_mask",
    "--input_feature_regularizer x": "--input_feature_regularizer",
    # They listen, call out, fork, or end the process
    "--daemon": "--daemon",
    "--foreground --daemon": "--foreground",
    "--port 26542": "--port",
    "--span_server 127.0.0.1": "--span_server",
    "--sender 127.0.0.1": "--sender",
    "--help": "--help",
    "-h": "-h",
    "--version": "--version",
    # They crash it, or never return
    "--bag 0": "--bag",
    "--bag 4294967295": "--bag",
    "--cover -1": "--cover",
    "--automl 0": "--automl",
    "--cbify_ldf": "--cbify_ldf",
    "--stage_poly --sched_exponent 100": "--stage_poly",
    "--ngram 1000000": "--ngram",
    "--lrq ua10000000": "--lrq",
    "--active": "--active",
    "--ring_size 100000000": "--ring_size",
    "--boosting 100000": "--boosting",
    "--recall_tree 100000000": "--recall_tree",
    "--replay_m 1000000000": "--replay_m",
    "--model_count 1000000": "--model_count",
    "--max_actions 1000000000": "--max_actions",
    "-b 30": "-b",
    "--bit_precision=62": "-b",
    "--autolink 10000000": "--autolink",
    "--synthcover --synthcoversize 100000000": "--synthcoversize",
    "--rank 1000": "--rank",
    # They would make training and serving differ
    "--id x": "--id",
    "--random_seed 1": "--random_seed",
    "--save_resume": "--save_resume",
    "--predict_only_model": "--predict_only_model",
    "--ignore_features_dsjson_experimental a|b": "--ignore_features_dsjson_experimental",
    "-t": "-t",
    # They hide among what is allowed
    "--epsilon=0.1 -p x": "-p",
    "--epsilon 0.1 x": "x",
    "--epsilon": "--epsilon",
    "--epsilon -f": "--epsilon",
    "--cb_type mtr\t-f\tx": "-f",
    "--cb_type mtr\n--final_regressor\nx": "--final_regressor",
    "--coin=-f": "--coin",
    "-q ab=x": "-q",
    "-q -f": "-q",
    "-q \\x41b": "-q",
    "--final_reg x": "--final_reg",
    "--cb_explore": "--cb_explore",
    "--cb_explore_ad": "--cb_explore_ad",
    "--CB_TYPE mtr": "--CB_TYPE",
    "-qab": "-qab",
    "-q=ab": "-q=ab",
    "-l0.5": "-l0.5",
    "-fx": "-fx",
    "--": "--",
    "-": "-",
    "---coin": "---coin",
    "'-f' x": "'-f'",
    '"--coin"': '"--coin"',
    "-q '::'": "-q",
    "\\--coin": "\\--coin",
    "--coin\x00": "--coin?",
    "--epsilon 0.1\x00": "--epsilon",
    "\u2013f x": "?f",
    "\u2010\u2010coin": "??coin",
    "--coin\u00a0-f": "--coin?-f",
    "$(touch x)": "$(touch",
    "; touch x": ";",
    "`touch x`": "`touch",
    "-l 1e999": "-l",
    "-l nan": "-l",
    "-l -nan": "-l",
    "-l inf": "-l",
    "-l -1": "-l",
    "--l1 1_0": "--l1",
    "--power_t \u0661": "--power_t",
    "--cb_type dr --cb_type dr": "--cb_type",
    "--learning_rate 1 -l 1": "-l",
    " ".join(["--interactions :::"] * 20 + ["-q ::", "--interactions ::::"]): "--interactions",
    "--interactions " + ":" * 30: "--interactions",
    "x" * 5000: "",
}


@pytest.mark.parametrize("arguments", HOSTILE, ids=range(len(HOSTILE)))
def test_what_could_do_harm_is_refused_by_name_and_changes_nothing(
    vw: VwEngine, arguments: str, tmp_path: Path
) -> None:
    house = House(engine=vw)
    before, objects = house.head, dict(house.memory_objects.data)
    with chdir(tmp_path):
        for policy in (f"{GREEDY} {arguments}", f"{arguments} {GREEDY}"):
            with pytest.raises(PolicyRefused) as caught:
                house.set_policy(policy)
            with pytest.raises(PolicyRefused):
                vw.learn(policy, None, [])
    assert len(str(caught.value)) < 200
    assert refused(f"{GREEDY} {arguments}") == HOSTILE[arguments]
    assert (house.head, house.memory_objects.data) == (before, objects)
    assert [*tmp_path.iterdir()] == []
    with socket.socket() as nobody:
        assert nobody.connect_ex(("127.0.0.1", 26542)) != 0


@given(st.lists(st.sampled_from([*ALLOWED]) | st.text(max_size=8), max_size=12))
def test_any_text_is_refused_or_kept_as_the_table_has_it(words: list[str]) -> None:
    arguments = " ".join([GREEDY, *words])
    option = refusal(arguments)
    if option is not None:
        assert re.fullmatch("[!-~]{0,64}", option)
        return
    kept = canonical(arguments)
    assert canonical(kept) == kept
    assert {word for word in kept.split(" ") if word.startswith("--")} <= ALLOWED


def refusal(arguments: str) -> str | None:
    try:
        canonical(arguments)
    except PolicyRefused as error:
        return error.option
    return None
