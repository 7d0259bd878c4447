"""Evaluations as DynamoDB items, each its job as JSON.

    pk  evaluations#<loop>     sk  <kind>#<hash of the id>     v  format version     data  the job

When it was made, its status and its run are attributes of their own too, for conditions. Ids are
anything, hence the hash. The partition is none that Rank reads.
"""

import hashlib

import msgspec

from personalizer.adapters.dynamodb.items import Attributes, number
from personalizer.domain.evaluation.job import Job, Kind

FORMAT = 1


def partition(loop: str) -> str:
    return f"evaluations#{loop}"


def prefix(kind: Kind) -> str:
    return f"{kind.value}#"


def key(loop: str, kind: Kind, job_id: str) -> Attributes:
    digest = hashlib.sha256(job_id.encode(errors="surrogatepass")).hexdigest()[:32]
    return {"pk": {"S": partition(loop)}, "sk": {"S": f"{prefix(kind)}{digest}"}}


def dump(job: Job) -> Attributes:
    return {
        **key(job.loop, job.kind, job.id),
        "v": number(FORMAT),
        "made": number(job.created_at),
        "status": {"S": job.status.value},
        "run": {"S": job.execution},
        "data": {"S": msgspec.json.encode(job).decode()},
    }


def load(item: Attributes) -> Job:
    """Raises ValueError for a format of later versions."""
    if item["v"] != number(FORMAT):
        raise ValueError("an evaluation of another format")
    return msgspec.json.decode(item["data"]["S"], type=Job)
