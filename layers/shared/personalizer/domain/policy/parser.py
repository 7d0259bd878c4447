"""From the text of a learning policy to its options, each with values that are safe."""

import re
from collections.abc import Iterator

from personalizer.domain.policy.options import (
    COST_TYPES,
    EPSILON,
    EXPLORERS,
    IN_ORDER,
    INTERACTIONS,
    MAX_INTERACTIONS,
    NOT_AVAILABLE,
    OPTIONS,
    OTHER_NAMES,
    Option,
)
from personalizer.errors import PolicyRefused

type Options = dict[str, tuple[str, ...]]
"""By name, in the order of the table; a flag has one value, which is empty."""

MAX_CHARACTERS = 1024
MAX_SHOWN = 64

_BLANKS = re.compile(r"[ \t\r\n]+")
_NOT_SHOWN = re.compile(r"[^!-~]")


def parse(arguments: str) -> Options:
    """Raises PolicyRefused."""
    if len(arguments) > MAX_CHARACTERS:
        raise too_long()
    given: dict[str, list[str]] = {}
    for option, value in _pairs(iter(filter(None, _BLANKS.split(arguments)))):
        values = given.setdefault(option.name, [])
        if values and not option.repeats:
            raise PolicyRefused(option.name, "OptionRepeated", f"{option.name} is given twice.")
        values.append(value)
    options = _ordered(given)
    _check(options)
    return options


def too_long() -> PolicyRefused:
    text = f"The learning policy must have at most {MAX_CHARACTERS} characters."
    return PolicyRefused("", "LearningPolicyTooLong", text)


def _pairs(words: Iterator[str]) -> Iterator[tuple[Option, str]]:
    """The options with their values, read one by one."""
    for word in words:
        name, equals, value = word.partition("=") if word.startswith("--") else (word, "", "")
        option = _known(name)
        if option.kind is None:
            if equals:
                raise _unfit(option, "without a value")
            yield option, ""
            continue
        try:
            text = option.kind.read(value if equals else next(words, ""))
        except ValueError as error:
            raise _unfit(option, str(error)) from None
        yield (_by_order(text) if option is INTERACTIONS else option), text


def _known(name: str) -> Option:
    name = OTHER_NAMES.get(name, name)
    for special in (EPSILON, INTERACTIONS):
        if name == special.name:
            return special
    if name in OPTIONS:
        return OPTIONS[name]
    shown = _NOT_SHOWN.sub("?", name[:MAX_SHOWN])
    if name in NOT_AVAILABLE:
        raise PolicyRefused(name, "OptionNotAvailable", f"{name} {NOT_AVAILABLE[name]}.")
    raise PolicyRefused(shown, "OptionNotAllowed", f"{shown} is not allowed in a learning policy.")


def _by_order(term: str) -> Option:
    return OPTIONS["-q" if len(term) == 2 else "--cubic"]


def _unfit(option: Option, must_be: str) -> PolicyRefused:
    return PolicyRefused(option.name, "OptionValueInvalid", f"{option.name} must be {must_be}.")


def _check(options: Options) -> None:
    """What no option can tell alone."""
    if "--cb_explore_adf" not in options:
        text = "The learning policy must contain --cb_explore_adf or --cats."
        raise PolicyRefused("--cb_explore_adf", "MissingLearningPolicyAlgorithm", text)
    explorer, *others = [name for name in options if name in EXPLORERS] or [""]
    if others:
        raise _clash(others[0], explorer)
    (cost_type,) = options.get("--cb_type", ("mtr",))
    if cost_type not in COST_TYPES.get(explorer, (cost_type,)):
        raise _clash(f"--cb_type {cost_type}", explorer)
    (low,), (high,) = options.get("--cb_min_cost", ("0",)), options.get("--cb_max_cost", ("1",))
    if not float(low) < float(high):
        text = "--cb_min_cost must be less than --cb_max_cost."
        raise PolicyRefused("--cb_min_cost", "OptionsConflict", text)
    if len(options.get("-q", ())) + len(options.get("--cubic", ())) > MAX_INTERACTIONS:
        text = f"A learning policy must have at most {MAX_INTERACTIONS} interactions."
        raise PolicyRefused("--interactions", "TooManyInteractions", text)


def _clash(option: str, explorer: str) -> PolicyRefused:
    text = f"{option} does not go together with {explorer}."
    return PolicyRefused(option.split()[0], "OptionsConflict", text)


def _ordered(given: dict[str, list[str]]) -> Options:
    """As the table has them, without what VW would not heed."""
    found: Options = {}
    for option in IN_ORDER:
        heeded = not option.to or not option.to.isdisjoint(found)
        if option.name in given and heeded:
            found[option.name] = tuple(sorted(set(given[option.name])))
    return found
