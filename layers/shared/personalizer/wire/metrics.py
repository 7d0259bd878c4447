"""Learning metrics: how well an apprentice does, in the words of a version that never came; and
the loop's health, in words of ours: docs/health.md tells what each of them means."""

import msgspec

from personalizer.domain.agreement import Agreement
from personalizer.domain.health import Comparison, Health
from personalizer.usecases.agreement import Progress
from personalizer.wire import settings


def response(progress: Progress, health: Health) -> bytes:
    """The latest events, and all of them as `cumulative`; an average where there is something to
    average."""
    return msgspec.json.encode(
        {
            "learningMode": progress.mode.value,
            **_measured(progress.latest),
            "cumulative": _measured(progress.ever),
            "health": _health(health),
        }
    )


def _measured(found: Agreement) -> dict[str, object]:
    shown: dict[str, object] = {
        "numberOfEvents": found.events,
        "numberOfMatchedEvents": found.matched,
        "sumOfRewards": found.rewards,
        "sumOfImitatedRewards": found.matched_rewards,
    }
    if not found.events:
        return shown
    return shown | {
        "startDate": settings.date(found.first_at),
        "endDate": settings.date(found.last_at),
        "agreement": found.rate,
        "averageReward": found.average_reward,
    }


def _health(health: Health) -> dict[str, object]:
    shown: dict[str, object] = {
        "isLearning": health.is_learning,
        "numberOfEvents": health.events,
    }
    if not health.events:
        return shown
    return shown | {
        "startDate": settings.date(health.first_at),
        "endDate": settings.date(health.last_at),
        "averageReward": health.average_reward,
        "entropy": health.lately.entropy,
        "greedyShare": health.lately.greedy_share,
        "random": _compared(health.against(health.random)),
        "baseline": _compared(health.against(health.baseline)),
    }


def _compared(found: Comparison) -> dict[str, object]:
    shown: dict[str, object] = {
        "confidence": found.confidence,
        "leastGain": found.least_gain,
        "importanceWeight": found.importance_weight,
    }
    if found.average_reward is None:
        return shown
    return shown | {"averageReward": found.average_reward, "gain": found.gain}
