"""Where ports meet adapters: what each function is made of, and nothing that it does not need.

Here is the API's hot path, whose cold starts people wait for: it imports no more than it calls.
What happens behind it is in `background`, what people and operators use in `administration`.
"""

from typing import TYPE_CHECKING

from personalizer.bootstrap import means
from personalizer.bootstrap.means import event_id, new_uid, now, quick

if TYPE_CHECKING:
    from personalizer.usecases.activate import Activate
    from personalizer.usecases.authorize import Authorize
    from personalizer.usecases.rank import Rank
    from personalizer.usecases.reward import RewardEvent

__all__ = ["activate", "authorize", "event_id", "new_uid", "now", "rank", "reward"]


def authorize() -> "Authorize":
    from personalizer.usecases.authorize import Authorize

    return Authorize(means.keys(quick("dynamodb")))


def rank() -> "Rank":
    from concurrent.futures import ThreadPoolExecutor

    from personalizer.adapters.vw import VwEngine
    from personalizer.usecases.rank import Rank
    from personalizer.usecases.serving import Serving

    refresh_ms = int(means.settings().refresh_seconds * 1000)
    engine, background = VwEngine(), ThreadPoolExecutor(1, "refresh")
    loops, objects = means.loops(quick("dynamodb")), means.objects(quick("s3"))
    serving = Serving(loops, objects, engine, background, now, refresh_ms)
    return Rank(means.events(quick("dynamodb")), serving, engine, now, event_id, new_uid)


def reward() -> "RewardEvent":
    from personalizer.usecases.reward import RewardEvent

    return RewardEvent(means.events(quick("dynamodb")), now, new_uid)


def activate() -> "Activate":
    from personalizer.usecases.activate import Activate

    return Activate(means.events(quick("dynamodb")), now)
