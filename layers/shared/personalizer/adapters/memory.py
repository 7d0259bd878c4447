"""The ports in memory: for tests, simulation and benchmarks, held to the same promises as AWS.

Every write that DynamoDB's stream would show is appended to `MemoryEvents.changes`.
"""

import hashlib
import hmac
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from threading import Lock

from personalizer.domain import transitions
from personalizer.domain.access import Grant, Held, Place, Slot
from personalizer.domain.audit import Note
from personalizer.domain.event import Event, Item, Key, Reward, State
from personalizer.domain.hub import Change, Record
from personalizer.domain.loop import DAY_MS, Configuration, Head, LoopState, ObjectRef
from personalizer.domain.timer import MINUTE_MS
from personalizer.errors import LoopNotFound, NameReserved, ObjectCorrupt, ObjectMissing
from personalizer.ports import Taken


class MemoryEvents:
    def __init__(self) -> None:
        self.items: dict[Key, Item] = {}
        self.changes: list[Change] = []
        self._lock = Lock()

    def rank(self, event: Event) -> Event:
        with self._lock:
            found = self.items.get(event.key)
            stored = transitions.ranked(found, event)
            if stored is not found:
                self._store(found, stored, event.ranked_at)
            return stored

    def reward(self, key: Key, reward: Reward) -> bool:
        return self._apply(key, reward.at, lambda found: transitions.rewarded(found, key, reward))

    def activate(self, key: Key, now: int) -> bool:
        return self._apply(key, now, lambda found: transitions.activated(found, key, now))

    def expire(self, key: Key, uid: str, now: int) -> bool:
        return self._apply(key, now, lambda found: transitions.expired(found, uid, now))

    def due(self, now: int, minutes: Iterable[int]) -> Iterable[tuple[Key, str]]:
        wanted = set(minutes)
        return [
            (item.key, item.uid)
            for item in self.items.values()
            if isinstance(item, Event)
            and item.state is State.PENDING
            and item.deadline // MINUTE_MS in wanted
            and item.deadline <= now
        ]

    def get(self, key: Key) -> Item | None:
        return self.items.get(key)

    def of(self, loop: str) -> Iterable[Item]:
        return [item for item in self.items.values() if item.key.loop == loop]

    def delete(self, key: Key, now: int, *, expired: bool) -> None:
        """What TTL does, or an operator."""
        with self._lock:
            self.changes.append(Change(self.items.pop(key), None, now, expired))

    def _apply(self, key: Key, now: int, transition: Callable[[Item | None], Item | None]) -> bool:
        with self._lock:
            found = self.items.get(key)
            stored = transition(found)
            if stored is not None:
                self._store(found, stored, now)
            return stored is not None

    def _store(self, found: Item | None, item: Item, now: int) -> None:
        self.changes.append(Change(found, item, now))
        self.items[item.key] = item


class MemoryLoops:
    def __init__(self) -> None:
        self.slots: dict[Place, Held] = {}
        self.lock = Lock()
        self._states: dict[str, LoopState] = {}
        self._gone: dict[str, int] = {}

    def state(self, loop: str, *, consistent: bool = False) -> LoopState:
        if loop not in self._states:
            raise LoopNotFound(loop)
        return self._states[loop]

    def advance(self, old: Head, new: Head) -> bool:
        with self.lock:
            state = self._states.get(old.loop)
            if state is None:
                return False
            if (state.head.epoch, state.head.generation) != (old.epoch, old.generation):
                return state.head.commit_id == new.commit_id
            self._states[old.loop] = LoopState(state.configuration, state.sampling_secret, new)
            return True

    def configure(self, loop: str, old: Configuration, new: Configuration) -> bool:
        with self.lock:
            state = self._states.get(loop)
            if state is None or state.configuration not in (old, new):
                return False
            self._states[loop] = replace(state, configuration=new)
            return True

    def create(self, loop: str, state: LoopState) -> bool:
        with self.lock:
            if loop in self._gone:
                raise NameReserved(loop)
            new = loop not in self._states
            self._states.setdefault(loop, state)
            return new

    def all(self) -> Iterable[str]:
        return [*self._states]

    def delete(self, loop: str, now: int) -> bool:
        with self.lock:
            if self._states.pop(loop, None) is None:
                return False
            for place in [place for place in self.slots if place.loop == loop]:
                del self.slots[place]
            self._gone[loop] = now
            return True

    def is_deleted(self, loop: str) -> bool:
        return loop in self._gone

    def deleted(self) -> Iterable[tuple[str, int]]:
        return [*self._gone.items()]

    def forget(self, loop: str) -> None:
        self._gone.pop(loop, None)


class MemoryKeys:
    """Of the loops in this store, which takes them away together with a loop."""

    def __init__(self, loops: MemoryLoops):
        self._loops = loops

    def held(self, loop: str | None) -> Mapping[Slot, Held]:
        return {place.slot: held for place, held in self._slots.items() if place.loop == loop}

    def replace(self, place: Place, old: str | None, new: str | None, now: int) -> bool:
        with self._loops.lock:
            if place.loop is not None:
                self._loops.state(place.loop)
            held = self._slots.get(place)
            found = held.key_hash if held else None
            if found != old:
                return found == new
            self._slots.pop(place, None)
            if new is not None:
                self._slots[place] = Held(new, now)
            return True

    def grant(self, key_hash: str) -> Grant | None:
        found = [place for place, held in self._slots.items() if held.key_hash == key_hash]
        return Grant(key_hash, found[0].loop, found[0].role) if found else None

    @property
    def _slots(self) -> dict[Place, Held]:
        return self._loops.slots


class MemoryHub:
    def __init__(self) -> None:
        self.records: list[Record] = []

    def publish(self, records: Sequence[Record]) -> None:
        self.records.extend(records)


class MemoryObjects:
    def __init__(self) -> None:
        self.data: dict[str, bytes] = {}

    def put(self, key: str, data: bytes) -> ObjectRef:
        if self.data.setdefault(key, data) != data:
            raise ObjectCorrupt(key)
        return ObjectRef(key, hashlib.sha256(data).hexdigest())

    def get(self, ref: ObjectRef) -> bytes:
        if ref.key not in self.data:
            raise ObjectMissing(ref.key)
        data = self.data[ref.key]
        if hashlib.sha256(data).hexdigest() != ref.sha256:
            raise ObjectCorrupt(ref.key)
        return data

    def keys(self, prefix: str, after: str = "") -> Iterable[str]:
        return [key for key in sorted(self.data) if key.startswith(prefix) and key > after]

    def read(self, key: str) -> bytes:
        if key not in self.data:
            raise ObjectMissing(key)
        return self.data[key]

    def write(self, key: str, data: bytes) -> None:
        self.data[key] = data

    def delete(self, keys: Iterable[str]) -> None:
        for key in keys:
            self.data.pop(key, None)


class MemoryQuarantine:
    def __init__(self, clock: Callable[[], int] = lambda: 0) -> None:
        self._clock = clock
        self._times: dict[tuple[str, str], int] = {}
        self.records: dict[tuple[str, str], tuple[str, bytes]] = {}
        self._taken: dict[tuple[str, str, str], tuple[str, bytes]] = {}

    def put(self, loop: str, place: str, reason: str, data: bytes) -> None:
        self.records[loop, place] = (reason, data)
        self._times[loop, place] = self._clock()

    def places(self, loop: str) -> set[str]:
        waiting = {place for of, place in self.records if of == loop}
        return waiting | {place for of, place, _ in self._taken if of == loop}

    def places_before(self, loop: str, moment: int) -> set[str]:
        return {p for p in self.places(loop) if self._times[loop, p] < moment}

    def take(self, loop: str, place: str, attempt: str) -> Taken | None:
        if (loop, place) in self.records:
            self._times[loop, place] = self._clock()
            self._taken[loop, place, attempt] = self.records.pop((loop, place))
        copies = [name for name in self._taken if name[:2] == (loop, place)]
        if not copies:
            return None
        reason, record = self._taken[copies[0]]
        return Taken(record, reason, tuple(map("\n".join, copies)))

    def forget(self, taken: Taken) -> None:
        for copy in taken.copies:
            loop, place, attempt = copy.split("\n")
            self._taken.pop((loop, place, attempt), None)


class MemoryDeadLetters:
    def __init__(self) -> None:
        self.letters: dict[str, list[bytes]] = {}

    def places(self) -> Iterable[str]:
        return [*self.letters]

    def read(self, place: str) -> list[bytes]:
        return self.letters.get(place, [])

    def forget(self, place: str) -> None:
        self.letters.pop(place, None)


class MemoryAudit:
    def __init__(self) -> None:
        self._notes: dict[str, set[Note]] = defaultdict(set)

    def write(self, loop: str, notes: Iterable[Note]) -> None:
        self._notes[loop].update(notes)

    def read(self, loop: str) -> Iterable[Note]:
        return [*self._notes[loop]]

    def forget(self, loop: str, moment: int) -> None:
        today = moment // DAY_MS
        self._notes[loop] = {note for note in self._notes[loop] if note.at // DAY_MS >= today}


class MemorySigner:
    """Its signatures have the form of real ones, and no other value."""

    def __init__(self, name: str = "ours"):
        self._key = name.encode()

    def sign(self, data: bytes) -> bytes:
        return hmac.digest(self._key, data, "sha512") * 4

    def public_key(self) -> bytes:
        return hashlib.sha512(self._key).digest()

    def signed(self, data: bytes, signature: bytes, public_key: bytes) -> bool:
        return public_key == self.public_key() and signature == self.sign(data)
