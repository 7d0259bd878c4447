"""The watches over what evaluations put in place: begun, and kept on the workbench."""

from collections import deque
from dataclasses import replace
from itertools import takewhile

from personalizer.domain import names
from personalizer.domain.commit import Commit
from personalizer.domain.evaluation.job import Job
from personalizer.domain.evaluation.watch import Watch
from personalizer.domain.loop import Head
from personalizer.errors import ObjectMissing
from personalizer.ports import Objects, Workbench
from personalizer.usecases import chain, health
from personalizer.usecases.evaluation import kept
from personalizer.usecases.evaluation.lookback import Lookback

_WATCH, _LOOKBACK = "watch", "lookback"


class Watches:
    def __init__(self, objects: Objects, workbench: Workbench):
        self._objects = objects
        self._workbench = workbench

    def begin(self, job: Job, head: Head) -> Watch | None:
        """From the moment on in which the job's policy was put in place; once, whoever asks how
        often. None if there is nothing to go back to."""
        if known := self._laid(job, _WATCH, Watch):
            return known
        watch = self._begun(job, head)
        if watch:
            self.keep(job, watch)
        return watch

    def attended(self, job: Job, watch: Watch, now: int) -> Watch:
        attended = replace(watch, attended_at=now)
        self.keep(job, attended)
        return attended

    def keep(self, job: Job, watch: Watch) -> None:
        self._lay(job, _WATCH, watch)

    def keep_lookback(self, job: Job, look: Lookback) -> None:
        self._lay(job, _LOOKBACK, look)

    def lookback(self, job: Job) -> Lookback | None:
        return self._laid(job, _LOOKBACK, Lookback)

    def _lay(self, job: Job, name: str, thing: Watch | Lookback) -> None:
        self._workbench.write(names.job(*job.ref) + name, kept.packed(thing))

    def _laid[T](self, job: Job, name: str, kind: type[T]) -> T | None:
        key = names.job(*job.ref) + name
        try:
            return kept.unpacked(self._workbench.read(key), kind, key)
        except ObjectMissing:
            return None

    def _begun(self, job: Job, head: Head) -> Watch | None:
        """With the first commit of the epoch that it began: the last on the way back."""
        commits = chain.commits(self._objects, head.commit)
        reign = takewhile(lambda commit: commit.epoch == job.epoch + 1, commits)
        applied = next(iter(deque(reign, maxlen=1)), None)
        if applied is None or applied.previous is None:
            return None
        before = chain.decoded(self._objects, applied.previous, Commit)
        watch = _watch(applied, before)
        # What somebody had reset, and had learned nothing since, is not brought back.
        return watch if before.epoch == job.epoch else replace(watch, until=watch.ends_at)


def _watch(applied: Commit, before: Commit) -> Watch:
    since = applied.model.made_at
    return Watch(
        applied=applied.generation,
        epoch=applied.epoch,
        before=before.generation,
        model=before.model.object,
        since=since,
        rewards=health.unproven(applied.arguments, applied.cost_offset).range,
        until=since,
    )
