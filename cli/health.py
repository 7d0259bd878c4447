"""A loop's health in words."""

from collections.abc import Iterator

from personalizer import dsjson
from personalizer.domain.event import LearningMode
from personalizer.domain.health import Comparison, Health
from personalizer.usecases.health import Checkup


def words(checkup: Checkup) -> Iterator[str]:
    health, mode = checkup.health, checkup.mode
    if not health.events:
        decides = mode is LearningMode.ONLINE
        why = "its model has decided nothing yet" if decides else f"in {mode} mode it only watches"
        yield f"Learning? Nobody knows: {why}."
        return
    yield _verdict(health)
    first, last = map(dsjson.timestamp, (health.first_at, health.last_at))
    yield f"{health.events:,} decisions from {first} to {last}."
    yield f"They earned {health.average_reward:.3f} each."
    yield _compared("Random choice", health.against(health.random))
    yield _compared("Your first action", health.against(health.baseline))
    yield (
        f"Lately it took its favourite {health.lately.greedy_share:.1%} of the time"
        f" (entropy {health.lately.entropy:.2f})."
    )


def _verdict(health: Health) -> str:
    sure = f"{_share(health.random.confidence)} sure that it beats random choice"
    return f"Learning? Yes, {sure}." if health.is_learning else f"Learning? Not proven: {sure}."


def _share(confidence: float) -> str:
    """Nobody is ever quite sure."""
    return f"{min(confidence, 0.999):.1%}"


def _compared(other: str, found: Comparison) -> str:
    if found.average_reward is None:
        return f"{other} was never shown, so nothing tells what it would have earned."
    return (
        f"{other} would have earned {found.average_reward:.3f}: a gain of {found.gain:+.3f}, of at"
        f" least {found.least_gain:+.3f}; {_share(found.confidence)} sure that there is one."
        f" Importance weight {found.importance_weight:.2f}."
    )
