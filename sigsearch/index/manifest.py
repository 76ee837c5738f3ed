"""The index folder's own description: its format, and where the current store lies."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sigsearch.errors import IndexFault, IndexMissing
from sigsearch.index.files import read_document, write_document

MANIFEST = "index.json"
COPY = "index.copy.json"  # for repair: the salt of an encrypted index is in no other place
FORMAT = 1


def write_manifest(root: Path, manifest: dict[str, Any]) -> None:
    """Swap in a new description; from then on it holds."""
    write_document(root / MANIFEST, manifest)
    write_document(root / COPY, manifest)


def read_manifest(root: Path, name: str = MANIFEST) -> dict[str, Any]:
    """The folder's own description; refuses a format that this version does not know."""
    manifest = manifest_of_any_format(root, name)
    found = manifest.get("format")
    if found != FORMAT:
        older = isinstance(found, int) and found < FORMAT
        advice = "run `sigsearch index migrate`" if older else "a newer sigsearch reads it"
        raise IndexFault(f"{root} has format {found}, this version reads {FORMAT}; {advice}")
    return manifest


def manifest_of_any_format(root: Path, name: str = MANIFEST) -> dict[str, Any]:
    """The folder's own description, whatever its format."""
    try:
        return read_document(root / name)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise IndexMissing.at(root) from error
