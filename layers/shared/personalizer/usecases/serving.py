"""The models a process serves with: refreshed beside its requests, never at their expense.

A frozen Lambda runs no threads, so a refresh starts with a request, runs while that request writes
its event, and is waited for only briefly. Whatever fails, the last good model goes on serving.
"""

from collections.abc import Callable
from concurrent.futures import Future, wait
from dataclasses import dataclass, replace

from personalizer.domain.loop import LoopState, ModelRef
from personalizer.errors import LoopNotFound, PersonalizerError
from personalizer.ports import Background, Engine, Loops, Objects, Predictor


@dataclass(frozen=True, slots=True)
class Live:
    """A loop as this process knows it; `predictor` is None until there is a model."""

    state: LoopState
    checked_at: int
    model: ModelRef | None = None
    predictor: Predictor | None = None

    @property
    def generation(self) -> int:
        return self.model.generation if self.model else 0


class Serving:
    def __init__(
        self,
        loops: Loops,
        objects: Objects,
        engine: Engine,
        background: Background,
        clock: Callable[[], int],
        refresh_ms: int,
    ):
        self._loops = loops
        self._objects = objects
        self._engine = engine
        self._background = background
        self._clock = clock
        self._refresh_ms = refresh_ms
        self._live: dict[str, Live] = {}
        self._refreshes: dict[str, Future[None]] = {}
        self.failures = 0
        """Refreshes that had to keep what they had, since somebody last took the count."""

    def live(self, loop: str) -> Live:
        """What to serve with now. Only a loop's first request waits for it. Raises LoopNotFound."""
        if (live := self._live.get(loop)) is None:
            live = self._loaded(Live(self._loops.state(loop), self._clock()))
            self._live[loop] = live
        return live

    def refresh(self, loop: str) -> Future[None] | None:
        """Start looking for a newer model if it is time and nobody is looking already."""
        running = self._refreshes.get(loop)
        if running is not None and not running.done():
            return running
        live = self._live.get(loop)
        if live is None or self._clock() - live.checked_at < self._refresh_ms:
            return None
        self._refreshes[loop] = self._background.submit(lambda: self._check(loop))
        return self._refreshes[loop]

    def take_failures(self) -> int:
        taken, self.failures = self.failures, 0
        return taken

    def _check(self, loop: str) -> None:
        known = self._live[loop]
        now = self._clock()
        try:
            self._live[loop] = self._loaded(
                replace(known, state=self._loops.state(loop), checked_at=now)
            )
        except LoopNotFound:  # deleted: its keys stop working too, if not at the same moment
            self._live.pop(loop, None)
        except Exception:  # whatever it is: the last good model goes on serving
            self.failures += 1
            self._live[loop] = replace(known, checked_at=now)

    def _loaded(self, live: Live) -> Live:
        """With the model that its head names, or the one it has if that cannot be had."""
        named = live.state.head.served(live.checked_at)
        if named is None or named == live.model:
            return live if named else replace(live, model=None, predictor=None)
        try:
            predictor = self._engine.load(self._objects.get(named.object))
        except PersonalizerError:
            self.failures += 1
            return live
        return replace(live, model=named, predictor=predictor)


def wait_briefly(refresh: Future[None] | None, seconds: float) -> None:
    """Let a refresh end beside the request it started with; it may go on with the next one."""
    if refresh is not None:
        wait([refresh], seconds)
