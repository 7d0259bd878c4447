"""What an evaluation's own run did to its loop, as the loop itself tells it.

The head and the policy that it names change in one write. Whoever dies right after it was all the
same heard of.
"""

from itertools import islice

from personalizer.domain.evaluation.job import Job
from personalizer.domain.loop import Head
from personalizer.ports import Objects
from personalizer.usecases import policies


def is_applied(objects: Objects, head: Head, job: Job) -> bool:
    """Whether the loop goes by what the run put in place: nobody chose anything else since."""
    return head.epoch == job.epoch + 1 and _runs(objects, head, 1) == [job.run]


def is_taken_back(objects: Objects, head: Head, job: Job) -> bool:
    """Whether the loop goes by what it had before, since that was better."""
    return head.epoch == job.epoch + 2 and _runs(objects, head, 2) == [job.run] * 2


def _runs(objects: Objects, head: Head, count: int) -> list[str]:
    """Which set the loop's last policies, newest first."""
    newest = islice(policies.history(objects, head.policy), count)
    return [kept.policy.run for kept in newest]
