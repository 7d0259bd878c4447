"""A decision together with what it was decided on: everything of an event but its reward."""

from dataclasses import dataclass

from personalizer.domain.decision import Decision


@dataclass(frozen=True, slots=True)
class Example:
    """`features` is the JSON of the context and the candidates, byte for byte as VW reads it."""

    decision: Decision
    context_size: int
    features: bytes
