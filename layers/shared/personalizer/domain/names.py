"""Where objects live. Names carry the commit's own id, so nothing is ever written twice."""

from datetime import UTC, datetime


def model(loop: str, epoch: int, generation: int, commit_id: str) -> str:
    return f"gen/{loop}/{epoch}/{generation:012d}-{commit_id}.vw"


def log(loop: str, generation: int, commit_id: str, now: int) -> str:
    """Partitioned by commit date, in the layout that Athena and Spark read."""
    date = datetime.fromtimestamp(now / 1000, UTC).date()
    return f"log/loop={loop}/dt={date}/{generation:012d}-{commit_id}.dsjson.gz"


def commit(loop: str, generation: int, commit_id: str) -> str:
    return f"commit/{loop}/{generation:012d}-{commit_id}.json"


def seen(loop: str, segment: int, commit_id: str) -> str:
    return f"seen/{loop}/{segment}-{commit_id}"


def policy(loop: str, set_at: int, sha256: str) -> str:
    """Sorted by time."""
    return f"policy/{loop}/{set_at:015d}-{sha256[:16]}.json"


def policy_id(key: str) -> str:
    return key.rpartition("/")[2].removesuffix(".json")
