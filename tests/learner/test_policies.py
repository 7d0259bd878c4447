"""Every policy that is allowed, on Vowpal Wabbit itself."""

import subprocess
import sys
from collections.abc import Iterator
from itertools import batched, islice, product

import pylibvw
import pytest

from personalizer.adapters.vw import VwEngine, nursery
from personalizer.adapters.vw.words import to_start
from personalizer.domain.loop import DEFAULT_POLICY
from personalizer.domain.policy import canonical
from personalizer.domain.policy.options import (
    COST_TYPES,
    EXPLORERS,
    IN_ORDER,
    Namespaces,
    Number,
    OneOf,
    Option,
    Whole,
)
from personalizer.domain.request import RankRequest
from personalizer.usecases.rebuild import Rebuild
from personalizer.usecases.steer import Effect
from personalizer.usecases.verify import Verify
from tests.contract.lessons import some_lines
from tests.factories import House, a_request

GREEDY = "--cb_explore_adf"
ANY_COST_TYPE = ("mtr", "ips", "dr", "dm", "sm")
BOUNDS = {"--cb_min_cost", "--cb_max_cost"}
CHARACTERS = "!#$%&()*+,./;<=>?@[]^_{}~aAZ09"


@pytest.fixture(scope="module")
def vw() -> Iterator[VwEngine]:
    engine = VwEngine()
    yield engine
    engine.close()


# Whatever is allowed is safe


def ends(option: Option) -> list[str]:
    """The option with the first and the last value of its range, or with each of a few."""
    match option.kind:
        case None:
            return [option.name]
        case Number() | Whole() as kind:
            values = [f"{kind.low}", f"{kind.high}"]
        case OneOf() as kind:
            values = [*kind.values]
        case Namespaces() as kind:
            values = ["i" * kind.fewest, "FijzFijzFijzFijzFijz"[: kind.most]]
            values += [":" * kind.most] if kind.wild else []
        case _:
            raise TypeError(option)
    return [f"{option.name} {value}" for value in values]


def settings(explorer: str) -> list[list[str]]:
    """All that can be said beside an explorer, option by option, each with its ends: first what
    is said to this one alone."""
    own = [o for o in IN_ORDER if o.to & {explorer, "--elim"} and o.name not in BOUNDS]
    common = [o for o in IN_ORDER if not o.to and o.name not in EXPLORERS | {GREEDY, "--cb_type"}]
    ranges = ["--cb_min_cost -1e6 --cb_max_cost -999999", "--cb_min_cost 999999 --cb_max_cost 1e6"]
    return [ranges, *map(ends, own), *map(ends, common)]


def policies(explorer: str, chosen: str) -> Iterator[str]:
    """Each setting by itself, where it matters; and all at one end, with each type of cost."""
    base = f"{GREEDY} {chosen}"
    yield base
    for setting in settings(explorer):
        if not explorer or any(option.name in setting[0] and option.to for option in IN_ORDER):
            yield from (f"{base} {end}" for end in setting)
    for cost_type, at in product(COST_TYPES.get(explorer, ANY_COST_TYPE), (0, -1)):
        everything = " ".join(setting[at] for setting in settings(explorer))
        yield f"{base} --cb_type {cost_type} {everything}"


CHOICES = [("", ""), *((o.name, end) for o in IN_ORDER if o.name in EXPLORERS for end in ends(o))]


@pytest.mark.parametrize(("explorer", "chosen"), CHOICES)
def test_every_option_works_up_to_the_ends_of_its_range(explorer: str, chosen: str) -> None:
    tried = [*policies(explorer, chosen)]
    run = subprocess.run(
        [sys.executable, "-m", "tests.learner.tried"],
        input="\n".join(tried),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.stdout.splitlines() == [f"{arguments} | fine" for arguments in tried]
    assert run.returncode == 0


def test_every_character_may_name_a_namespace(vw: VwEngine) -> None:
    named = "".join(f" --ignore_linear {character}" for character in CHARACTERS)
    crossed = "".join(f" -q {a}{b}" for a, b in batched(CHARACTERS, 2, strict=True))
    arguments = canonical(f"{GREEDY}{crossed}{named} --marginal {CHARACTERS[:20]}")
    assert learned(vw, arguments, (10, 5)) == learned(vw, arguments, (15,))


# However lines are cut into lessons, the model is the same


def learned(vw: VwEngine, arguments: str, sizes: tuple[int, ...]) -> bytes:
    lines, model = iter(some_lines(vw, sum(sizes))), None
    for size in sizes:
        lesson = vw.learn(arguments, model, [*islice(lines, size)])
        assert lesson.rejections == [None] * size
        model = lesson.model
    assert model is not None
    return model


MOST = dict(CHOICES)
"""Of several ends the last."""

ALL = [
    f"{GREEDY} {chosen} --cb_type {cost_type}"
    for explorer, chosen in MOST.items()
    for cost_type in COST_TYPES.get(explorer, ANY_COST_TYPE)
]
REGULAR = "--l1 1e-4 --l2 1e-5 --marginal i -l 0.1 -q ::"
ALL += [f"{GREEDY} {chosen} {more}" for chosen, more in product(MOST.values(), ("--coin", REGULAR))]


@pytest.mark.parametrize("policy", ALL)
def test_a_model_is_the_same_to_the_byte_however_it_was_taught(vw: VwEngine, policy: str) -> None:
    arguments = canonical(policy)
    assert learned(vw, arguments, (7, 0, 1, 12, 0)) == learned(vw, arguments, (20,))


def test_the_default_policy_too(vw: VwEngine) -> None:
    assert learned(vw, DEFAULT_POLICY, (7, 0, 1, 12, 0)) == learned(vw, DEFAULT_POLICY, (20,))


# What is saved and what is not


@pytest.mark.parametrize("reg", ["--l1 1e-3", "--l2 1e-2", "--l1 1e-3 --l2 1e-2 --cb_type dr"])
def test_a_model_that_was_saved_predicts_as_if_it_never_had_been(vw: VwEngine, reg: str) -> None:
    arguments = canonical(f"{GREEDY} --softmax --lambda 9 -q :: {reg}")
    plain = pylibvw.vw(["--quiet", "--dsjson", *to_start(arguments)])
    for line in some_lines(vw, 20):
        assert nursery._learn(plain, line) is None
    parsed = plain._parse(some_lines(vw, 1)[0].decode())
    plain.predict_multi(parsed)
    served = vw.load(learned(vw, arguments, (13, 7))).predict(hour(0))
    by_action = dict(zip(served.order, served.probabilities, strict=True))
    expected = pytest.approx(parsed[0].get_action_scores(), rel=1e-6)
    assert [by_action[action] for action in range(3)] == expected


@pytest.mark.parametrize("explorer", ["", "--cover 3", "--bag 3"])
def test_vw_does_not_explore_where_the_service_does(vw: VwEngine, explorer: str) -> None:
    arguments = canonical(f"{GREEDY} {explorer}")
    shares = vw.load(learned(vw, arguments, (40,))).predict(hour(0)).probabilities
    assert min(shares) == 0


# Another pace


def test_a_model_that_goes_on_at_another_pace_can_be_made_again(vw: VwEngine) -> None:
    house = House(engine=vw)
    paces = ["", "-l 0.1 --l1 1e-4", "-l 0.1 --l1 1e-4", "--power_t 0 --l2 1e-5", ""]
    for pace in paces:
        effect = house.set_policy(f"{GREEDY} --cb_type dr -q :: {pace}").effect
        assert effect in (Effect.CONTINUES, Effect.NONE) or house.head.commit is None
        learn(house)
    spared = house.memory_objects.get(house.commits()[0].model.object)
    assert [commit.base is None for commit in house.commits()] == [False] * 4 + [True]
    assert len({commit.model.object.sha256 for commit in house.commits()}) == 5
    lose_every_model(house)
    verdicts = [*Verify(house.loops, house.objects, vw)("default")]
    assert [verdict.same for verdict in verdicts] == [True] * 5
    assert Rebuild(house.loops, house.objects, vw, house.clock, house.names)("default") == 6
    assert house.memory_objects.get(house.commits()[0].model.object) == spared


def test_a_trainer_that_lost_its_models_goes_on_as_if_it_had_not(vw: VwEngine) -> None:
    house = House(engine=vw)
    for pace in ("", "-l 0.1", "-l 0.2"):
        house.set_policy(f"{GREEDY} {pace}")
        learn(house)
    lose_every_model(house)
    learn(house)
    verdicts = [*Verify(house.loops, house.objects, vw)("default")]
    assert [(verdict.same, verdict.stored) for verdict in verdicts] == [
        *[(True, False)] * 3,
        (True, True),
    ]


def test_another_pace_is_another_model(vw: VwEngine) -> None:
    base = learned(vw, GREEDY, (10,))
    one, other = (vw.learn(f"{GREEDY}{p}", base, some_lines(vw, 10)) for p in ("", " -l 0.01"))
    assert one.model != other.model


def test_back_at_the_first_pace_the_defaults_hold_again(vw: VwEngine) -> None:
    slow = vw.learn(f"{GREEDY} -l 0", None, some_lines(vw, 10)).model
    lines = some_lines(vw, 10)
    assert vw.learn(GREEDY, slow, lines).model != vw.learn(f"{GREEDY} -l 0", slow, lines).model


def learn(house: House) -> None:
    """A decision that has something to teach: it cost 1."""
    house.reward(house.rank().event_id, 0)
    house.relay()
    house.train(*house.arrivals())


def lose_every_model(house: House) -> None:
    for commit in house.commits():
        del house.memory_objects.data[commit.model.object.key]


def hour(which: int) -> RankRequest:
    return a_request(contextFeatures=[{"hour": f"h{which}"}])
