"""What Vowpal Wabbit is told of a policy: the policy's own options, and a few for the service.

A model holds its arguments but for --l1 and --l2, which it must be told again to go on learning;
these and a few others may change at that.
"""

from collections.abc import Sequence
from itertools import pairwise

from personalizer.adapters.vw import nursery
from personalizer.domain import policy
from personalizer.domain.policy import TUNED, Options
from personalizer.domain.policy.options import BOUNDED, EXPLORERS

_DEFAULTS = {"-l": ("0.5",), "--power_t": ("0.5",)}
_WITHOUT_EPSILON = EXPLORERS - {"--cover"}
NO_L1 = "1e-30"
"""So little that it takes nothing away. Without `-t`, VW overlooks what a model's own `--l1` has
taken away, unless it is told some."""


def to_start(arguments: str) -> list[str]:
    """A new model. Raises PolicyRefused."""
    options = policy.parse(arguments)
    return [*_words(_DEFAULTS | options), *_exploration(options), *_saving(options)]


def to_continue(arguments: str) -> list[str]:
    """A model that is loaded. Raises PolicyRefused.

    The defaults are said aloud: they may replace what the model was last taught with.
    """
    options = _DEFAULTS | policy.parse(arguments)
    return _words({name: options[name] for name in TUNED if name in options})


def to_ask(options: Sequence[str]) -> list[str]:
    """A model that holds these options, and is only asked. With `-t` its opinions are cheaper, and
    equal to the bit but for confidence bounds, which are then others than the learner's, at first
    several times as wide."""
    if not BOUNDED.isdisjoint(options):
        return ["--l1", NO_L1]
    return ["-t", "--epsilon", "0"] if _explores(options) else ["-t"]


def way_to_ask(arguments: str) -> str:
    """How a learner tells what it thinks before it learns. Where several regressors learn of one
    example, learning leaves more in it than was there before. Raises PolicyRefused."""
    options = policy.parse(arguments)
    is_simple = options.get("--cb_type", ("mtr",)) == ("mtr",) and "--cover" not in options
    return nursery.LEARNING if is_simple else nursery.FIRST


def _explores(options: Sequence[str]) -> bool:
    """As some models from elsewhere do by themselves, although that is the service's part."""
    return any(word == "--epsilon" and float(value) > 0 for word, value in pairwise(options))


def _words(options: Options) -> list[str]:
    pairs = [(name, value) for name, values in options.items() for value in values]
    return [word for pair in pairs for word in pair if word]


def _exploration(options: Options) -> list[str]:
    """The service mixes its own share of exploration in; without a word VW adds another."""
    return [] if _WITHOUT_EPSILON & options.keys() else ["--epsilon", "0"]


def _saving(options: Options) -> list[str]:
    """Of several models in one, VW saves what makes them go on as if never saved only if told."""
    several = options.keys() & {"--bag", "--cover"} or options.get("--cb_type") == ("dr",)
    return ["--per_model_save_load"] if several else []
