"""A loop's log as it must be: checked with every commit, by what that commit adds.

The fake learner's model is the very list of what it was taught, so "the weights are those of one
straight pass" means: the lines of the model are the lines of the log, with their costs.
"""

import gzip
import json
import math
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec

from personalizer.adapters.memory import MemoryObjects
from personalizer.domain.agreement import Agreement
from personalizer.domain.commit import Commit
from personalizer.domain.event import LearningMode
from personalizer.domain.loop import Configuration, Head
from personalizer.domain.policy import Policy, cost_range
from personalizer.domain.replay import Replay
from personalizer.usecases import health

type Line = dict[str, Any]


class Book:
    """`head` is where the loop stands, by all that was heard of it."""

    def __init__(self, objects: MemoryObjects, configuration: Configuration, head: Head):
        self.head = head
        self.commits: list[Commit] = []
        self.lines: list[Line] = []
        self._texts: list[bytes] = []
        self._began = 0
        self._objects = objects
        self._offset = configuration.cost_offset

    def moved(self, old: Head, new: Head) -> list[Line]:
        """The lines that a new head adds. All that it refers to must be there already."""
        if new == self.head:  # it was moved before, and its writer did not hear of it
            return []
        assert old == self.head, "a head that was moved from where it no longer was"
        self.head = new
        return self._turned(old, new) if new.commit != old.commit else []

    def _turned(self, old: Head, new: Head) -> list[Line]:
        commit = self._read(new)
        before = self.commits[-1] if self.commits else None
        assert (old.epoch, old.generation + 1) == (new.epoch, new.generation), "a gap in the chain"
        assert (commit.epoch, commit.generation) == (new.epoch, new.generation), "another's commit"
        assert commit.generation == (before.generation if before else 0) + 1, "a gap in the chain"
        assert commit.previous == old.commit, "a commit that does not follow the one before"
        assert commit.policy == old.policy == new.policy, "learned with another policy"
        assert commit.first_line == len(self.lines) == old.trained, "lines counted wrong"
        texts = self._segment(commit)
        added = [json.loads(text) for text in texts]
        assert len(added) == commit.trained, "lines counted wrong"
        self.commits.append(commit)
        self.lines += added
        self._texts += texts
        assert new.trained == len(self.lines), "lines counted wrong"
        assert new.latest == commit.model, "a head that serves another model"
        self._check_model(commit, old)
        self._check_apprentice(commit.apprentice)
        self._check_health(commit)
        for ref in commit.seen.values():
            self._objects.get(ref)
        return added

    def _read(self, head: Head) -> Commit:
        assert head.commit is not None
        return msgspec.json.decode(self._objects.get(head.commit), type=Commit)

    def _segment(self, commit: Commit) -> list[bytes]:
        return gzip.decompress(self._objects.get(commit.log)).splitlines()

    def _check_model(self, commit: Commit, old: Head) -> None:
        first, *taught = self._model(commit).split("\n")
        policy = msgspec.json.decode(self._objects.get(commit.policy), type=Policy)
        assert first == commit.arguments == policy.arguments, "learned with other arguments"
        expected = [self._with_cost(line, commit) for line in self._to_learn(old, commit)]
        assert [json.loads(line) for line in taught] == expected, "not the model of a straight pass"

    def _to_learn(self, old: Head, commit: Commit) -> Iterator[Line]:
        oldest = self._learned_from(old)
        for position in range(oldest, len(self.lines)):
            again = self._again(commit.replay, position, oldest)
            if "_skipLearn" not in self.lines[position]:
                taught = (self.lines[each] for each in (position, *again))
                yield from (line for line in taught if "_skipLearn" not in line)

    def _again(self, replay: Replay, position: int, oldest: int) -> list[int]:
        """Of a loop that takes its time, or is still young."""
        earlier = position - replay.reach
        if earlier >= oldest:
            took = abs(self._ranked_at(position) - self._ranked_at(earlier))
            if not took or replay.reach / took.total_seconds() > replay.busiest:
                return []
        return replay.draws(position, oldest)

    def _ranked_at(self, position: int) -> datetime:
        return datetime.fromisoformat(self.lines[position]["Timestamp"])

    def _check_apprentice(self, told: Agreement) -> None:
        trials = [line for line in self.lines if line["mode"] == LearningMode.APPRENTICE]
        agreed = [line for line in trials if line["a"][0] == 1]
        assert (told.events, told.matched) == (len(trials), len(agreed)), "agreed more or less"
        for rewards, lines in ((told.rewards, trials), (told.matched_rewards, agreed)):
            earned = -sum(line["_original_label_cost"] for line in lines)
            assert math.isclose(rewards, earned, abs_tol=1e-9), "earned something else"

    def _check_health(self, commit: Commit) -> None:
        """It is what one straight pass tells over the log since the model began, to the digit."""
        if commit.base is None:
            self._began = commit.first_line
        unproven = health.unproven(commit.arguments, self._offset)
        told = health.after(unproven, self._texts[self._began :])
        assert commit.health == told, "another health than the log's"

    def _model(self, commit: Commit) -> str:
        return self._objects.get(commit.model.object).decode()

    def _learned_from(self, old: Head) -> int:
        """A loop that was reset forgets what it had learned before, and never looks back."""
        return old.learn_from

    def _with_cost(self, line: Line, commit: Commit) -> Line:
        low, high = cost_range(commit.arguments)
        cost = min(max(self._offset + line["_label_cost"], low), high)
        return {**line, "_label_cost": cost}
