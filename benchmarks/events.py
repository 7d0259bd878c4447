"""Decisions that were rewarded, ready to be learned from, over a catalogue that repeats."""

from collections.abc import Iterator
from decimal import Decimal
from random import Random

from benchmarks.requests import Size, bodies
from personalizer import bootstrap, payload
from personalizer.adapters.vw import VwEngine
from personalizer.domain.decision import Decision
from personalizer.domain.event import LearningMode, Why
from personalizer.domain.example import Example
from personalizer.domain.hub import Joined
from personalizer.wire import rank as wire

LOOP = "loop"
APART_MS = 100
"""Between two decisions: slow enough for replay."""


def joined(size: Size, count: int) -> Iterator[Joined]:
    random, engine, now = Random(1), VwEngine(), bootstrap.now()
    for number, body in enumerate(bodies(size, count, new_actions=False)):
        yield _joined(body, size.actions, engine, random, now + number * APART_MS)


def _joined(body: bytes, actions: int, engine: VwEngine, random: Random, now: int) -> Joined:
    request = wire.request(body)
    decision = Decision(tuple(random.sample(range(actions), actions)), (1 / actions,) * actions, ())
    example = Example(decision, request.context_size, engine.features(request))
    return Joined(
        loop=LOOP,
        event_id=request.event_id or "",
        uid=random.randbytes(16).hex(),
        ranked_at=now,
        final_at=now,
        reward=Decimal(random.choice("01")),
        observed=True,
        why=Why.REWARD,
        learning_mode=LearningMode.ONLINE,
        policy="measured",
        generation=0,
        floor=0.05,
        payload=payload.pack(example),
    )
