"""What a classifier answers. It always names somebody: there is no "unknown" here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from sigsearch.schema import Jsonable, places

ROLES = ("train", "validation", "unseen")
"""What an image was to the network: trained on, validated with, or neither."""


@dataclass(frozen=True, slots=True)
class Likely(Jsonable):
    """A writer and the network's probability (0..1), which the writers share out among them."""

    writer: str
    probability: float = field(metadata=places(6))

    def __str__(self) -> str:
        return f"writer {self.writer} ({self.probability:.2%})".replace("%)", " %)")


@dataclass(frozen=True, slots=True)
class Classification(Jsonable):
    """The writers that the network finds likeliest, best first, of the `writer_count` that it
    knows; `writer` and `probability` are those of the first."""

    questioned: str
    writer: str
    probability: float = field(metadata=places(6))
    candidates: tuple[Likely, ...]
    writer_count: int
    model: str
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Checked(Jsonable):
    """One image of the writer, whom the network named, and the role the image had in training."""

    image: str
    named: Likely
    right: bool
    role: str


@dataclass(frozen=True, slots=True)
class Count(Jsonable):
    """How many images were found, and how many of them were given the right name."""

    found: int
    right: int

    @classmethod
    def of(cls, checked: Iterable[Checked]) -> Count:
        rights = [one.right for one in checked]
        return cls(len(rights), sum(rights))


@dataclass(frozen=True, slots=True)
class WriterCheck(Jsonable):
    """How a classifier does on all genuine images of one writer: in all, by the role that images
    had in training, and one by one; `refused` says which could not be read, and why."""

    writer: str
    found: int
    right: int
    accuracy: float
    roles: dict[str, Count]
    checked: tuple[Checked, ...]
    refused: tuple[str, ...]
    model: str

    @classmethod
    def of(
        cls, writer: str, checked: Iterable[Checked], refused: Iterable[str], model: str
    ) -> WriterCheck:
        images = tuple(checked)
        total = Count.of(images)
        return cls(
            writer=writer,
            found=total.found,
            right=total.right,
            accuracy=total.right / max(total.found, 1),
            roles={role: Count.of(one for one in images if one.role == role) for role in ROLES},
            checked=images,
            refused=tuple(refused),
            model=model,
        )

    @property
    def wrong(self) -> tuple[Checked, ...]:
        return tuple(one for one in self.checked if not one.right)
