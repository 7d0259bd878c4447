"""Single settings as clients write them, each read or refused."""

import math
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from urllib.parse import urlsplit

from personalizer.domain.loop import DAY_MS, FOREVER
from personalizer.wire import durations
from personalizer.wire.errors import refused

CODE = "InvalidServiceConfiguration"

MIN_WAIT_MS = 5_000
MAX_WAIT_MS = 30 * DAY_MS
"""Azure's limit was two days, and its users asked for more."""
MAX_EXPORT_MS = 30 * DAY_MS
MIN_OPTIMIZATION_DAYS = 1
MAX_OPTIMIZATION_MS = 3_650 * DAY_MS
MAX_DAYS = 2**31 - 1
MAX_OFFSET = 1_000
MAX_REPLAYED = 8
MAX_REACH = 1_000
"""So many lines may have to be at hand for each lesson."""
MAX_BUSIEST = 1_000_000
MAX_URI = 4_096


def reward_wait(text: str) -> int:
    found = _duration("rewardWaitTime", text)
    if not MIN_WAIT_MS <= found <= MAX_WAIT_MS:
        raise refused("InvalidRewardWaitTime")
    return found


def default_reward(value: float) -> Decimal:
    if not -1 <= value <= 1:
        raise _out_of("defaultReward", "-1 to 1")
    return Decimal(repr(_single(value)))


def exploration(value: float) -> float:
    if not 0 <= value <= 1:
        raise _out_of("explorationPercentage", "0 to 1")
    return _single(value)


def model_export(text: str) -> int:
    found = _duration("modelExportFrequency", text)
    if not 0 <= found <= MAX_EXPORT_MS:
        raise _out_of("modelExportFrequency", "PT0S to P30D")
    return found


def retention(days: int) -> int:
    if not FOREVER <= days <= MAX_DAYS:
        raise _out_of("logRetentionDays", f"-1 to {MAX_DAYS}")
    return days


def retrain(days: int) -> int:
    if not 0 <= days <= MAX_DAYS:
        raise refused("InvalidModelRetrainDays")
    return days


def optimization_frequency(text: str) -> int:
    found = _duration("autoOptimizationFrequency", text)
    if not MIN_OPTIMIZATION_DAYS * DAY_MS <= found <= MAX_OPTIMIZATION_MS:
        raise refused(CODE, "InvalidAutoOptimizationFrequency")
    return found


def moment(name: str, text: str, code: str = CODE) -> int:
    """Epoch milliseconds; a time without a zone is UTC, and a date its beginning."""
    try:
        found = datetime.fromisoformat(text)
        aware = found if found.tzinfo else found.replace(tzinfo=UTC)
        return int(aware.timestamp() * 1000)
    except (ValueError, OverflowError) as error:
        raise refused(code, "InvalidDate", f"{name} is not a date and time.") from error


def date(milliseconds: int) -> str:
    moment = datetime.fromtimestamp(milliseconds / 1000, UTC)
    return moment.isoformat().replace("+00:00", "Z")


def learn_after_wait(text: str) -> bool:
    if text not in ("reward", "wait"):
        raise _out_of("learnAfter", "reward, wait")
    return text == "wait"


def cost_offset(value: float) -> float:
    if not abs(value) <= MAX_OFFSET:
        raise _out_of("costOffset", f"-{MAX_OFFSET} to {MAX_OFFSET}")
    return value


def replay_events(count: int) -> int:
    return _whole("replayEvents", count, 0, MAX_REPLAYED)


def replay_reach(count: int) -> int:
    return _whole("replayReach", count, 1, MAX_REACH)


def replay_busiest(rate: float) -> float:
    if not 0 <= rate <= MAX_BUSIEST:
        raise _out_of("replayBusiest", f"0 to {MAX_BUSIEST}")
    return rate


def mirror_uri(text: str) -> str:
    """The address without its signature: that is a secret, and nothing is ever copied there."""
    try:
        parts = urlsplit(text)
    except ValueError as error:
        raise refused("InvalidSasUri") from error
    if len(text) > MAX_URI or parts.scheme != "https" or not parts.hostname:
        raise refused("InvalidSasUri")
    return parts._replace(query="", fragment="").geturl()


def one_of[T: StrEnum](kind: type[T], name: str, text: str) -> T:
    for value in kind:
        if value.lower() == text.lower():
            return value
    raise _out_of(name, ", ".join(kind))


def _whole(name: str, value: int, low: int, high: int) -> int:
    if not low <= value <= high:
        raise _out_of(name, f"{low} to {high}")
    return value


def _duration(name: str, text: str) -> int:
    try:
        return durations.milliseconds(text)
    except ValueError as error:
        raise refused(CODE, "InvalidDuration", f"{name} is not a duration.") from error


def _single(value: float) -> float:
    """What a 32-bit client means by 0.200000003."""
    return float(f"{value:.7g}") if math.isfinite(value) else value


def _out_of(name: str, accepted: str) -> Exception:
    return refused(CODE, "SettingOutOfRange", f"{name} may be {accepted}.")
