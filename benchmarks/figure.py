"""A figure of `make bench`."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """`goal` says which side of it is good: `<15`, `>=0.6`, or `-` where there is none."""

    name: str
    value: float
    goal: str

    def __str__(self) -> str:
        return f"{self.name} {self.value:.2f} {self.goal}"
