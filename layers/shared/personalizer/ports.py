"""What the use cases need of the outside world. `tests/contract` holds every adapter to this."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from personalizer.domain.access import Grant, Held, Place, Slot
from personalizer.domain.audit import Note
from personalizer.domain.evaluation.job import Job, Kind
from personalizer.domain.event import Event, Item, Key, Reward
from personalizer.domain.explanation import Explanation
from personalizer.domain.hub import Record
from personalizer.domain.loop import Configuration, Head, LoopState, ObjectRef
from personalizer.domain.request import RankRequest


class Events(Protocol):
    """Pending events. Every method is atomic per event, and applies domain.transitions."""

    def rank(self, event: Event) -> Event:
        """Store the event and return it, or return the stored one that answers this rank."""

    def reward(self, key: Key, reward: Reward) -> bool:
        """Apply a reward; false if it came too late or was already counted."""

    def activate(self, key: Key, now: int) -> bool:
        """Activate an inactive event; false if there was nothing to change."""

    def expire(self, key: Key, uid: str, now: int) -> bool:
        """Make a pending event final whose wait is over; false if somebody else already did."""

    def due(self, now: int, minutes: Iterable[int]) -> Iterable[tuple[Key, str]]:
        """Pending events (key, uid) whose deadline lay in these minutes (since the epoch).

        Eventually consistent: an event may be missing for a moment, or already be final.
        """

    def get(self, key: Key) -> Item | None:
        """What is stored."""

    def of(self, loop: str) -> Iterable[Item]:
        """All that is stored of a loop and can be read; reads the whole table."""


class Loops(Protocol):
    """Loops and their heads."""

    def state(self, loop: str, *, consistent: bool = False) -> LoopState:
        """The loop in one read, which may lag a moment unless consistent.

        Raises LoopNotFound, or ObjectCorrupt for one that this version did not write.
        """

    def advance(self, old: Head, new: Head) -> bool:
        """Replace the head if it still is at the old epoch and generation.

        True also if an earlier attempt of ours had succeeded unheard: the commit id tells.
        """

    def configure(self, loop: str, old: Configuration, new: Configuration) -> bool:
        """Replace the loop's settings if they still are the old ones, as a whole."""

    def create(self, loop: str, state: LoopState) -> bool:
        """Make the loop; false, changing nothing, if it exists. Raises NameReserved."""

    def all(self) -> Iterable[str]:
        """The names of the loops that there are; eventually consistent."""

    def delete(self, loop: str, now: int) -> bool:
        """Take away the loop and its keys, at once and for good; false if there is no such loop.

        What it learned and logged stays in the object store, and its name stays reserved, so that
        events that still are on their way reach no new loop of that name.
        """

    def is_deleted(self, loop: str) -> bool:
        """Whether the name is that of a deleted loop."""

    def deleted(self) -> Iterable[tuple[str, int]]:
        """The loops whose names are reserved, and when they were deleted; eventually consistent."""

    def forget(self, loop: str) -> None:
        """Free the name of a deleted loop.

        Not before NAME_RESERVED_MS are over, nor while the object store holds something of it.
        """


class Keys(Protocol):
    """The subscription keys, as their SHA-256."""

    def held(self, loop: str | None) -> Mapping[Slot, Held]:
        """The keys of a loop, or of the administrators, by slot."""

    def replace(self, place: Place, old: str | None, new: str | None, now: int) -> bool:
        """Put the key `new` where `old` is (None: no key), which opens nothing from then on.

        False, changing nothing, if the slot holds something else; true, if that is `new` already.
        Raises LoopNotFound.
        """

    def grant(self, key_hash: str) -> Grant | None:
        """What a key opens; None if it is in no slot, or its loop was deleted."""


class Hub(Protocol):
    """The event hub: ordered per loop, at least once."""

    def publish(self, records: Sequence[Record]) -> None:
        """Raises HubUnavailable unless every record is on the hub, each loop's in this order."""


class Objects(Protocol):
    """Immutable objects: models, logs, commits, policies."""

    def put(self, key: str, data: bytes) -> ObjectRef:
        """Write once. Writing the same bytes again is fine; others raise ObjectCorrupt."""

    def get(self, ref: ObjectRef) -> bytes:
        """Raises ObjectMissing, or ObjectCorrupt if the bytes do not have the recorded hash."""


class Archive(Protocol):
    """All that a store of objects holds, by its keys."""

    def keys(self, prefix: str, after: str = "") -> Iterable[str]:
        """Those that start like this and come after that one, in order; read as they are needed."""

    def read(self, key: str) -> bytes:
        """Raises ObjectMissing."""

    def delete(self, keys: Iterable[str]) -> None:
        """Those that are gone already stay gone."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A record on its way out of quarantine; `copies` names what is kept of it until then."""

    record: bytes
    reason: str
    copies: tuple[str, ...]


class Quarantine(Protocol):
    """Where a record goes that cannot be trained, so that it is neither lost nor in the way.

    A `place` is the uid of an event, alone or before a dot and something else; or, for a record
    that does not tell its loop (UNREADABLE), where it was found.
    """

    def put(self, loop: str, place: str, reason: str, data: bytes) -> None:
        """Keep the record; again at the same place overwrites it with the same."""

    def places(self, loop: str) -> Collection[str]:
        """Of what is kept, on its way out or not."""

    def places_before(self, loop: str, moment: int) -> Collection[str]:
        """Of what was last put or taken before that (epoch ms)."""

    def take(self, loop: str, place: str, attempt: str) -> Taken | None:
        """Move a record aside, so that it may be put here anew; None if it is gone already.

        What an earlier attempt took and did not forget, this one takes over.
        """

    def forget(self, taken: Taken) -> None:
        """Let go of what is safe elsewhere."""


class Workbench(Archive, Protocol):
    """Where a job lays what it has made so far: unlike Objects, what is there may be replaced."""

    def write(self, key: str, data: bytes) -> None:
        """Put it there, whatever was there."""


class Jobs(Protocol):
    """The evaluations of loops, by kind and id. A loop that is deleted has none."""

    def create(self, job: Job) -> bool:
        """False, changing nothing, if the loop has one of this kind and id. Raises LoopNotFound."""

    def get(self, loop: str, kind: Kind, job_id: str) -> Job | None: ...

    def of(self, loop: str, kind: Kind) -> Sequence[Job]:
        """Those of a loop, newest first."""

    def replace(self, old: Job, new: Job) -> bool:
        """Replace the job if it still is the old one, with its status and execution; false if not,
        or if it is gone."""

    def delete(self, loop: str, kind: Kind, job_id: str) -> bool:
        """False if there is none."""

    def forget(self, loop: str) -> Sequence[Job]:
        """Delete all that a loop has, or had before it was deleted; which these were."""


class Runner(Protocol):
    """What works on jobs, beside the request that made them."""

    def start(self, job: Job) -> str:
        """The name of the run; starting the same job again names the same run."""

    def stop(self, execution: str) -> None:
        """End a run; one that is over stays as it is."""


class DeadLetters(Protocol):
    """The batches that Lambda gave up."""

    def places(self) -> Iterable[str]:
        """Where they are."""

    def read(self, place: str) -> Sequence[bytes]:
        """A batch's records, of the table's stream or of the hub; none if somebody else let go of
        it meanwhile. Raises Unreadable."""

    def forget(self, place: str) -> None:
        """Let go of what is safe elsewhere."""


class Audit(Protocol):
    """The notes of what became of decisions, a set for each loop."""

    def write(self, loop: str, notes: Iterable[Note]) -> None:
        """Add these; again, and nothing changes."""

    def read(self, loop: str) -> Iterable[Note]:
        """All of them, some perhaps more than once."""

    def forget(self, loop: str, moment: int) -> None:
        """Let go of those made on days that were over before that (epoch ms)."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """Candidates, best first, as positions from 0, with the model's own probabilities."""

    order: Sequence[int]
    probabilities: Sequence[float]


class Predictor(Protocol):
    """A model that is loaded and ready to rank."""

    arguments: str

    def predict(self, request: RankRequest) -> Prediction:
        """The model's opinion on the request's candidates; it need not sum to one."""

    def explain(self, request: RankRequest) -> Sequence[Explanation]:
        """Why it predicts the costs that it does, for each of the request's candidates."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """What came of teaching: the model, and for every line None or why it was not learned."""

    model: bytes
    rejections: Sequence[str | None]


class Opinion(NamedTuple):
    """A model's of the candidates of a logged line, by their positions: its own probabilities,
    which need not sum to one, and the costs that it predicts, as far as it predicts costs."""

    probabilities: Sequence[float]
    costs: Sequence[float]


@dataclass(frozen=True, slots=True)
class Judged(Lesson):
    """`opinions` are by the places of the lines that were asked about; on a line that is rejected
    there is none."""

    opinions: Mapping[int, Opinion]


class Engine(Protocol):
    """The learner behind the loop."""

    def features(self, request: RankRequest) -> bytes:
        """The JSON of the request's context and candidates, as it is logged and learned."""

    def request(self, features: bytes) -> RankRequest:
        """The request that `features` made this of, as far as it is in there."""

    def load(self, model: bytes) -> Predictor:
        """Raises ObjectCorrupt if the bytes are not a model."""

    def learn(self, arguments: str, base: bytes | None, lines: Sequence[bytes]) -> Lesson:
        """Teach a copy of the base model. A line that harms the learner is rejected, alone.

        A base that these arguments do not continue (domain.policy) makes no sense. However lines
        are cut into lessons with the same arguments, the bytes of the last model are the same.
        Raises PolicyUnusable.
        """

    def judge(
        self, arguments: str, base: bytes | None, lines: Sequence[bytes], asked: Sequence[int]
    ) -> Judged:
        """Teach the same to the same end and, of the lines at the places `asked`, in their order,
        tell what was thought just before each was learned: what `load` would have made of the model
        at that moment. Raises PolicyUnusable."""

    def consult(self, model: bytes, lines: Sequence[bytes]) -> Sequence[Opinion | None]:
        """What a model thinks of these lines, of which it learns nothing; None of those that harm
        the learner. Raises ObjectCorrupt if the bytes are not a model."""

    def examine(self, model: bytes) -> str:
        """The arguments that a model from elsewhere was made with, in their canonical form.

        Raises ModelRefused, and then no process took harm, unless it is safe to load, gives finite
        probabilities and can go on learning.
        """


class Signer(Protocol):
    """The deployment's own signature, which its models carry when they travel."""

    def sign(self, data: bytes) -> bytes:
        """RSA-2048, PKCS #1 v1.5 with SHA-512: 256 bytes."""

    def public_key(self) -> bytes:
        """What the signatures are verified with: SubjectPublicKeyInfo, DER."""

    def signed(self, data: bytes, signature: bytes, public_key: bytes) -> bool:
        """Whether this is our own key, and its signature of the data."""


class Links(Protocol):
    """Files that are too large for an answer."""

    def link(self, loop: str, data: bytes, name: str) -> str:
        """An address that opens the file for some minutes, to whoever has it."""


class Background(Protocol):
    """Runs something beside the request that asked for it."""

    def submit(self, work: Callable[[], None], /) -> Future[None]: ...
