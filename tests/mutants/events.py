"""Bugs in what may happen to an event, and in what the relay makes of it."""

from tests.mutants.mutant import Edit, Mutant

TRANSITIONS = "domain/transitions.py"
EVENT = "domain/event.py"
AGGREGATION = "domain/aggregation.py"
HUB = "domain/hub.py"
KINESIS = "adapters/kinesis.py"

MUTANTS = [
    Mutant(
        "rank stores an event, then publishes it: two writes",
        (
            Edit(
                "usecases/rank.py",
                "        stored = self._events.rank(made)\n",
                "        stored = self._events.rank(made)\n"
                "        self._events.publish(made.key)\n",
            ),
            Edit(
                "adapters/memory.py",
                "                self._store(found, stored, event.ranked_at)\n"
                "            return stored\n",
                "                self._held = getattr(self, '_held', {})\n"
                "                self._held[event.key] = self.items.get(event.key), stored\n"
                "                self.items[event.key] = stored\n"
                "            return stored\n\n"
                "    def publish(self, key):\n"
                "        if key in getattr(self, '_held', {}):\n"
                "            old, new = self._held.pop(key)\n"
                "            self.changes.append(Change(old, new, new.ranked_at))\n",
            ),
        ),
    ),
    Mutant(
        "a retry with the same id is ranked anew",
        (Edit(TRANSITIONS, "retry = now < found.deadline and", "retry = False and"),),
    ),
    Mutant(
        "a retry is shown what was not stored",
        (Edit("usecases/rank.py", "if stored.uid != made.uid:", "if False:"),),
    ),
    Mutant(
        "a used id keeps its old uid",
        (
            Edit(
                TRANSITIONS,
                "else replace(event, uid=_another(event.uid, found.uid))",
                "else replace(event, uid=found.uid)",
            ),
        ),
    ),
    Mutant(
        "a reward after the deadline counts",
        (
            Edit(
                TRANSITIONS,
                "(State.INACTIVE, State.PENDING) or reward.at >= event.deadline:",
                "(State.INACTIVE, State.PENDING):",
            ),
        ),
    ),
    Mutant(
        "a repeated reward counts twice",
        (Edit(TRANSITIONS, " or reward.key in event.reward_keys:", ":"),),
    ),
    Mutant(
        "a reward takes the place of those before it",
        (
            Edit(
                TRANSITIONS,
                "(*event.given, Given(reward.at, reward.value))",
                "(Given(reward.at, reward.value),)",
            ),
        ),
    ),
    Mutant(
        "the greatest reward is sought from zero on",
        (Edit(EVENT, "Aggregation.MAX: max,", "Aggregation.MAX: lambda v: max(Decimal(0), *v),"),),
    ),
    Mutant(
        "the greatest of negative rewards is none",
        (
            Edit(
                EVENT,
                "Aggregation.MAX: max,",
                "Aggregation.MAX: lambda v: max((x for x in v if x > 0), default=None),",
            ),
        ),
    ),
    Mutant(
        "a median of rewards as they came",
        (Edit(AGGREGATION, "sorted(values), len(values)", "values, len(values)"),),
    ),
    Mutant(
        "a median of an even count is the upper one",
        (Edit(AGGREGATION, "ordered[(count - 1) // 2]", "ordered[count // 2]"),),
    ),
    Mutant(
        "an average counts the default reward too",
        (Edit(AGGREGATION, "/ len(values), PLACES", "/ (len(values) + 1), PLACES"),),
    ),
    Mutant(
        "an average is not rounded",
        (Edit(AGGREGATION, "/ len(values), PLACES)", "/ len(values), 27)"),),
    ),
    Mutant(
        "a reward that is kept counts as none",
        (Edit(HUB, "observed=event.earned is not None,", "observed=event.reward is not None,"),),
    ),
    Mutant(
        "a reward that changes nothing is not announced",
        (Edit(HUB, "return event.earned, event.reward_keys", "return event.earned, frozenset()"),),
    ),
    Mutant(
        "an early reward is forgotten",
        (Edit(TRANSITIONS, "for reward in stub.rewards:", "for reward in ():"),),
    ),
    Mutant(
        "an early activation is forgotten",
        (Edit(TRANSITIONS, "if stub.activated:", "if False:"),),
    ),
    Mutant(
        "a reward does not activate",
        (
            Edit(
                TRANSITIONS,
                "if event.state not in (State.INACTIVE, State.PENDING)",
                "if event.state is not State.PENDING",
            ),
        ),
    ),
    Mutant(
        "expiry ignores the state",
        (Edit(TRANSITIONS, " or found.state is not State.PENDING:", ":"),),
    ),
    Mutant(
        "expiry ignores the deadline",
        (Edit(TRANSITIONS, "if now < found.deadline + CLOCK_SKEW_MS:", "if False:"),),
    ),
    Mutant(
        "expiry ignores that clocks differ",
        (Edit(TRANSITIONS, "found.deadline + CLOCK_SKEW_MS:", "found.deadline:"),),
    ),
    Mutant(
        "expiry ignores the uid",
        (Edit(TRANSITIONS, " or found.uid != uid or", " or"),),
    ),
    Mutant(
        "inactive events get the default reward",
        (
            Edit(
                HUB,
                "not change.expired or old.state is not State.PENDING:",
                "not change.expired or old.state is State.FINAL:",
            ),
        ),
    ),
    Mutant(
        "any deletion is the end of the wait",
        (Edit(HUB, "if old is None or not change.expired or", "if old is None or"),),
    ),
    Mutant(
        "a superseded event is dropped",
        (Edit(HUB, "return [*_superseded(old, change), _ranked", "return [_ranked"),),
    ),
    Mutant(
        "an event that is final when it is stored is dropped",
        (Edit(HUB, "*early, *_final(None, new, change)]", "*early]"),),
    ),
    Mutant(
        "the relay does not look at what was refused",
        (
            Edit(
                KINESIS,
                "            entries = entries[self._taken(entries) :]\n",
                "            self._taken(entries)\n            return\n",
            ),
        ),
    ),
    Mutant(
        "the relay gives up silently",
        (
            Edit(
                KINESIS,
                'raise HubUnavailable(f"{len(entries)} records were not taken")',
                "return",
            ),
        ),
    ),
    Mutant(
        "the relay sends only the refused again, out of their order",
        (
            Edit(
                KINESIS,
                "            entries = entries[self._taken(entries) :]\n",
                "            entries = self._left(entries)\n",
            ),
            Edit(
                KINESIS,
                "    def _taken(self",
                "    def _left(self, entries):\n"
                "        send = self._client.put_records\n"
                "        sent = send(StreamName=self._stream, Records=entries)\n"
                '        places = zip(entries, sent["Records"], strict=True)\n'
                '        return [entry for entry, place in places if place.get("ErrorCode")]\n\n'
                "    def _taken(self",
            ),
        ),
        tests=("tests/contract/test_hub.py",),
    ),
    Mutant(
        "the relay forgets its notes",
        (Edit("usecases/relay.py", "        for loop in notes:  #", "        for loop in ():  #"),),
    ),
]
