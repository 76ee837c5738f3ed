"""Numbered steps from older formats to the present one.

A step brings an index folder to the next format, beside what is there, and names the result in the
manifest last: until then the former store is the index.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from sigsearch.errors import IndexFault
from sigsearch.index.care.compaction import erase_strays
from sigsearch.index.care.decision_log import DecisionLog
from sigsearch.index.care.resealing import replace_seal
from sigsearch.index.local.contents import AUDIT_LOCK
from sigsearch.index.local.locks import WriterLock
from sigsearch.index.local.manifest import FORMAT, format_of, manifest_of_any_format, read_manifest
from sigsearch.index.local.sealing import seal_of, sealing_under
from sigsearch.index.local.writer_index import WriterIndex
from sigsearch.index.search.snapshot import build_lock, drop_snapshot

Step = Callable[[Path, bytes | None, float], None]


def migrate_index(path: Path | str, key: bytes | None = None, *, wait: float = 10.0) -> list[int]:
    """Bring an index to the present format; returns the formats that it went through.

    Raises:
        IndexMissing: there is none. IndexLocked: it is encrypted, and this is not its key.
        IndexCorrupt: a record or a line of the decision log is damaged; nothing was changed.
        IndexFault: the format is newer than this version, or no step leads on from it.
    """
    root, passed = Path(path), list[int]()
    while (found := format_of(root, manifest_of_any_format(root))) != FORMAT:
        step = STEPS.get(found)
        if step is None:
            raise IndexFault(f"{root} has format {found}, which cannot be converted to {FORMAT}")
        step(root, key, wait)
        passed.append(found)
    if read_manifest(root)["sealing"]["encrypted"]:  # a kill may have come before the last of it
        with (
            WriterIndex.open(root, key=key, read_only=True, wait=wait) as index,
            index.store.environment.lock.held(wait),
        ):
            DecisionLog(index).reseal()
    return passed


def _bind(root: Path, key: bytes | None, wait: float) -> None:
    """From format 1: the state says where the decision log ends, and lasting keys are wrapped."""
    with (
        WriterIndex.open(root, key=key, read_only=True, wait=wait) as index,
        build_lock(index.path).held(wait),
        index.store.environment.lock.held(wait),
        WriterLock(index.path / AUDIT_LOCK).held(wait),
    ):
        sealing, seal = read_manifest(root)["sealing"], index.store.seal
        if key is not None:
            sealing = sealing_under(sealing, key, seal.lasting())
            seal = seal_of(sealing, key, root)
            drop_snapshot(index.path)
        words: dict[str, Any] = {"format": 2, **({"sealing": sealing} if key else {})}
        log = DecisionLog(index)
        replace_seal(index.store, words, seal, log.end_of_lines(seal))
        log.reseal()
        erase_strays(index.store, patience=10.0)


STEPS: dict[int, Step] = {1: _bind}
"""By the format that a step starts from."""
