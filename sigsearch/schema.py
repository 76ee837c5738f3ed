"""What programs rely on: the words that may be chosen, and results as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

Proposition = Literal["skilled", "random", "both"]
"""What a signature is if it is not the writer's: an imitation, somebody else's own, or either."""
Sync = Literal["full", "lazy"]
"""When a change of an index is on disk: full, when the call returns; lazy, a power failure may undo
the last changes, but never half of one, and killing the process undoes nothing."""
Layout = Literal[
    "auto", "folders", "csv", "npz", "cedar", "bhsig", "gpds", "mcyt", "sigcomp", "svc2004",
    "crossmedia", "pen-data",
]  # fmt: skip
"""How a dataset lies on disk; auto: recognised."""
WriterFolder = Literal["auto", "innermost", "outermost", "path"]
"""Which folder names the writer: the innermost unless one name stands in two places (auto), the
innermost whatever that joins, the outermost, or all of them, joined by slashes (path)."""
Engine = Literal["local", "ray"]
"""Where an archive is embedded: by the cores of this machine, or on a Ray cluster."""
Style = Literal["clean", "scan", "cheque", "fax"]
"""On what, and through what, an invented signature comes."""
Script = Literal["latin", "scribble", "devanagari", "bengali", "cjk", "arabic"]
"""What an invented signature is written in."""
WrittenLayout = Literal["folders", "cedar", "csv"]
"""How invented signatures are laid out on disk."""
Loss = Literal["supcon", "triplet", "contrastive", "multisimilarity"]
"""What gathers the global vectors of a writer in training."""


class Jsonable:
    """A dataclass whose fields are the keys of its JSON, in their order and nesting.

    Numbers are rounded to `decimals` places, or not at all where that is None; a field may say
    otherwise, with `field(metadata=places(3))`.
    """

    __slots__ = ()
    decimals: ClassVar[int | None] = 4

    def to_dict(self) -> dict[str, Any]:
        """As JSON has it: dicts, lists, text, numbers, true, false and null."""
        document: dict[str, Any] = plain(self)
        return document


def places(decimals: int | None) -> dict[str, int | None]:
    """Metadata of a field whose numbers keep so many decimal places in JSON; None: all."""
    return {"decimals": decimals}


def plain(value: Any, decimals: int | None = None) -> Any:
    """A value as JSON has it; arrays become lists."""
    if is_dataclass(value) and not isinstance(value, type):
        own = getattr(value, "decimals", decimals)
        return {
            f.name: plain(getattr(value, f.name), f.metadata.get("decimals", own))
            for f in fields(value)
        }
    if hasattr(value, "tolist"):
        return plain(value.tolist(), decimals)
    if isinstance(value, float):
        return value if decimals is None else round(value, decimals)
    if isinstance(value, Mapping):
        return {str(name): plain(inner, decimals) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item, decimals) for item in value]
    return str(value) if isinstance(value, Path) else value
