"""What Vowpal Wabbit is told of a policy: the policy's own options, and a few for the service.

A model keeps the arguments that it was made with as its id, so that whoever loads it knows them:
VW itself forgets some.
"""

from personalizer.domain import policy
from personalizer.domain.policy import TUNED, Options
from personalizer.domain.policy.options import EXPLORERS
from personalizer.errors import PolicyRefused

_DEFAULTS = {"-l": ("0.5",), "--power_t": ("0.5",)}
_FORGOTTEN = ("--l1", "--l2")
_WITHOUT_EPSILON = EXPLORERS - {"--cover"}


def to_start(arguments: str) -> list[str]:
    """A new model. Raises PolicyRefused."""
    options = policy.parse(arguments)
    own = [*_exploration(options), *_saving(options), *_id(arguments)]
    return _words(_DEFAULTS | options) + own


def to_continue(arguments: str) -> list[str]:
    """The model that is loaded holds all but what may change. Raises PolicyRefused."""
    options = _DEFAULTS | policy.parse(arguments)
    changing = {name: values for name, values in options.items() if name in TUNED}
    return [*_words(changing), *_id(arguments)]


def made_with(model_id: str) -> str:
    """The arguments, if the model is of our making."""
    try:
        return model_id if policy.canonical(model_id) == model_id else ""
    except PolicyRefused:
        return ""


def to_serve(arguments: str) -> list[str]:
    """Predictions depend on what VW forgets."""
    options = policy.parse(arguments) if arguments else {}
    return _words({name: options[name] for name in _FORGOTTEN if name in options})


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


def _id(arguments: str) -> list[str]:
    return ["--id", arguments]
