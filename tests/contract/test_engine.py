"""What the service expects of its learner, of the fake one and of Vowpal Wabbit alike.

Below that, what only Vowpal Wabbit could get wrong.
"""

import json
import tempfile
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pylibvw
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personalizer import dsjson
from personalizer.adapters.fake import FakeEngine
from personalizer.adapters.vw import VwEngine, examples, nursery
from personalizer.adapters.vw.learner import Learner
from personalizer.adapters.vw.words import to_start
from personalizer.domain.decision import Decision, baseline
from personalizer.domain.distribution import normalise, uniform
from personalizer.domain.event import LearningMode
from personalizer.domain.example import Example
from personalizer.domain.loop import DEFAULT_POLICY
from personalizer.domain.policy import is_cubic
from personalizer.domain.replay import NO_REPLAY
from personalizer.domain.request import RankRequest
from personalizer.errors import InfrastructureError, ObjectCorrupt, PolicyUnusable, RequestError
from personalizer.ports import Engine
from personalizer.usecases.lessons import Course, lessons
from personalizer.wire import rank as wire
from tests.contract.lessons import a_line, some_lines
from tests.factories import a_body, a_joined, a_request

GREEDY = "--cb_explore_adf --cb_type mtr"


@pytest.fixture(scope="module")
def vw() -> Iterator[VwEngine]:
    engine = VwEngine()
    yield engine
    engine.close()


@pytest.fixture(params=["fake", "vw"])
def engine(request: pytest.FixtureRequest, vw: VwEngine) -> Engine:
    return vw if request.param == "vw" else FakeEngine()


# The promises of the port


def test_a_taught_model_ranks_every_candidate_once(engine: Engine) -> None:
    model = engine.learn(DEFAULT_POLICY, None, some_lines(engine, 3)).model
    prediction = engine.load(model).predict(a_request(excludedActions=["b"]))
    assert sorted(prediction.order) == [0, 1]
    assert len(prediction.probabilities) == 2


def test_a_model_knows_what_it_was_made_with(engine: Engine) -> None:
    model = engine.learn(DEFAULT_POLICY, None, some_lines(engine, 1)).model
    assert is_cubic(engine.load(model).arguments)


def test_learning_goes_on_from_the_base_at_another_pace(engine: Engine) -> None:
    base = engine.learn(GREEDY, None, some_lines(engine, 1)).model
    model = engine.learn(f"{GREEDY} -l 0.1", base, some_lines(engine, 2)).model
    assert model != engine.learn(GREEDY, base, some_lines(engine, 2)).model


def test_the_same_lessons_make_the_same_model(engine: Engine) -> None:
    lines = some_lines(engine, 5)
    first, second = (engine.learn(DEFAULT_POLICY, None, lines).model for _ in range(2))
    assert first == second


@pytest.mark.parametrize("position", [0, 1, 3])
def test_a_poisoned_line_is_rejected_alone(engine: Engine, position: int) -> None:
    lines = some_lines(engine, 3)
    lesson = engine.learn(GREEDY, None, [*lines[:position], b"poison", *lines[position:]])
    assert [n for n, rejection in enumerate(lesson.rejections) if rejection] == [position]
    assert lesson.model == engine.learn(GREEDY, None, lines).model


def test_without_lessons_the_model_is_its_base(engine: Engine) -> None:
    base = engine.learn(DEFAULT_POLICY, None, some_lines(engine, 3)).model
    assert engine.learn(DEFAULT_POLICY, base, []).model == base


def test_a_model_that_was_taught_nothing_can_be_taught_later(engine: Engine) -> None:
    lines = some_lines(engine, 3)
    nothing = engine.learn(DEFAULT_POLICY, None, []).model
    later = engine.learn(DEFAULT_POLICY, nothing, lines).model
    assert later == engine.learn(DEFAULT_POLICY, None, lines).model


def test_a_model_that_is_none_is_refused(engine: Engine) -> None:
    with pytest.raises(ObjectCorrupt):
        engine.load(b"\xff\xfe not a model")


def test_features_are_one_line_of_json(engine: Engine) -> None:
    features = engine.features(a_request(contextFeatures=[{"a\nb": "c\nd"}]))
    assert b"\n" not in features
    assert set(json.loads(features)) == {"FromUrl", "_multi"}


def test_features_do_not_tell_of_excluded_actions(engine: Engine) -> None:
    features = json.loads(engine.features(a_request(excludedActions=["b"])))
    assert [action["_tag"] for action in features["_multi"]] == ["a", "c"]


# Vowpal Wabbit reads the same from text as from the log

MASK = (1 << 20) - 1
"""Eighteen bits of hash and two of stride."""

characters = st.characters(exclude_categories=["Cs"])
odd_words = st.sampled_from(
    [
        *["_tag", " tag", "|x", ":", "a b", "Ü", "日本", "__aid", "_multi", "_text", "_inc"],
        *["i", "j", "FromUrl", "Fx", "id", "constant", "0", "17", "1e5", "nan"],
        *["\x00", '"', "\\", "(", "\u00a0", "\u2028"],
    ]
)
words = st.text(characters, max_size=6) | odd_words
names = words.filter(bool)
odd_numbers = st.sampled_from([2**24 - 1, 2**24 + 1, 1e6, 1e-30, 1e-38, 0.1, 100000.1, 10**400])
numbers = (
    st.integers(-(10**30), 10**30)
    | st.integers(-20, 20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | odd_numbers
)
leaves = st.none() | st.booleans() | numbers | words | st.lists(numbers, max_size=4)
values = st.recursive(leaves, lambda v: st.dictionaries(names, v, max_size=3), max_leaves=6)
trees = st.dictionaries(names, values, max_size=4)
actions = st.fixed_dictionaries(
    {
        "id": names | st.integers(),
        "features": st.lists(trees, max_size=2).map(lambda given: [*given, {"f": 1}]),
    }
)
bodies = st.fixed_dictionaries(
    {
        "contextFeatures": st.lists(trees, max_size=3),
        "actions": st.lists(actions, min_size=1, max_size=3),
    }
)

type Features = list[list[tuple[int, list[tuple[int, float]]]]]

writer = VwEngine()
as_text = pylibvw.vw(["--quiet", *to_start(GREEDY)])
as_json = pylibvw.vw(["--quiet", *to_start(GREEDY), "--dsjson"])
learner = pylibvw.vw(["--quiet", *to_start(GREEDY), "--dsjson"])


def read(workspace: Any, lines: str) -> Features:
    """By example and namespace, the features as they will be learned: (hash, value), in order."""
    parsed = workspace._parse(lines)
    found = [[namespace(e, e.namespace(n)) for n in range(e.num_namespaces())] for e in parsed]
    workspace.predict_multi(parsed)  # an example that was never used breaks the next
    workspace._finish_example_multi_ex(parsed)
    return found


def namespace(example: Any, which: int) -> tuple[int, list[tuple[int, float]]]:
    size = range(example.num_features_in(which))
    hashes = [example.feature(which, index) & MASK for index in size]
    return which, [(h, example.feature_weight(which, i)) for h, i in zip(hashes, size, strict=True)]


@settings(max_examples=400)
@given(bodies)
def test_any_request_is_the_same_to_vw_as_text_and_in_the_log(body: dict[str, Any]) -> None:
    request = wire.request(json.dumps(body).encode())
    line = a_line(writer, request)
    assert read(as_text, examples.text(request)) == read(as_json, line.decode())
    assert nursery._learn(learner, line) is None


@pytest.mark.parametrize(
    "context",
    [
        [{"a": 1}, {"n": {"b": 1}, "c": 1}, {"d": 1}],
        [{"n": {"a": 1, "nn": [1, 0, 2], "b": 1}, "F": {"x": 1}, "z": 1}],
        [],
    ],
)
def test_the_order_of_features_is_the_same_too(context: list[Any]) -> None:
    request = a_request(contextFeatures=context)
    line = a_line(writer, request).decode()
    assert read(as_text, examples.text(request)) == read(as_json, line)


def test_what_is_sent_as_a_tree_is_learned_as_azure_did() -> None:
    request = a_request(contextFeatures=[{"hour": 7, "user": {"age": 3, "vip": True}}])
    assert examples.text(request).splitlines()[:2] == [
        "shared |user age:3 vip |FromUrl hour:7",
        "|i constant:1 ida |j namea",
    ]


# What kills Vowpal Wabbit

KILLERS: list[Any] = [
    *[{name: inner} for name in ("Ü", "日本", "\x80") for inner in ({"x": 1}, [1, 2])],
    {"u": {"ü": [1]}},
    {"u": {"ü": {"ö": {"ä": 1}}}},
    *[{name: 7, "n": {name: 7}} for name in ("__aid", "__AID", "_labelIndex", "_label_cost")],
    {"_labelIndex": 2147483647},
    {"_label_Action": 1, "_label_probability": 0, "a": []},
    {"_slots": [[1]]},
    {"_slots": [{"_tag": "x"}], "_inc": [1], "_id": "x"},
    {"_multi": [{"b": 1}], "_text": "|x y", "_tag": "shared", "_graph": {}},
    {"_slot_id": 1, "_type": "slot", "slots": [1]},
    {"pdrop": 1, "_skipLearn": True, "c": {}, "VWState": {"m": 1}, "o": [1]},
    {"\x00": "\x00", "\n|x": "a:b|c\td\re"},
    {"a" * 10_000: "b" * 10_000},
    {f"n{number}": {"x": 1} for number in range(300)},
    {"n": list(range(2000))},
    {"huge": 1e308, "tiny": 5e-324, "negative": -1e308, "array": [1e308, -1e308]},
    [1],
    "text",
    1,
    True,
]


@pytest.mark.parametrize("place", ["context", "action"])
@pytest.mark.parametrize("killer", range(len(KILLERS)))
def test_what_kills_vw_is_refused_or_made_harmless(vw: VwEngine, killer: int, place: str) -> None:
    odd = KILLERS[killer]
    action = [{"id": "a", "features": [odd, {"f": 1}]}]
    body = a_body(contextFeatures=[odd]) if place == "context" else a_body(actions=action)
    try:
        request = wire.request(json.dumps(body).encode())
    except RequestError:
        return
    lesson = vw.learn(GREEDY, None, [a_line(vw, request)])
    assert lesson.rejections == [None]
    assert sum(vw.load(lesson.model).predict(request).probabilities) == pytest.approx(1)


@pytest.mark.parametrize("action_id", ["\x00", '"', "\\", "Ü", "|:", " ", "_tag", "x" * 256, "😀"])
def test_any_action_id_can_be_learned_and_ranked(vw: VwEngine, action_id: str) -> None:
    actions = [{"id": name, "features": [{"x": 1}]} for name in (action_id, "other")]
    request = a_request(actions=actions)
    lesson = vw.learn(GREEDY, None, [a_line(vw, request)])
    assert lesson.rejections == [None]
    assert vw.load(lesson.model).predict(request).order == [0, 1]


FATAL = {
    "slots": b'"_slots":[[1]],',
    "depth": b'"deep":' + b'{"n":' * 200_000 + b"1" + b"}" * 200_000 + b",",
}


@pytest.mark.parametrize("how", FATAL)
def test_a_line_that_kills_the_learner_is_rejected_alone(vw: VwEngine, how: str) -> None:
    lines = some_lines(vw, 6)
    fatal = lines[0].replace(b'"c":{', b'"c":{' + FATAL[how])
    lesson = vw.learn(GREEDY, None, [*lines[:2], fatal, *lines[2:], fatal])
    assert [n for n, reason in enumerate(lesson.rejections) if reason] == [2, 7]
    assert lesson.rejections[2] == "killed the learner"
    assert weights(lesson.model) == weights(vw.learn(GREEDY, None, lines).model)


class Counting(Learner):
    """How many children were taught."""

    children = 0

    def _ask(self, folder: Path) -> int:
        self.children += 1
        return super()._ask(folder)


@pytest.mark.parametrize("times", [1, 20])
def test_a_line_that_kills_costs_three_learners_however_often_it_comes(
    vw: VwEngine, times: int
) -> None:
    lines, learner = some_lines(vw, 4), Counting()
    fatal = lines[0].replace(b'"c":{', b'"c":{' + FATAL["slots"])
    lesson = learner.learn(GREEDY, None, [*lines, *[fatal] * times])
    learner.close()
    assert lesson.rejections == [None] * 4 + ["killed the learner"] * times
    assert learner.children == 3


class Hanging(Learner):
    """Its child never comes back from a line, and the others take no time."""

    def __init__(self, line: bytes) -> None:
        super().__init__()
        self._line = line

    def _ask(self, folder: Path) -> int:
        lines = (folder / nursery.LINES).read_bytes().split(b"\n")
        if self._line not in lines:
            return super()._ask(folder)
        (folder / nursery.ANSWERS).write_text(nursery.READY)
        place = lines.index(self._line)
        (folder / nursery.PROGRESS).write_bytes(place.to_bytes(nursery.PROGRESS_BYTES))
        raise TimeoutError


def test_a_line_that_hangs_is_rejected_if_it_is_the_first(vw: VwEngine) -> None:
    first, *others = some_lines(vw, 4)
    learner = Hanging(first)
    lesson = learner.learn(GREEDY, None, [first, *others, first])
    learner.close()
    assert lesson.rejections == ["killed the learner", None, None, None, "killed the learner"]


def test_a_line_on_which_the_time_runs_out_is_not_to_blame(vw: VwEngine) -> None:
    *others, last = some_lines(vw, 4)
    with pytest.raises(InfrastructureError, match="too long"):
        Hanging(last).learn(GREEDY, None, [*others, last])


UNLEARNABLE = [
    b"",
    b"{}",
    b"null",
    b"\xff",
    b'{"_label_cost":0,"c":{}}',
    b'{"_label_cost":0,"_skipLearn":true}',
]


def spoilt(line: bytes) -> list[bytes]:
    """Lines that VW reads without a word, and does not learn."""
    return [
        *UNLEARNABLE,
        line[:-40],
        line.replace(b'"c":{', b'"c":{"words":["text"],'),
        line.replace(b'"c":{', b'"c":{"bad":nan,'),
        line.replace(b'"_labelIndex":0', b'"_labelIndex":50'),
        line.replace(b'"_labelIndex":0,', b"").replace(b'"_label_Action":1,', b""),
        line.replace(b'"a":[1,2,3]', b'"a":[]'),
        line.replace(b'"o":', b'"_skipLearn":true,"o":'),
    ]


def test_what_vw_passes_over_in_silence_is_rejected_and_harms_nothing(vw: VwEngine) -> None:
    lines = some_lines(vw, 60)
    bad = spoilt(a_line(vw, a_request()))
    mixed = [line for n, good in enumerate(lines) for line in (good, bad[n % len(bad)])]
    lesson = vw.learn(GREEDY, None, mixed)
    assert [bool(reason) for reason in lesson.rejections] == [False, True] * len(lines)
    assert weights(lesson.model) == weights(vw.learn(GREEDY, None, lines).model)


@pytest.mark.parametrize(("arguments", "base"), [("--no_such_option", None), (GREEDY, b"broken")])
def test_a_learner_that_cannot_start_blames_no_line(
    vw: VwEngine, arguments: str, base: bytes | None
) -> None:
    with pytest.raises(PolicyUnusable):
        vw.learn(arguments, base, some_lines(vw, 2))


def test_a_learner_that_was_ended_is_started_again(vw: VwEngine) -> None:
    vw.learn(GREEDY, None, some_lines(vw, 1))
    vw.close()
    assert vw.learn(GREEDY, None, some_lines(vw, 1)).rejections == [None]


def test_the_learner_has_no_credentials(vw: VwEngine) -> None:
    vw.learn(GREEDY, None, some_lines(vw, 1))
    process = vw._learner._nursery
    assert process is not None
    environment = Path(f"/proc/{process.pid}/environ").read_text().split("\0")
    names = {entry.partition("=")[0] for entry in environment if entry}
    assert names <= {"PYTHONPATH", "LC_CTYPE"}


# Weights, to the last bit


def weights(model: bytes) -> list[float]:
    workspace = vw_of(model, "-t")
    return [workspace.get_weight(index, 0) for index in range(workspace.num_weights())]


def vw_of(model: bytes, *options: str) -> Any:
    with tempfile.NamedTemporaryFile() as file:
        Path(file.name).write_bytes(model)
        return pylibvw.vw(["--quiet", "-i", file.name, *options])


@pytest.mark.parametrize("batch", [1, 7, 60])
def test_weights_are_those_of_one_straight_pass_of_plain_vw(vw: VwEngine, batch: int) -> None:
    lines = some_lines(vw, 60)
    model: bytes | None = None
    for start in range(0, len(lines), batch):
        model = vw.learn(DEFAULT_POLICY, model, lines[start : start + batch]).model
    assert model is not None
    assert weights(model) == straight_pass(lines)
    assert model == vw.learn(DEFAULT_POLICY, None, lines).model


def straight_pass(lines: list[bytes]) -> list[float]:
    plain = pylibvw.vw(["--quiet", "--dsjson", *to_start(DEFAULT_POLICY)])
    for line in lines:
        parsed = plain._parse(line.decode())
        plain.learn_multi(parsed)
        plain._finish_example_multi_ex(parsed)
    return [plain.get_weight(index, 0) for index in range(plain.num_weights())]


def driven(lines: list[bytes], arguments: str) -> list[float]:
    """What VW's own driver learns of a file with these lines."""
    with tempfile.NamedTemporaryFile() as file:
        Path(file.name).write_bytes(b"".join(line + b"\n" for line in lines))
        driver = pylibvw.vw(["--quiet", "--dsjson", "-d", file.name, *to_start(arguments)])
        driver.run_parser()
    return [driver.get_weight(index, 0) for index in range(driver.num_weights())]


def to_be_skipped(request: RankRequest) -> bytes:
    count = len(request.candidates)
    example = Example(baseline(count, ()), 1, writer.features(request))
    return dsjson.line(a_joined(learning_mode=LearningMode.LOGGING_ONLY), example)


NO_OFFSET = f"{GREEDY} -b 10"
"""With few weights, as they are all looked at."""


@settings(max_examples=15, deadline=None)
@given(st.lists(bodies, min_size=1, max_size=8))
def test_vws_driver_skips_whatever_is_only_to_be_logged(asked: list[dict[str, Any]]) -> None:
    requests = [wire.request(json.dumps(body).encode()) for body in asked]
    assert not any(driven([to_be_skipped(request) for request in requests], NO_OFFSET))
    assert any(driven([a_line(writer, request, cost=-1.0) for request in requests], NO_OFFSET))


def test_vws_driver_learns_of_a_mixed_log_what_we_learn(vw: VwEngine) -> None:
    logged = [
        dsjson.line(
            a_joined(n, learning_mode=[*LearningMode][n % 3], reward=Decimal(n % 2)),
            Example(
                Decision((n % 2, 1 - n % 2, 2), (0.5, 0.25, 0.25), ()),
                1,
                vw.features(a_request(contextFeatures=[{"hour": f"h{n % 5}"}])),
            ),
        )
        for n in range(60)
    ]
    taught = [each.line for each in lessons(Course(NO_OFFSET, 0.0, NO_REPLAY), logged, first=0)]
    assert len(taught) == 40
    assert driven(logged, NO_OFFSET) == weights(vw.learn(NO_OFFSET, None, taught).model)


# Predictions


def test_a_model_that_was_taught_nothing_finds_all_actions_alike(vw: VwEngine) -> None:
    prediction = vw.load(vw.learn(DEFAULT_POLICY, None, []).model).predict(a_request())
    assert normalise(prediction.probabilities) == pytest.approx(uniform(3))


@pytest.fixture(scope="module")
def model(vw: VwEngine) -> bytes:
    lines = [a_line(vw, a_request(), n % 3, float(n % 3 != 1)) for n in range(60)]
    return vw.learn(GREEDY, None, lines).model


def test_the_best_action_comes_first_and_gets_the_greedy_share(vw: VwEngine, model: bytes) -> None:
    prediction = vw.load(model).predict(a_request())
    assert prediction.order[0] == 1
    assert prediction.probabilities == pytest.approx([1, 0, 0])


def test_predictions_from_text_are_those_from_the_log(vw: VwEngine, model: bytes) -> None:
    request = a_request(contextFeatures=[{"hour": 7.1, "n": {"a": [0.3, 2e-7]}}])
    workspace = vw_of(model, "-t", "--json")
    parsed = workspace._parse(vw.features(request).decode())
    workspace.predict_multi(parsed)
    prediction = vw.load(model).predict(request)
    by_action = dict(zip(prediction.order, prediction.probabilities, strict=True))
    assert parsed[0].get_action_scores() == [by_action[action] for action in sorted(by_action)]


def test_prediction_changes_nothing(vw: VwEngine, model: bytes) -> None:
    predictor = vw.load(model)
    first, second = (predictor.predict(a_request()) for _ in range(2))
    assert first == second


@pytest.mark.parametrize("bite", [1, 20, 60])
def test_a_model_whose_header_was_cut_is_refused(vw: VwEngine, model: bytes, bite: int) -> None:
    with pytest.raises(ObjectCorrupt):
        vw.load(model[:bite])
