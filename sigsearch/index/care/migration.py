"""Numbered steps from older formats to the present one.

A step is a function of the index folder: it rewrites what changed, beside what is there, and
returns the manifest's new words. Each step keeps the former store until it has succeeded.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from sigsearch.errors import IndexFault
from sigsearch.index.local.locks import WriterLock
from sigsearch.index.local.manifest import FORMAT, format_of, manifest_of_any_format, write_manifest

Step = Callable[[Path, dict[str, Any]], dict[str, Any]]

STEPS: dict[int, Step] = {}
"""By the format that a step starts from. Format 1 is the first, so there is none yet."""


def migrate_index(path: Path | str, *, wait: float = 10.0) -> list[int]:
    """Bring an index to the present format; returns the formats that it went through.

    Raises:
        IndexMissing: there is none.
        IndexFault: the format is newer than this version, or no step leads on from it.
    """
    root, passed = Path(path), list[int]()
    manifest_of_any_format(root)  # where there is none, no lock is to be made either
    with WriterLock(root / "writer.lock").held(wait):
        manifest = manifest_of_any_format(root)
        while (found := format_of(root, manifest)) != FORMAT:
            step = STEPS.get(found)
            if step is None:
                raise IndexFault(
                    f"{root} has format {found}, which cannot be converted to {FORMAT}"
                )
            manifest = {**step(root, manifest), "format": found + 1}
            write_manifest(root, manifest)
            passed.append(found)
    return passed
