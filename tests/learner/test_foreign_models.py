"""Models from elsewhere: what the engine lets in, and that what it refuses has done nothing."""

import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from subprocess import PIPE

import pytest

from personalizer.adapters.fake import FakeEngine
from personalizer.adapters.vw import VwEngine, children, header
from personalizer.domain import policy
from personalizer.domain.loop import DEFAULT_POLICY
from personalizer.errors import ModelRefused
from personalizer.ports import Engine
from tests.contract.lessons import some_lines
from tests.factories import a_request
from tests.models import Forged

PLAIN = "--cb_explore_adf --cb_type mtr"
POLICIES = [
    DEFAULT_POLICY,
    PLAIN,
    "--cb_explore_adf --cb_type ips --noconstant",
    "--cb_explore_adf --cb_type dr -q ::",
    "--cb_explore_adf --cb_type dm",
    "--cb_explore_adf --cb_type sm",
    f"{PLAIN} --first 2",
    f"{PLAIN} --bag 3",
    f"{PLAIN} --cover 3",
    f"{PLAIN} --softmax --lambda 2.5",
    f"{PLAIN} --squarecb --gamma_scale 10 --elim --cb_min_cost 0 --cb_max_cost 1",
    f"{PLAIN} --regcb --mellowness 0.1 --cb_min_cost -1 --cb_max_cost 1",
    f"{PLAIN} --synthcover --synthcoverpsi 0.2 --synthcoversize 10",
    f"{PLAIN} --first_only",
    f"{PLAIN} --coin",
    f"{PLAIN} --marginal i",
    f"{PLAIN} --ignore F --ignore_linear i --interactions Fij",
    f"{PLAIN} -b 20 -l 0.3 --power_t 0.1",
    f"{PLAIN} -b 22",
]


@pytest.fixture(scope="module")
def vw() -> Iterator[VwEngine]:
    engine = VwEngine()
    yield engine
    engine.close()


@pytest.fixture(params=["fake", "vw"])
def engine(request: pytest.FixtureRequest, vw: VwEngine) -> Engine:
    return vw if request.param == "vw" else FakeEngine()


@pytest.fixture(scope="module")
def model(vw: VwEngine) -> bytes:
    return vw.learn(f"{PLAIN} -b 12", None, some_lines(vw, 10)).model


@pytest.fixture(scope="module")
def forged(model: bytes) -> Forged:
    return Forged.of(model)


def refused(engine: Engine, model: bytes) -> str:
    """The rule that it broke."""
    with pytest.raises(ModelRefused) as caught:
        engine.examine(model)
    assert caught.value.code == "InvalidModelImportFormat"
    return caught.value.rule


# The promises of the port


@pytest.mark.parametrize("arguments", POLICIES)
def test_a_model_of_our_own_is_let_in_and_goes_on_by_its_policy(
    engine: Engine, arguments: str
) -> None:
    model = engine.learn(policy.canonical(arguments), None, some_lines(engine, 3)).model
    found = engine.examine(model)
    assert found == policy.canonical(found)
    assert policy.continues(policy.canonical(arguments), found)
    assert not any(engine.learn(found, model, some_lines(engine, 2)).rejections)


@pytest.mark.parametrize(
    "data", [b"", b"\0", b"\xff" * 100, b"--daemon\nnot a model", b"\0" * 9999]
)
def test_what_is_no_model_is_refused(engine: Engine, data: bytes) -> None:
    assert refused(engine, data)


# Below this line, what only Vowpal Wabbit could get wrong


def test_a_models_own_words_are_given_back_as_a_person_would_write_them(vw: VwEngine) -> None:
    told = "--cb_explore_adf --cb_type mtr --softmax --lambda 0.1 -l 0.3 -b 20 --ignore F -q ij"
    assert vw.examine(vw.learn(told, None, some_lines(vw, 3)).model) == told


def test_a_forged_header_is_one_that_vw_believes(forged: Forged, tmp_path: Path) -> None:
    """Else the tests below would prove nothing."""
    written = tmp_path / "written.vw"
    vw_loads(forged.with_options(f"--final_regressor {written}"), tmp_path)
    assert written.exists()


def test_vw_finds_options_even_in_a_models_id(forged: Forged, tmp_path: Path) -> None:
    written = tmp_path / "written.vw"
    vw_loads(forged.changed(identity=f"x --final_regressor {written}\0".encode()), tmp_path)
    assert written.exists()


def vw_loads(model: bytes, folder: Path) -> None:
    """In a process of its own: some files are written only at its end."""
    (folder / "model.vw").write_bytes(model)
    code = "import pylibvw; pylibvw.vw(['--quiet', '-i', 'model.vw']).finish()"
    subprocess.run([sys.executable, "-c", code], cwd=folder, check=False)


HARMFUL = [
    *("--final_regressor written", "-f written", "--readable_model written"),
    *("--invert_hash written", "--predictions written", "-p written", "-r written"),
    *("--raw_predictions written", "--audit_regressor written", "--cache_file written", "-c"),
    *("--extra_metrics written", "--dump_json_weights_experimental written"),
    *("--output_feature_regularizer_text written", "--pid_file written", "--port_file written"),
    *("--daemon", "--foreground --daemon", "--port 26542", "--span_server localhost"),
    *("-i other.vw", "--initial_regressor other.vw", "-d /etc/passwd", "--data=/etc/passwd"),
    *("/etc/passwd", "--feature_mask x", "--dictionary x", "--dictionary_path x"),
    *("--help", "--version", "--audit", "--active", "--bag 0", "--bag 4294967295", "--cover -1"),
    *("--ring_size 100000000", "--boosting 100000", "--lrq ua10000000", "--cbify_ldf"),
    *("--ccb_explore_adf", "--cb_sample", "--cats 4", "--cb_dro", "--automl 3", "--testonly"),
    *("--epsilon 50", "--learning_rate nan", "--hash all", "--link logistic", "--hash_seed 7"),
    *("--random_seed -1", "--csoaa_ldf singleline", "--cb_type nothing", "--cb_typ mtr"),
    *("--quadratic :::", "--cubic 'a b'", '--ignore "', "--interactions ::::::::::"),
    "--power_t 1e999999999",
]


@pytest.mark.parametrize("options", HARMFUL)
def test_an_option_that_no_policy_may_have_is_refused_before_vw_sees_it(
    forged: Forged, options: str
) -> None:
    with pytest.raises(ModelRefused):
        shown(forged.with_options(options))


def shown(model: bytes) -> str:
    return header.allowed(header.read(model).options.split())


@pytest.mark.parametrize(
    "identity", [b"--daemon", b"x --daemon", b"-f", b"a\tb", b"a\nb", b"'a'", b"a\\ b", b"\xff"]
)
def test_an_id_that_could_be_an_option_is_refused(forged: Forged, identity: bytes) -> None:
    with pytest.raises(ModelRefused):
        header.read(forged.changed(identity=identity + b"\0"))


@pytest.mark.parametrize("identity", [b"", b"7f3c/1", b"model-2"])
def test_another_id_does_no_harm(vw: VwEngine, forged: Forged, identity: bytes) -> None:
    assert vw.examine(forged.changed(identity=identity + b"\0"))


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"bits": 23}, "bits"),
        ({"bits": 0}, "bits"),
        ({"bits": 0xFFFFFFFF}, "bits"),
        ({"lda": 1}, "grams"),
        ({"ngrams": (b"a2\0",)}, "grams"),
        ({"skips": (b"a2\0",)}, "grams"),
        ({"labels": (float("nan"), 0.0)}, "labels"),
        ({"labels": (0.0, float("inf"))}, "labels"),
        ({"mark": b"c"}, "header"),
        ({"version": b"7.10.3\0"}, "version"),
        ({"version": b"8.0.9\0"}, "version"),
        ({"version": b"10.0.0\0"}, "version"),
        ({"version": b"9.11\0"}, "version"),
        ({"version": b"9.11.9"}, "header"),
        ({"version": b"9.11.9\0\0"}, "header"),
        ({"options": b"--cb_explore_adf\0--daemon\0"}, "header"),
        ({"options": b"--cb_explore_adf"}, "header"),
        ({"options": b""}, "header"),
        ({"options": b"\0"}, "options"),
        ({"options": b" --cb_adf --cb_type mtr\0"}, "options"),
        ({"options": b" --cb_explore_adf\t--cb_adf\0"}, "header"),
        ({"options": b" --cb_explore_adf" * 1000 + b"\0"}, "header"),
        ({"checksum_length": 8}, "header"),
        ({"checksum": 7}, "look"),
    ],
)
def test_a_header_out_of_bounds_is_refused(
    vw: VwEngine, forged: Forged, changes: dict[str, object], rule: str
) -> None:
    assert refused(vw, forged.changed(**changes)) == rule


@pytest.mark.parametrize("version", [b"8.1.0\0", b"8.8.1\0", b"9.0.1\0", b"9.11.9\0"])
def test_models_of_older_versions_are_let_in(vw: VwEngine, forged: Forged, version: bytes) -> None:
    assert vw.examine(forged.changed(version=version)) == f"{PLAIN} -b 12"


def test_what_vw_writes_by_itself_is_let_in(vw: VwEngine, forged: Forged) -> None:
    more = "--hash_seed 0 --link identity --hash strings --random_seed 11800653786531098016"
    assert vw.examine(forged.with_options(more)) == f"{PLAIN} -b 12"


def test_the_service_and_not_a_foreign_model_says_how_much_to_explore(
    vw: VwEngine, forged: Forged
) -> None:
    greedy = forged.options.replace(b"--epsilon 0 ", b"--epsilon 0.200000002980232 ")
    assert greedy != forged.options
    prediction = vw.load(forged.changed(options=greedy)).predict(a_request())
    assert sorted(prediction.probabilities) == [0.0, 0.0, 1.0]


def test_a_model_larger_than_any_is_refused(vw: VwEngine) -> None:
    assert refused(vw, bytes(header.MAX_MODEL + 1)) == "size"


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_a_single_weight_that_is_not_finite_is_found(
    vw: VwEngine, model: bytes, value: float
) -> None:
    ruined = bytearray(model)
    struct.pack_into("<f", ruined, [*weights(model)][3], value)
    assert refused(vw, bytes(ruined)) == "look"


def weights(model: bytes) -> Iterator[int]:
    """Where they are: at the end, each behind its index and before two companions."""
    at, index = len(model), 1 << 12
    while (found := struct.unpack_from("<I", model, at - 16)[0]) < index:
        at, index = at - 16, found
        yield at + 4


def test_every_truncation_is_refused_or_loaded_safely(vw: VwEngine, model: bytes) -> None:
    for end in range(0, len(model), 64):
        try:
            assert vw.examine(model[:end]) == f"{PLAIN} -b 12"
        except ModelRefused:
            continue


def test_flipped_bits_are_refused_or_loaded_safely(vw: VwEngine, model: bytes) -> None:
    for position in range(0, len(model), 29):
        flipped = bytearray(model)
        flipped[position] ^= 1 << position % 8
        try:
            assert policy.canonical(vw.examine(bytes(flipped)))
        except ModelRefused:
            continue


# The process in which a model is tried

CONFINED = "from personalizer.adapters.vw import examination as e; e._confine(file_size=0)"


def test_it_has_no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    assert not [name for name in children.environment() if name.startswith("AWS_")]


@pytest.mark.parametrize(
    ("attempt", "fails"),
    [
        ("os.write(os.open('written', os.O_CREAT | os.O_WRONLY), b'x')", True),
        ("[socket.socket() for _ in range(2)]", True),
        ("bytearray(2 * 1024 * 1024 * 1024)", True),
        ("[open('/dev/null') for _ in range(2)]", True),
        ("[open('/dev/null') for _ in range(1)]", False),
    ],
)
def test_it_can_do_little(tmp_path: Path, attempt: str, fails: bool) -> None:
    code = f"import os, socket; {CONFINED}; {attempt}"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=children.environment(), stderr=PIPE
    )
    assert (done.returncode != 0) is fails
    assert not done.returncode or b"Error" in done.stderr
    assert not any(path.stat().st_size for path in tmp_path.iterdir())
