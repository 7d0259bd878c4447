"""The model that a loop ranks with: its bytes, and its times."""

from dataclasses import dataclass

from personalizer.ports import Loops, Objects


@dataclass(frozen=True, slots=True)
class Exported:
    """`made_at` is in epoch ms."""

    model: bytes
    generation: int
    made_at: int


@dataclass(frozen=True, slots=True)
class Properties:
    """When the loop's first model was made and when the one it serves, in epoch ms."""

    created_at: int
    modified_at: int


def export(loops: Loops, objects: Objects, loop: str, now: int) -> Exported | None:
    """None while there is no model, as after a reset. Raises ObjectMissing or ObjectCorrupt."""
    served = loops.state(loop, consistent=True).head.served(now)
    if served is None:
        return None
    return Exported(objects.get(served.object), served.generation, served.made_at)


def properties(loops: Loops, loop: str, now: int) -> Properties | None:
    """None while there is no model."""
    head = loops.state(loop, consistent=True).head
    served = head.served(now)
    return Properties(head.first_model_at, served.made_at) if served else None
