"""Forgetting a writer so that nothing is left, and a receipt that says where was looked."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from itertools import islice
from pathlib import Path
from typing import Any

from sigsearch.errors import ErasureIncomplete
from sigsearch.index.care.moving import compact
from sigsearch.index.care.residues import Finder, Needles, Residue
from sigsearch.index.files import file_sha256
from sigsearch.index.index import WriterIndex
from sigsearch.index.ledger import Ledger
from sigsearch.index.snapshot import build_lock, drop_snapshot

_BATCH = 4096


@dataclass(frozen=True, slots=True)
class SearchedFile:
    path: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was erased, and which files (by hash) were searched for pieces of it in vain.

    `shared` counts pieces that living writers have as well (a metadata value, a duplicate
    image) and that therefore stay; `too_short` those that cannot be told from chance.
    `overwritten` is False if a reader kept the old files open: they were unlinked only.
    """

    writer: str
    references: int
    generation: int
    erased_at: str
    overwritten: bool
    pieces: dict[str, int]
    shared: int
    too_short: int
    files: tuple[SearchedFile, ...]

    def to_dict(self) -> dict[str, Any]:
        """The receipt with the sha256 of its own content."""
        content = asdict(self)
        content["files"] = [asdict(file) for file in self.files]
        body = json.dumps(content, sort_keys=True, ensure_ascii=False)
        return {**content, "sha256": hashlib.sha256(body.encode()).hexdigest()}


def forget_with_proof(index: WriterIndex, writer: str, *, patience: float = 10.0) -> Receipt:
    """Forget a writer, rewrite what held the writer's records, and search every file.

    Raises:
        WriterUnknown; IndexBusy; ErasureIncomplete: pieces are still in a file (named).
    """
    with build_lock(index.path).held(index.store.wait), index.writing():
        needles = Needles.of(index.references(writer))
        count = index.forget(writer)
        index.drop_cache()
        overwritten = drop_snapshot(index.path)
        overwritten &= compact(index.store, patience=patience)
        hits, files = _look_through(index.path, Finder(needles))
        shared = _shared(index, needles.only({piece for _, piece in hits})) if hits else set()
    residues = [residue for residue, piece in hits if piece not in shared]
    if residues:
        places = ", ".join(f"{one.kind} in {one.file} at byte {one.offset}" for one in residues[:5])
        raise ErasureIncomplete(
            f"{writer!r} is forgotten, but {len(residues)} pieces are left: {places}; "
            "remove files that do not belong to the index and run `sigsearch index compact`"
        )
    return Receipt(
        writer=writer,
        references=count,
        generation=index.generation,
        erased_at=datetime.now(timezone.utc).isoformat(timespec="seconds"),
        overwritten=overwritten,
        pieces=needles.counts(),
        shared=len(shared),
        too_short=len(needles.too_short),
        files=tuple(files),
    )


def _look_through(
    root: Path, finder: Finder
) -> tuple[list[tuple[Residue, bytes]], list[SearchedFile]]:
    hits: list[tuple[Residue, bytes]] = []
    searched: list[SearchedFile] = []
    for path in sorted(one for one in root.rglob("*") if one.is_file()):
        hits.extend(finder.in_file(path))
        name = path.relative_to(root).as_posix()
        searched.append(SearchedFile(name, path.stat().st_size, file_sha256(path)))
    return hits, searched


def _shared(index: WriterIndex, needles: Needles) -> set[bytes]:
    """Which pieces are part of a living record."""
    finder = Finder(needles)

    def work(ledger: Ledger) -> set[bytes]:
        found: set[bytes] = set()
        payloads = ledger.payloads()
        while batch := b"".join(islice(payloads, _BATCH)):
            found.update(piece for _, piece in finder.in_bytes(batch))
        return found

    return index.store.read(work)
