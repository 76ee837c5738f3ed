"""An order for synthetic writers on disk, and the receipt."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from sigsearch.errors import DatasetError
from sigsearch.schema import Jsonable, Script, Style, WrittenLayout
from sigsearch.synthesis.capture import STYLES
from sigsearch.synthesis.layouts.design import SCRIPTS
from sigsearch.synthesis.writer import DEFAULT_DPI

LAYOUTS: tuple[str, ...] = get_args(WrittenLayout)


@dataclass(frozen=True, slots=True)
class Order:
    """What is wanted: how many writers, their specimens, and how they look on disk."""

    writers: int
    genuine: int
    forgeries: int
    seed: int = 1
    style: Style = "clean"
    layout: WrittenLayout = "folders"
    script: Script | None = None
    dpi: int = DEFAULT_DPI

    def __post_init__(self) -> None:
        for name, value, known in (
            ("style", self.style, STYLES),
            ("layout", self.layout, LAYOUTS),
            ("script", self.script or SCRIPTS[0], SCRIPTS),
        ):
            if value not in known:
                raise DatasetError(f"no {name} {value!r}; choose one of {', '.join(known)}")
        if min(self.writers, self.genuine) < 1 or min(self.forgeries, self.seed) < 0:
            raise DatasetError(
                "at least one writer and one genuine specimen are needed, and no number may be "
                f"negative; got {self.writers} writers, {self.genuine} genuine, "
                f"{self.forgeries} forgeries, seed {self.seed}"
            )
        if not 72 <= self.dpi <= 1200:
            raise DatasetError(f"{self.dpi} dpi is out of range; choose 72 to 1200")


@dataclass(frozen=True, slots=True)
class Written(Jsonable):
    """What was written: where, and how many of each kind."""

    folder: Path
    layout: WrittenLayout
    writer_count: int
    genuine: int
    forgeries: int
