"""Where objects live. Names carry the commit's own id, so nothing is ever written twice."""

from datetime import UTC, datetime


def model(loop: str, epoch: int, generation: int, commit_id: str) -> str:
    return f"gen/{loop}/{generation:012d}-{epoch}-{commit_id}.vw"


def log(loop: str, generation: int, commit_id: str, now: int) -> str:
    """Partitioned by commit date, in the layout that Athena and Spark read."""
    date = datetime.fromtimestamp(now / 1000, UTC).date()
    return f"log/loop={loop}/dt={date}/{generation:012d}-{commit_id}.dsjson.gz"


def commit(loop: str, generation: int, commit_id: str) -> str:
    return f"commit/{loop}/{generation:012d}-{commit_id}.json"


def seen(loop: str, segment: int, commit_id: str) -> str:
    return f"seen/{loop}/{segment}-{commit_id}"


def generation(key: str) -> int:
    """Of a model, a log segment or a commit. Raises ValueError for the name of anything else."""
    return int(key.rpartition("/")[2].partition("-")[0])


def policy(loop: str, sha256: str) -> str:
    return f"policy/{loop}/{sha256[:16]}.json"
