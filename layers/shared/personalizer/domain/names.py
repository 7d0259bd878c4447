"""Where objects live. Names carry the commit's own id, so nothing is ever written twice.

They begin with what orders them in time: the oldest of a kind are listed first.
"""

import hashlib
from datetime import UTC, datetime


def model(loop: str, epoch: int, generation: int, commit_id: str) -> str:
    return f"{models(loop)}{generation:012d}-{epoch}-{commit_id}.vw"


def models(loop: str) -> str:
    """What all names of a loop's models begin with; and so on."""
    return f"gen/{loop}/"


def is_model(key: str) -> bool:
    return key.startswith("gen/")


def log(loop: str, generation: int, commit_id: str, now: int) -> str:
    """Partitioned by commit date, in the layout that Athena and Spark read."""
    date = datetime.fromtimestamp(now / 1000, UTC).date()
    return f"{logs(loop)}dt={date}/{generation:012d}-{commit_id}.dsjson.gz"


def logs(loop: str) -> str:
    return f"log/loop={loop}/"


def commit(loop: str, generation: int, commit_id: str) -> str:
    return f"{commits(loop)}{generation:012d}-{commit_id}.json"


def commits(loop: str) -> str:
    return f"commit/{loop}/"


def is_commit(key: str) -> bool:
    return key.startswith("commit/")


def loop_of_commit(key: str) -> str:
    return key.split("/")[1]


def before_commit(loop: str, generation: int) -> str:
    """Where in the order of names the commits of a generation begin."""
    return f"{commits(loop)}{generation:012d}"


def seen(loop: str, segment: int, commit_id: str) -> str:
    return f"{all_seen(loop)}{segment}-{commit_id}"


def all_seen(loop: str) -> str:
    return f"seen/{loop}/"


def number(name: str) -> int:
    """The generation in the name of a model, a log segment or a commit; the segment of what was
    seen. Raises ValueError for the name of anything else."""
    return int(name.rpartition("/")[2].partition("-")[0])


def policy(loop: str, set_at: int, sha256: str) -> str:
    """Sorted by time."""
    return f"policy/{loop}/{set_at:015d}-{sha256[:16]}.json"


def policy_id(key: str) -> str:
    return key.rpartition("/")[2].removesuffix(".json")


def job(loop: str, kind: str, job_id: str, created_at: int) -> str:
    """What all names of a job's things begin with, and those of no other that is made anew."""
    return f"{jobs(loop)}{_told(kind, job_id, created_at)}/"


def jobs(loop: str) -> str:
    return f"evaluation/loop={loop}/"


def run(loop: str, kind: str, job_id: str, created_at: int) -> str:
    """Of what works on a job: the same for the same job, another for one that is made anew. It
    tells the loop, has at most 73 characters, and nothing but letters, digits and dashes."""
    return f"{loop}-{_told(kind, job_id, created_at)}"


def loop_of_run(name: str) -> str:
    return name.rpartition("-")[0]


def _told(kind: str, job_id: str, created_at: int) -> str:
    """Which job of a loop it is. Ids are anything, hence the hash."""
    return hashlib.sha256(f"{kind} {created_at} {job_id}".encode()).hexdigest()[:32]
