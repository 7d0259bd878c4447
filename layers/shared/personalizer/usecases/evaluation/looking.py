"""What a watch finds out, hour by hour: of the decisions since, what the model before would have
earned."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import batched

from personalizer import dsjson
from personalizer.domain.evaluation.gain import Gain
from personalizer.domain.evaluation.job import SETTLING_MS, Job
from personalizer.domain.evaluation.watch import Watch, weigh
from personalizer.domain.loop import LoopState
from personalizer.errors import ObjectCorrupt, ObjectMissing
from personalizer.ports import Engine, Objects
from personalizer.usecases import chain
from personalizer.usecases.evaluation import lookback
from personalizer.usecases.evaluation.links import Link
from personalizer.usecases.evaluation.lookback import Lookback
from personalizer.usecases.evaluation.watches import Watches

AT_ONCE = 2_000
"""Lines that a model is asked about at a time."""


class Looking:
    """`clock` gives epoch ms."""

    def __init__(
        self, objects: Objects, watches: Watches, engine: Engine, clock: Callable[[], int]
    ):
        self._objects = objects
        self._watches = watches
        self._engine = engine
        self._clock = clock

    def __call__(
        self, state: LoopState, job: Job, watch: Watch, has_time: Callable[[], bool]
    ) -> Watch:
        """All that was ranked up to now, once nothing can add to its reward; the same watch while
        there was no time for all of that."""
        try:
            model = self._objects.get(watch.model)
        except (ObjectMissing, ObjectCorrupt):  # nobody can be asked any more
            return replace(watch, until=watch.ends_at)
        look = self._begun(state, job, watch)
        found_all = lookback.follow(self._objects, look, has_time)
        if not (found_all and self._weighed(look, watch, model, has_time)):
            self._watches.keep_lookback(job, look)
            return watch
        return replace(watch, until=look.until, gain=look.gain)

    def _begun(self, state: LoopState, job: Job, watch: Watch) -> Lookback:
        """The one that is not at its end, or another."""
        known = self._watches.lookback(job)
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
