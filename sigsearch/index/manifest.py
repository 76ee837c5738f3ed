"""The index folder's own description: its format, and where the current store lies."""

from __future__ import annotations

from pathlib import Path

from sigsearch.errors import IndexFault, IndexMissing
from sigsearch.index.files import read_document

MANIFEST = "index.json"
FORMAT = 1


def read_manifest(root: Path) -> dict[str, object]:
    """The folder's own description; refuses a format that this version does not know."""
    try:
        manifest = read_document(root / MANIFEST)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise IndexMissing(f"there is no index at {root}") from error
    if manifest.get("format") != FORMAT:
        raise IndexFault(
            f"{root} has format {manifest.get('format')}; this version reads format {FORMAT}"
        )
    return manifest
