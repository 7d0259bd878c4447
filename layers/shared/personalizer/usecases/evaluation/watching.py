"""Watch over a policy that an evaluation put in place: it goes if the one before would have done
better.

Once it is all but certain that the model before, as it was, would have earned more of the decisions
since, the loop goes back to it. However often one looks, and however long, a policy that is as good
is taken back with a chance of 1/20 at most.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import batched

import msgspec

from personalizer import dsjson
from personalizer.domain import names
from personalizer.domain.evaluation.gain import Gain
from personalizer.domain.evaluation.job import SETTLING_MS, Job, Kind, Status
from personalizer.domain.evaluation.watch import Watch, weigh
from personalizer.domain.loop import LoopState
from personalizer.errors import CostsChanged, ObjectCorrupt, ObjectMissing
from personalizer.ports import Engine, Jobs, Loops, Objects, Workbench
from personalizer.usecases import chain, policies, steer
from personalizer.usecases import health as healths
from personalizer.usecases.evaluation import lookback
from personalizer.usecases.evaluation.links import Link
from personalizer.usecases.evaluation.lookback import Lookback
from personalizer.usecases.models.placing import Placing

WATCH, LOOKBACK = "watch.json", "lookback.json"

AT_ONCE = 2_000
"""Lines that a model is asked about at a time."""


@dataclass(frozen=True, slots=True)
class Watched:
    """`events`: decisions looked at so far. `gain`: of the model before, per decision, at the least
    and at the most. `is_behind`: there was no time to look at what is new."""

    loop: str
    job: str
    events: int
    gain: tuple[float, float]
    is_behind: bool = False
    is_rolled_back: bool = False


class Watching:
    """`clock` gives epoch ms; `new_change_id` a name that no other change will ever use."""

    def __init__(
        self,
        jobs: Jobs,
        loops: Loops,
        objects: Objects,
        workbench: Workbench,
        engine: Engine,
        clock: Callable[[], int],
        new_change_id: Callable[[], str],
    ):
        self._jobs = jobs
        self._loops = loops
        self._objects = objects
        self._workbench = workbench
        self._engine = engine
        self._placing = Placing(loops, objects, engine, clock, new_change_id)
        self._clock = clock
        self._new_change_id = new_change_id

    def begin(self, job: Job, generation: int) -> None:
        """From the generation on in which the job's policy was put in place, once or again."""
        head = self._loops.state(job.loop, consistent=True).head
        applied = chain.find(self._objects, head.commit, generation)
        earlier = chain.commits(self._objects, applied.previous)
        before = next((c for c in earlier if c.arguments != applied.arguments), None)
        if before is None:  # there is nothing to go back to
            return
        since = applied.model.made_at
        watch = Watch(
            applied=generation,
            epoch=applied.epoch,
            before=before.generation,
            model=before.model.object,
            since=since,
            rewards=healths.unproven(applied.arguments, applied.cost_offset).range,
            until=since,
        )
        self._keep(job, watch)

    def unattended(self, loop: str) -> int | None:
        """Since when (epoch ms); None where there is nothing to watch."""
        job = self._last_applied(loop)
        watch = self._kept(job) if job else None
        return None if watch is None or watch.is_over else watch.attended_at

    def __call__(self, loop: str, has_time: Callable[[], bool]) -> Watched | None:
        """Look at what is new; None where there is nothing to watch."""
        job = self._last_applied(loop)
        watch = self._kept(job) if job else None
        if job is None or watch is None or watch.is_over:
            return None
        if has_time():
            watch = self._attended(job, watch)
        state, found = self._loops.state(loop, consistent=True), watch
        reigns = state.head.epoch == watch.epoch
        if reigns and not watch.is_lost:
            found = self._further(state, job, watch, has_time)
            self._keep(job, found)
        if found.is_lost:
            if reigns:
                self._go_back(state, found)
            self._note(job)
        elif not reigns:  # somebody chose another policy, or model, since
            return None
        width, gain = found.rewards.width, found.gain.bounds()
        return Watched(
            loop,
            job.id,
            found.gain.events,
            (gain[0] * width, gain[1] * width),
            is_behind=found is watch and not found.is_lost,
            is_rolled_back=found.is_lost and reigns,
        )

    def _attended(self, job: Job, watch: Watch) -> Watch:
        """Before anything else, so that whatever comes of it others have their turn first."""
        attended = replace(watch, attended_at=self._clock())
        self._keep(job, attended)
        return attended

    def _last_applied(self, loop: str) -> Job | None:
        automatic = (job for job in self._jobs.of(loop, Kind.EVALUATION) if job.is_automatic)
        return next((j for j in automatic if j.status is Status.OPTIMAL_POLICY_APPLIED), None)

    def _further(
        self, state: LoopState, job: Job, watch: Watch, has_time: Callable[[], bool]
    ) -> Watch:
        """All that was ranked up to now, once nothing can add to its reward; the same watch while
        there was no time for all of that."""
        try:
            model = self._objects.get(watch.model)
        except (ObjectMissing, ObjectCorrupt):  # nobody can be asked any more
            return replace(watch, until=watch.ends_at)
        look = self._lookback(state, job, watch)
        found_all = lookback.follow(self._objects, look, has_time)
        if not (found_all and self._weighed(look, watch, model, has_time)):
            self._workbench.write(_place(job, LOOKBACK), msgspec.json.encode(look))
            return watch
        return replace(watch, until=look.until, gain=look.gain)

    def _lookback(self, state: LoopState, job: Job, watch: Watch) -> Lookback:
        """The one that is not at its end, or another."""
        known = self._laid(job, LOOKBACK, Lookback)
        if known and known.since == watch.until:
            return known
        wait = state.configuration.reward_wait_ms + SETTLING_MS
        return Lookback(
            since=watch.until,
            until=max(watch.until, min(self._clock() - wait, watch.ends_at)),
            at=state.head.commit,
            oldest=max(watch.applied + 1, state.head.kept.oldest),
            gain=watch.gain + Gain(),
        )

    def _weighed(
        self, look: Lookback, watch: Watch, model: bytes, has_time: Callable[[], bool]
    ) -> bool:
        """While there is time; whether that was all."""
        while look.drawn and has_time():
            found = self._lines(lookback.take_oldest(look, AT_ONCE), look, watch)
            for lines in batched(found, AT_ONCE, strict=False):
                self._weigh(look.gain, watch, model, lines)
        return not look.drawn

    def _weigh(self, gain: Gain, watch: Watch, model: bytes, lines: Sequence[bytes]) -> None:
        opinions = self._engine.consult(model, lines)
        for line, opinion in zip(lines, opinions, strict=True):
            served = dsjson.evaluated(line)
            if served and opinion:
                floor = dsjson.service(line).floor
                weigh(gain, watch.rewards, served, opinion.probabilities, floor)

    def _lines(self, commits: Iterable[Link], look: Lookback, watch: Watch) -> Iterator[bytes]:
        """Of what the policy decided, and was ranked in this time."""
        for commit in commits:
            for line in self._segment(commit):
                if not look.since <= dsjson.ranked_at(line) < look.until:
                    continue
                if dsjson.service(line).generation >= watch.applied:
                    yield line

    def _segment(self, commit: Link) -> list[bytes]:
        """What is lost tells nothing."""
        try:
            return chain.lines(self._objects, commit.log)
        except (ObjectMissing, ObjectCorrupt):
            return []

    def _go_back(self, state: LoopState, watch: Watch) -> None:
        loop, head = state.head.loop, state.head
        try:
            self._placing.roll_back(loop, watch.before)
        except (CostsChanged, ObjectMissing, ObjectCorrupt):
            # The policy at least: its model will be learned again from the log.
            commit = chain.find(self._objects, head.commit, watch.before)
            policy = policies.read(self._objects, commit.policy)
            change_id, now = self._new_change_id(), self._clock()
            steer.set_policy(self._loops, self._objects, loop, policy, change_id, now)

    def _note(self, job: Job) -> None:
        reason = f"{job.optimal} was applied, did worse than what was before, and was taken back"
        self._jobs.replace(job, replace(job, status=Status.ONLINE_POLICY_RETAINED, reason=reason))

    def _kept(self, job: Job) -> Watch | None:
        return self._laid(job, WATCH, Watch)

    def _keep(self, job: Job, watch: Watch) -> None:
        self._workbench.write(_place(job, WATCH), msgspec.json.encode(watch))

    def _laid[T](self, job: Job, name: str, kind: type[T]) -> T | None:
        try:
            return msgspec.json.decode(self._workbench.read(_place(job, name)), type=kind)
        except ObjectMissing:
            return None


def _place(job: Job, name: str) -> str:
    return names.job(*job.ref) + name
