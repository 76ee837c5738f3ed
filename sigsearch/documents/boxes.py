"""Where on a page something was found that may be a signature."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sigsearch.schema import Jsonable

Corners = tuple[int, int, int, int]
"""Left, top, right and bottom, the last two exclusive."""
Kind = Literal["signature", "initials", "stamp"]
"""What stands in a box; `stamp` is a stamp or a logo, which nobody signed."""


@dataclass(frozen=True, slots=True)
class Box(Jsonable):
    """A part of a page in its pixels, from its upper left corner; `confidence` from 0 to 1."""

    x: int
    y: int
    width: int
    height: int
    confidence: float
    kind: Kind = "signature"

    @property
    def corners(self) -> Corners:
        return self.x, self.y, self.x + self.width, self.y + self.height

    @property
    def is_by_hand(self) -> bool:
        """Whether a hand left what stands in it, and no stamp or printer."""
        return self.kind != "stamp"

    def share_within(self, corners: Corners) -> float:
        """How much of it lies within `corners`, 0..1."""
        left, top, right, bottom = self.corners
        width = min(right, corners[2]) - max(left, corners[0])
        height = min(bottom, corners[3]) - max(top, corners[1])
        return max(width, 0) * max(height, 0) / max(self.width * self.height, 1)
