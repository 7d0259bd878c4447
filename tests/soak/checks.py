"""What must hold of a loop once everything has come to rest."""

import hashlib
import json
import time
from dataclasses import fields
from typing import Any

from cli.account import Account
from cli.steps import Problem
from personalizer.adapters.vw import VwEngine
from personalizer.domain.commit import Commit
from personalizer.domain.event import Event, State
from personalizer.usecases import chain
from personalizer.usecases.conservation import Balance, Conservation
from personalizer.usecases.lessons import Course, lessons
from tests.soak.traffic import Memory

PATIENCE_S = 240
POLL_S = 2.0


def at_rest(account: Account, loop: str) -> Balance:
    """Waits until nothing is under way; what was deferred and not shown stays inactive for long."""
    deadline = time.monotonic() + PATIENCE_S
    accounts = Conservation(
        account.events, account.loops, account.objects, account.quarantine, account.audit
    )
    while True:
        waiting = _events(account, loop, State.PENDING)
        balance = accounts(loop)
        if balance.at_rest and not waiting:
            return balance
        if time.monotonic() > deadline:
            raise Problem(f"{loop} does not come to rest: {_numbers(balance)}")
        time.sleep(POLL_S)


def learned_as_told(account: Account, loop: str, memory: Memory) -> int:
    """Every decision that was shown, once, with the reward that the application sent in time."""
    lines = _log(account, loop)
    certain = [line for line in lines if line["EventId"] not in memory.late]
    rewards = {line["EventId"]: -line["_label_cost"] for line in certain}
    if len(rewards) != len(certain):
        raise Problem(f"{loop} learned a decision twice")
    told = {event_id: memory.rewards.get(event_id, 0.0) for event_id in memory.shown - memory.late}
    if rewards != told:
        wrong = sorted(told.items() ^ rewards.items())
        raise Problem(f"{loop} did not learn what it was told: {wrong[:5]}")
    if odd := (_events(account, loop, State.INACTIVE) ^ memory.hidden) - memory.late:
        raise Problem(f"{loop} forgot what was not shown: {sorted(odd)[:5]}")
    return len(lines)


def equals_a_straight_pass(account: Account, loop: str) -> int:
    """The model that all these batches made, and one that learned the log at a stretch; returns
    the number of batches."""
    commits = _commits(account, loop)
    logged = [line for commit in commits for line in chain.segment(account.objects, commit)]
    last, engine = commits[-1], VwEngine()
    taught = [each.line for each in lessons(Course.of(last), logged, first=0)]
    straight = engine.learn(last.arguments, None, taught).model
    engine.close()
    if hashlib.sha256(straight).hexdigest() != last.model.object.sha256:
        raise Problem(f"{loop}: the model is not that of a straight pass over its log")
    return len(commits)


def _log(account: Account, loop: str) -> list[dict[str, Any]]:
    commits = _commits(account, loop)
    segments = [chain.segment(account.objects, commit) for commit in commits]
    return [json.loads(line) for segment in segments for line in segment]


def _events(account: Account, loop: str, state: State) -> set[str]:
    """The ids of those that are stored in this state."""
    stored = (item for item in account.events.of(loop) if isinstance(item, Event))
    return {event.key.event_id for event in stored if event.state is state}


def _commits(account: Account, loop: str) -> list[Commit]:
    """Oldest first."""
    head = account.loops.state(loop, consistent=True).head
    return [*chain.commits(account.objects, head.commit)][::-1]


def _numbers(balance: Balance) -> dict[str, int]:
    return {field.name: len(getattr(balance, field.name)) for field in fields(balance)}
