"""In which part an input lands: that depends on the input alone."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from sigsearch.bulk.items import Item
from sigsearch.bulk.tables import RowGroup

Unit = Item | RowGroup
"""What lands in one part as a whole."""


def part_of(unit: Unit, parts: int) -> int:
    """From 0."""
    digest = hashlib.sha256(unit.key.encode("utf-8", "replace")).digest()
    return int.from_bytes(digest[:8], "big") % parts


def fingerprint_of(units: Iterable[Unit]) -> str:
    """What tells these inputs, in this order, from others."""
    digest = hashlib.sha256()
    for unit in units:
        digest.update(repr(unit.facts).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()
