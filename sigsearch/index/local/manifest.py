"""The index folder's own description: its format, and where the current store lies."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

from sigsearch.errors import IndexCorrupt, IndexFault, IndexMissing
from sigsearch.index.local.contents import COPY, MANIFEST, is_store, left
from sigsearch.index.local.files import named_faults, read_document, write_document

FORMAT = 2
_READ = (1, FORMAT)  # the older one as it is, until it is migrated


def write_manifest(root: Path, manifest: dict[str, Any]) -> None:
    """Swap in a new description; from then on it holds."""
    write_document(root / MANIFEST, manifest)
    write_document(root / COPY, manifest)


def renew_copy(root: Path) -> None:
    """Make the manifest's copy follow it: a kill can come between the two.

    Done before anything is written to a store that the copy does not name, so that the copy leads
    to all that was ever acknowledged.
    """
    manifest = read_manifest(root)
    with suppress(IndexCorrupt, FileNotFoundError):
        if read_document(root / COPY) == manifest:
            return
    write_document(root / COPY, manifest)


def read_manifest(root: Path, name: str = MANIFEST) -> dict[str, Any]:
    """The folder's own description; refuses a format that this version does not know."""
    manifest = manifest_of_any_format(root, name)
    found = format_of(root, manifest)
    if found not in _READ:
        older = found < FORMAT
        advice = "run `sigsearch index migrate`" if older else "a newer sigsearch reads it"
        raise IndexFault(f"{root} has format {found}, this version reads {FORMAT}; {advice}")
    if not is_store(str(manifest.get("store"))):
        raise IndexCorrupt(
            f"{root / name} names {manifest.get('store')!r}, which is no store of an index; "
            f"`sigsearch index repair --index {root}` looks for the store"
        )
    if not _says_how_records_are_sealed(manifest.get("sealing")):
        raise IndexCorrupt(
            f"{root / name} does not say how records are sealed; put it back from a copy of the "
            f"index, or try `sigsearch index repair --index {root}`"
        )
    return manifest


def _says_how_records_are_sealed(sealing: object) -> bool:
    if not isinstance(sealing, dict):
        return False
    flags, texts = ("encrypted", "verify_only"), ["salt"]
    if sealing.get("encrypted") is True:
        texts += ["key_check", *(["wrapped"] if "wrapped" in sealing else [])]
    return all(isinstance(sealing.get(flag), bool) for flag in flags) and all(
        isinstance(sealing.get(text), str) and _is_hex(sealing[text]) for text in texts
    )


def _is_hex(text: str) -> bool:
    return len(text) > 0 == len(text) % 2 and not text.strip("0123456789abcdef")


def format_of(root: Path, manifest: dict[str, Any]) -> int:
    """The number of a manifest's format; raises IndexCorrupt where there is none."""
    found = manifest.get("format")
    if type(found) is not int:
        raise IndexCorrupt(
            f"{root / MANIFEST} names no format; try `sigsearch index repair --index {root}`"
        )
    return found


def manifest_of_any_format(root: Path, name: str = MANIFEST) -> dict[str, Any]:
    """The folder's own description, whatever its format."""
    try:
        with named_faults(root / name, but=(FileNotFoundError, NotADirectoryError)):
            return read_document(root / name)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise missing(root) from error
    except IndexCorrupt as fault:
        raise IndexCorrupt(f"{fault}; try `sigsearch index repair --index {root}`") from fault


def missing(root: Path) -> IndexFault:
    """There is no manifest: no index at all, or what is left of one."""
    found = left(root)
    if not found:
        return IndexMissing.at(root)
    return IndexCorrupt(
        f"{root} holds {', '.join(found[:5])} but no {MANIFEST}: a damaged index, or files with an "
        f"index's names; `sigsearch index repair --index {root}` restores an index, and nothing is "
        "made over it"
    )
