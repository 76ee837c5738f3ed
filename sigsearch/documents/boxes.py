"""Where on a page something was found that may be a signature."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sigsearch.schema import Jsonable

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
