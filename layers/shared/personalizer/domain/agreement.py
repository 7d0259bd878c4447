"""How often an apprentice chose what the application showed, and what that earned."""

from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Agreement:
    """Of so many events in Apprentice mode. Every reward was earned by the application's choice;
    `matched_rewards` are those that the model would have earned too, as it had chosen the same.

    `first_at` and `last_at`: when the first and the last of them were ranked (epoch ms).
    """

    events: int = 0
    matched: int = 0
    rewards: float = 0.0
    matched_rewards: float = 0.0
    first_at: int = 0
    last_at: int = 0

    @classmethod
    def of(cls, *, matched: bool, reward: float, at: int) -> Self:
        """A single event."""
        return cls(1, int(matched), reward, reward if matched else 0.0, at, at)

    @property
    def rate(self) -> float:
        """The share of choices in which the model agreed."""
        return self.matched / self.events if self.events else 0.0

    @property
    def average_reward(self) -> float:
        return self.rewards / self.events if self.events else 0.0

    def __add__(self, other: "Agreement") -> "Agreement":
        if not (self.events and other.events):
            return self if self.events else other
        return Agreement(
            self.events + other.events,
            self.matched + other.matched,
            self.rewards + other.rewards,
            self.matched_rewards + other.matched_rewards,
            min(self.first_at, other.first_at),
            max(self.last_at, other.last_at),
        )
