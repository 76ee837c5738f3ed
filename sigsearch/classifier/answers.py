"""What a classifier answers. It always names somebody: there is no "unknown" here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Likely:
    """A writer and the network's probability (0..1), which the writers share out among them."""

    writer: str
    probability: float

    def __str__(self) -> str:
        return f"writer {self.writer} ({self.probability:.2%})".replace("%)", " %)")

    def to_dict(self) -> dict[str, Any]:
        return {"writer": self.writer, "probability": round(self.probability, 6)}


@dataclass(frozen=True, slots=True)
class Classification:
    """The writers that the network finds likeliest, best first; `writers` is how many it knows."""

    questioned: str
    candidates: tuple[Likely, ...]
    writers: int
    model: str
    warnings: tuple[str, ...] = ()

    @property
    def writer(self) -> str:
        return self.candidates[0].writer

    @property
    def probability(self) -> float:
        return self.candidates[0].probability

    def to_dict(self) -> dict[str, Any]:
        return {
            "questioned": self.questioned,
            "writer": self.writer,
            "probability": round(self.probability, 6),
            "candidates": [candidate.to_dict() for candidate in self.candidates],
            "writers": self.writers,
            "model": self.model,
            "warnings": list(self.warnings),
        }


@dataclass(frozen=True, slots=True)
class Checked:
    """One image of the writer, whom the network named, and the role the image had in training:
    `train`, `validation` or `unseen`."""

    image: str
    named: Likely
    right: bool
    role: str

    def to_dict(self) -> dict[str, Any]:
        return {
            "image": self.image,
            "named": self.named.to_dict(),
            "right": self.right,
            "role": self.role,
        }


@dataclass(frozen=True, slots=True)
class WriterCheck:
    """How a classifier does on all genuine images of one writer."""

    writer: str
    checked: tuple[Checked, ...]
    refused: tuple[str, ...]
    model: str

    def found(self, role: str | None = None) -> int:
        return sum(role in (None, one.role) for one in self.checked)

    def right(self, role: str | None = None) -> int:
        return sum(one.right for one in self.checked if role in (None, one.role))

    @property
    def accuracy(self) -> float:
        return self.right() / max(self.found(), 1)

    @property
    def wrong(self) -> tuple[Checked, ...]:
        return tuple(one for one in self.checked if not one.right)

    def to_dict(self) -> dict[str, Any]:
        roles = {
            role: {"found": self.found(role), "right": self.right(role)}
            for role in ("train", "validation", "unseen")
        }
        return {
            "writer": self.writer,
            "found": self.found(),
            "right": self.right(),
            "accuracy": round(self.accuracy, 4),
            "roles": roles,
            "wrong": [one.to_dict() for one in self.wrong],
            "refused": list(self.refused),
            "model": self.model,
        }
