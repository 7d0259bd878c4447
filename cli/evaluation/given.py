"""What is given on the command line, as what it stands for."""

from dataclasses import replace
from pathlib import Path

from cli.steps import Problem
from personalizer.domain.evaluation.job import Named
from personalizer.domain.loop import Configuration
from personalizer.domain.policy import Policy, canonical, presets
from personalizer.domain.policy.presets import PRESETS
from personalizer.wire import policy as wire

A_POLICY = "A preset's name, a file in Azure's JSON, or NAME=ARGUMENTS in one pair of quotes"


def named(text: str) -> Named:
    """A policy to compare."""
    if text in PRESETS or Path(text).is_file():
        found = policy(text)
        return Named(found.name, found.arguments)
    name, _, given = text.partition("=")
    if not given or name.startswith("-"):
        raise Problem(f"{text}: a policy is {A_POLICY[0].lower()}{A_POLICY[1:]}.")
    return Named(name, policy(given).arguments)


def policy(text: str) -> Policy:
    """A preset, a file, or arguments. Raises Problem, RequestError or PolicyRefused."""
    if text in PRESETS:
        return presets.named(text)
    if text.lstrip().startswith("-"):
        return Policy("given", canonical(text))
    try:
        found = wire.policy(Path(text).read_bytes())
    except OSError as error:
        raise Problem(f"{text} is no preset, and no file to be read: {error.strerror}.") from error
    return replace(found, arguments=canonical(found.arguments))


def settings(current: str) -> Configuration:
    """Of a loop that learns by this policy."""
    return PRESETS[current].settled(Configuration()) if current in PRESETS else Configuration()


def model(text: str) -> tuple[str, bytes]:
    name, _, path = text.partition("=")
    if not name or not path:
        raise Problem(f"{text}: a model is NAME=FILE.")
    try:
        return name, Path(path).read_bytes()
    except OSError as error:
        raise Problem(f"{path}: {error.strerror}.") from error
