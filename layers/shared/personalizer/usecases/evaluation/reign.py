"""What an evaluation's own run did to its loop, as the loop itself tells it.

The head and the policy that it names change in one write. Whoever dies right after it was all the
same heard of.
"""

from itertools import takewhile

from personalizer.domain.evaluation.job import Job
from personalizer.domain.loop import Head
from personalizer.domain.policy import Policy
from personalizer.ports import Objects
from personalizer.usecases import policies


def applied(objects: Objects, head: Head, job: Job) -> Policy | None:
    """What the run put in place, while the loop goes by it: nobody chose otherwise since."""
    if head.epoch != job.epoch + 1:
        return None
    found = _set_by(objects, head, job)
    return found[0] if found else None


def taken_back(objects: Objects, head: Head, job: Job) -> Policy | None:
    """The same, if the loop went back to what it had before, as that was better."""
    found = _set_by(objects, head, job)
    return found[1] if len(found) > 1 else None


def _set_by(objects: Objects, head: Head, job: Job) -> list[Policy]:
    """The loop's last policies, newest first, as far as the run set them."""
    newest_first = (kept.policy for kept in policies.history(objects, head.policy))
    return [*takewhile(lambda policy: policy.run == job.run, newest_first)]
