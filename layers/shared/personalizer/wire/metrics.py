"""Learning metrics: how well an apprentice does, in the words of a version that never came."""

import msgspec

from personalizer.domain.agreement import Agreement
from personalizer.usecases.agreement import Progress
from personalizer.wire import settings


def response(progress: Progress) -> bytes:
    """The latest events, and all of them as `cumulative`; an average where there is something to
    average."""
    return msgspec.json.encode(
        {
            "learningMode": progress.mode.value,
            **_measured(progress.latest),
            "cumulative": _measured(progress.ever),
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
