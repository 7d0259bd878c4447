"""Forget a loop's log: at once for all who read it, and then for good.

One write of the head comes first: what it says is forgotten, nobody reads again. Only then do its
decisions go into the notes of the accounts, which shall know them for ever as learned; and only
after another write of the head, which says so, are its objects deleted. Whoever dies in between
leaves work for the next, and nothing that is half there is ever read.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import partial
from itertools import islice

import msgspec

from personalizer import dsjson
from personalizer.domain import dedupe, forgetting, names
from personalizer.domain.audit import Note, What
from personalizer.domain.commit import Commit
from personalizer.domain.loop import DAY_MS, FOREVER, Head
from personalizer.errors import ObjectCorrupt, ObjectMissing
from personalizer.ports import Archive, Audit, Loops, Objects, Quarantine
from personalizer.usecases import chain, steer

COMMITS = 500
OBJECTS = 10_000
PLACES = 500
"""As much is noted, of each kind deleted, and let go of that was set aside, at one time."""
IN_A_ROW = 1_000
"""Keys are listed oldest first: after so many that stay, what comes later is left for the next."""

type AtOnce = Callable[[Callable[[Commit], list[str]], Iterable[Commit]], Iterable[list[str]]]


class Forget:
    """`new_name` gives names that nobody else will ever use; `at_once` does one thing to many
    commits at a time, as a thread pool's `map` does."""

    def __init__(
        self,
        loops: Loops,
        objects: Objects,
        archive: Archive,
        audit: Audit,
        quarantine: Quarantine,
        clock: Callable[[], int],
        new_name: Callable[[], str],
        at_once: AtOnce,
    ):
        self._loops = loops
        self._objects = objects
        self._archive = archive
        self._audit = audit
        self._quarantine = quarantine
        self._clock = clock
        self._new_name = new_name
        self._at_once = at_once

    def everything(self, loop: str) -> None:
        """The log up to now is no more; `clear` removes it. Raises LoopNotFound."""
        steer.change(self._loops, loop, forgetting.all_forgotten, self._new_name())

    def outdated(self, loop: str) -> None:
        """The same for what is older than the loop's settings want it kept, by whole days; and what
        was set aside that long ago, and very old notes, are gone."""
        state = self._loops.state(loop, consistent=True)
        days = state.configuration.log_retention_days
        if days == FOREVER:
            return
        now = self._clock()
        cut = partial(self._without_outdated, now=now, retention_days=days)
        head = steer.change(self._loops, loop, cut, self._new_name())
        self._forget_quarantined(loop, now - days * DAY_MS)
        self._audit.forget(loop, head.kept.accounts_from - DAY_MS)

    def clear(self, loop: str, commits: int = COMMITS) -> bool:
        """Remove some of what is forgotten, of so many commits; true if that was the rest."""
        head = self._loops.state(loop, consistent=True).head
        until = min(head.kept.oldest, head.kept.cleared + commits)
        if until > head.kept.cleared:
            self._note(head, until)
            cleared = partial(forgetting.cleared, generation=until)
            head = steer.change(self._loops, loop, cleared, self._new_name())
        removed = [self._remove(keys) for keys in self._unneeded(head)]
        return head.kept.cleared == head.kept.oldest and max(removed) < OBJECTS

    # ------------------------------------------------------------------------------- the head

    def _without_outdated(self, head: Head, now: int, retention_days: int) -> Head:
        last = chain.decoded(self._objects, head.commit, Commit) if head.commit else None
        return forgetting.outdated(head, last.days if last else (), now, retention_days)

    # ------------------------------------------------------------------------------ the notes

    def _note(self, head: Head, until: int) -> None:
        now = self._clock()
        commits = self._commits(head, head.kept.cleared, until)
        for uids in self._at_once(self._uids, commits):
            self._audit.write(head.loop, [Note(uid, What.FORGOTTEN, now) for uid in uids])

    def _commits(self, head: Head, first: int, until: int) -> Iterator[Commit]:
        """Those of the generations from `first` up to before `until`, newest first.

        To walk there from the head might take an hour. Any commit of a generation names the one
        before it, even one that never counted, as it was made on top of that.
        """
        newest = head.commit
        if until <= head.generation:
            after = names.before_commit(head.loop, until)
            key = next(iter(self._archive.keys(names.commits(head.loop), after)))
            newest = msgspec.json.decode(self._archive.read(key), type=Commit).previous
        return chain.since(self._objects, newest, first - 1)

    def _uids(self, commit: Commit) -> list[str]:
        """Of lines that are lost nobody can say whose they were; that keeps no others."""
        with suppress(ObjectMissing, ObjectCorrupt):
            return [dsjson.origin(line).uid for line in chain.segment(self._objects, commit)]
        return []

    # ---------------------------------------------------------------------------- the objects

    def _unneeded(self, head: Head) -> Iterator[Iterator[str]]:
        """Keys of segments, of models that no commit needs whose lines are kept (the first of these
        was made on the model before it), and of fingerprints that are out of the dedupe window."""
        oldest = head.kept.cleared
        needed = {model.object.key for model in (head.latest, head.live) if model}
        logs, models = names.logs(head.loop), names.models(head.loop)
        yield self._until_some_stay(logs, lambda key: names.number(key) < oldest)
        yield self._until_some_stay(
            models, lambda key: names.number(key) < oldest - 1 and key not in needed
        )
        last = chain.decoded(self._objects, head.commit, Commit) if head.commit else None
        horizon = (last.horizon if last else 0) // dedupe.SEGMENT_MS
        yield self._until_some_stay(
            names.all_seen(head.loop), lambda key: names.number(key) < horizon
        )

    def _until_some_stay(self, prefix: str, is_unneeded: Callable[[str], bool]) -> Iterator[str]:
        staying = 0
        for key in self._archive.keys(prefix):
            if is_unneeded(key):
                staying = 0
                yield key
            elif (staying := staying + 1) == IN_A_ROW:
                return

    def _remove(self, keys: Iterator[str]) -> int:
        unwanted = [*islice(keys, OBJECTS)]
        self._archive.delete(unwanted)
        return len(unwanted)

    # ------------------------------------------------------------------------- the quarantine

    def _forget_quarantined(self, loop: str, moment: int) -> None:
        for place in islice(self._quarantine.places_before(loop, moment), PLACES):
            taken = self._quarantine.take(loop, place, self._new_name())
            if taken is not None:
                uid = place.partition(".")[0]
                self._audit.write(loop, [Note(uid, What.FORGOTTEN, self._clock())])
                self._quarantine.forget(taken)
