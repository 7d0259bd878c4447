"""What a run of a job consists of. Any task may be repeated, and two runs of a job do no harm: what
they write is the same, but for the job's status, which never changes once it is over."""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from personalizer.domain.evaluation.job import Job, JobRef, Kind, Status
from personalizer.domain.evaluation.result import EvaluationResult
from personalizer.domain.evaluation.search import Search
from personalizer.domain.evaluation.weights import Weights
from personalizer.errors import JobFailed, PolicyUnusable
from personalizer.ports import Engine, Jobs, Loops, Objects, Workbench
from personalizer.usecases import chain
from personalizer.usecases.evaluation import desk as desks
from personalizer.usecases.evaluation import planning, results, settle
from personalizer.usecases.evaluation.comparison import OWN, Comparison, rewards
from personalizer.usecases.evaluation.desk import Desk
from personalizer.usecases.evaluation.findings import Findings
from personalizer.usecases.evaluation.gather import Gathered, added_up, gather
from personalizer.usecases.evaluation.importance import Importance
from personalizer.usecases.evaluation.important import Important, important
from personalizer.usecases.evaluation.parts import Part
from personalizer.usecases.evaluation.plan import Plan
from personalizer.usecases.evaluation.planning import NOTHING, Planning
from personalizer.usecases.evaluation.portions import Segment
from personalizer.usecases.evaluation.progressive import Pursue, Pursued
from personalizer.usecases.evaluation.pursuit import Pursuit
from personalizer.usecases.evaluation.study import Study

Studies = dict[str, Study]
type Adopt = Callable[[Job, EvaluationResult], tuple[Status, str]]


class Tasks:
    """`adopt` does what becomes of an evaluation that nobody asked for. `clock` gives epoch ms."""

    def __init__(
        self,
        jobs: Jobs,
        loops: Loops,
        objects: Objects,
        workbench: Workbench,
        engine: Engine,
        adopt: Adopt,
        clock: Callable[[], int],
    ):
        self._jobs = jobs
        self._loops = loops
        self._objects = objects
        self._workbench = workbench
        self._engine = engine
        self._adopt = adopt
        self._pursue = Pursue(engine, clock)

    def plan(self, ref: JobRef, has_time: Callable[[], bool]) -> Sequence[int] | None:
        """Plan while there is time. The parts of the log that are to be gathered, in its order;
        None if they are not all found yet. Raises JobFailed if there is nothing, or too much."""
        job, desk = self._begun(ref), self._desk(ref)
        made = desk.find(desks.PLAN, Plan)
        if made is None:
            known = desk.find(desks.PLANNING, Planning) or self._unplanned(job)
            made = planning.further(self._objects, desk, known, has_time)
        return None if made is None else made.oldest_first

    def gather(self, ref: JobRef, part: int) -> None:
        """Once: of a log that something happens to meanwhile, all studies see the same."""
        desk = self._desk(ref)
        if desk.find(desks.gathered(part), Gathered) is not None:
            return
        made = desk.take(desks.PLAN, Plan)
        segments = desk.take(desks.segments(part), list[Segment])
        counting = ref.kind is Kind.FEATURES
        gather(self._objects, desk, made, part, segments, counting=counting)

    def choose(self, ref: JobRef) -> list[str]:
        """The studies that are to be pursued next; none, when there is nothing more to find out.

        Raises JobFailed if nothing of what was gathered counts.
        """
        desk = self._desk(ref)
        studies = desk.find(desks.STUDIES, Studies) or {}
        waiting = self._waiting(desk, studies)
        if waiting:
            return waiting
        studies |= {study.id: study for study in self._wanted(ref, desk, studies)}
        desk.lay(desks.STUDIES, studies)
        return self._waiting(desk, studies)

    def study(self, ref: JobRef, study_id: str, has_time: Callable[[], bool]) -> bool:
        """Pursue it while there is time; whether it is over."""
        desk = self._desk(ref)
        study = desk.take(desks.STUDIES, Studies)[study_id]
        pursuit = desk.find(desks.pursuit(study_id), Pursuit) or Pursuit()
        if not pursuit.is_over(study):
            pursuit = self._pursued(ref, desk, study, pursuit, has_time)
            desk.lay(desks.pursuit(study_id), pursuit)
        return pursuit.is_over(study)

    def conclude(self, ref: JobRef) -> None:
        """Write down what was found. What nobody asked for, and is surely better, is applied."""
        desk = self._desk(ref)
        conclude = self._weighed if ref.kind is Kind.FEATURES else self._compared
        conclude(ref, desk, desk.take(desks.PLAN, Plan), self._gathered(desk))

    def fail(self, ref: JobRef, status: Status, reason: str) -> None:
        """It is over, unless it was already, or is gone."""
        if settle.finish(self._jobs, settle.present(self._jobs, ref), status, reason):
            Desk(self._workbench, ref).tidy()

    def _unplanned(self, job: Job) -> Planning:
        state = self._loops.state(job.loop, consistent=True)
        return planning.begun(self._objects, state, job)

    # ------------------------------------------------------------------------------- choosing

    def _wanted(self, ref: JobRef, desk: Desk, studies: Studies) -> list[Study]:
        made, gathered = desk.take(desks.PLAN, Plan), self._gathered(desk)
        if not gathered.read.scored:
            raise JobFailed(NOTHING)
        if ref.kind is Kind.FEATURES:
            return Importance(made, gathered).studies()
        job = self._job(ref)
        comparison = Comparison(job, made, gathered)
        given = comparison.given()
        return [*given, *self._searched(desk, comparison, studies)] if job.optimise else given

    def _searched(self, desk: Desk, comparison: Comparison, studies: Studies) -> list[Study]:
        pursuits = self._pursuits(desk, studies)
        search = desk.find(desks.SEARCH, Search) or comparison.search()
        search = search.after(comparison.standings(search, pursuits))
        desk.lay(desks.SEARCH, search)
        return comparison.asked(search, pursuits)

    def _waiting(self, desk: Desk, studies: Studies) -> list[str]:
        pursuits = self._pursuits(desk, studies)
        return [name for name, study in studies.items() if not pursuits[name].is_over(study)]

    def _pursuits(self, desk: Desk, studies: Studies) -> dict[str, Pursuit]:
        return {each: desk.find(desks.pursuit(each), Pursuit) or Pursuit() for each in studies}

    # ------------------------------------------------------------------------------- studying

    def _pursued(
        self,
        ref: JobRef,
        desk: Desk,
        study: Study,
        known: Pursuit,
        has_time: Callable[[], bool],
    ) -> Pursuit:
        made, gathered = desk.take(desks.PLAN, Plan), self._gathered(desk)
        terms = made.terms(rewards(made, gathered))
        before = self._resumed(ref, desk, study, known)
        parts = _pieces(desk, made, known.progress.needed(terms))
        try:
            after = self._pursue(study, terms, parts, before, has_time)
        except PolicyUnusable as error:
            return replace(known, unusable=str(error))
        return _laid(ref, desk, study, after)

    def _resumed(self, ref: JobRef, desk: Desk, study: Study, known: Pursuit) -> Pursued:
        model = desk.take_bytes(known.model) if known.model else None
        weights = Weights.unpack(desk.take_bytes(known.weights)) if known.weights else Weights()
        if study.generation and model is None:
            model = self._as_it_is(ref, study.generation)
        return Pursued(known.progress, model, weights)

    def _as_it_is(self, ref: JobRef, generation: int) -> bytes:
        head = self._loops.state(ref.loop, consistent=True).head
        return chain.given(self._objects, chain.find(self._objects, head.commit, generation))

    # ----------------------------------------------------------------------------- concluding

    def _compared(self, ref: JobRef, desk: Desk, plan: Plan, gathered: Gathered) -> None:
        job = self._job(ref)
        pursuits = self._pursuits(desk, desk.take(desks.STUDIES, Studies))
        search = desk.find(desks.SEARCH, Search)
        result = Findings(job, plan, gathered).result(search, pursuits)
        result = replace(result, important=self._important(desk, plan, pursuits[OWN]))
        results.write(self._workbench, job, result)
        status, reason = Status.SUCCEEDED, ""
        if job.is_automatic:
            status, reason = self._adopt(job, result)
        settle.finish(self._jobs, replace(job, optimal=result.optimal), status, reason)
        desk.tidy({each.learned.model for each in result.policies if each.learned})

    def _important(self, desk: Desk, plan: Plan, own: Pursuit) -> Important:
        """To the loop's own policy, once it has learned the log, with some of its first lines."""
        if own.unusable or own.model is None:
            return ()
        piece = next(_pieces(desk, plan, plan.first_line), ())
        lines = [line for run in piece for line in run.lines]
        return important(self._engine, desk.take_bytes(own.model), lines)

    def _weighed(self, ref: JobRef, desk: Desk, plan: Plan, gathered: Gathered) -> None:
        job = self._job(ref)
        pursuits = self._pursuits(desk, desk.take(desks.STUDIES, Studies))
        weights = {
            study: Weights.unpack(desk.take_bytes(found.weights))
            for study, found in pursuits.items()
            if found.weights
        }
        results.write(self._workbench, job, Importance(plan, gathered).result(weights))
        settle.finish(self._jobs, job, Status.SUCCEEDED, "")
        desk.tidy()

    # --------------------------------------------------------------------------------- the job

    def _begun(self, ref: JobRef) -> Job:
        job = self._job(ref)
        while job.status is Status.NOT_SUBMITTED:
            self._jobs.replace(job, replace(job, status=Status.RUNNING))
            job = self._job(ref)
        return job

    def _job(self, ref: JobRef) -> Job:
        return settle.working(self._jobs, ref)

    def _desk(self, ref: JobRef) -> Desk:
        """Raises JobFailed if the job is over, or gone: what lay on it may be gone too."""
        self._job(ref)
        return Desk(self._workbench, ref)

    def _gathered(self, desk: Desk) -> Gathered:
        """Of the whole log, added up once."""
        known = desk.find(desks.GATHERED, Gathered)
        if known is None:
            numbers = desk.take(desks.PLAN, Plan).oldest_first
            known = added_up(desk.take(desks.gathered(number), Gathered) for number in numbers)
            desk.lay(desks.GATHERED, known)
        return known


def _pieces(desk: Desk, plan: Plan, needed: int) -> Iterator[Part]:
    """From the part on in which the needed line is."""

    def end(number: int) -> int:
        last = desk.take(desks.segments(number), list[Segment])[-1]
        return last.first_line + last.lines

    numbers = plan.oldest_first
    for number in numbers[bisect_right(numbers, needed, key=end) :]:
        yield from desk.pieces(number)


def _laid(ref: JobRef, desk: Desk, study: Study, after: Pursued) -> Pursuit:
    """Under names of their own for every line that was reached: what a pursuit goes on from is
    never that of another attempt."""
    name = f"{study.id}-{after.progress.position:012d}"
    model = None if after.model is None else desk.lay_bytes(f"model-{name}.vw", after.model)
    weights = None
    if ref.kind is Kind.FEATURES:
        weights = desk.lay_bytes(f"weights-{name}", after.weights.pack())
    return Pursuit(after.progress, model, weights)
