"""Forgetting a writer so that nothing is left, and a receipt that says where was looked."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone
from itertools import islice
from pathlib import Path

from sigsearch.errors import ErasureIncomplete, ErasureRefused
from sigsearch.index.care import compaction
from sigsearch.index.care.residues import Finder, Needles, Residue
from sigsearch.index.local.contents import foreign, is_plain, is_plain_folder, put_aside
from sigsearch.index.local.files import file_sha256, replacing, sealed_document
from sigsearch.index.local.ledger import Ledger
from sigsearch.index.local.writer_index import WriterIndex
from sigsearch.index.results import Receipt, SearchedFile
from sigsearch.index.search import snapshot

_BATCH = 4096
_ADVICE = (
    "delete files that do not belong to the index and run `sigsearch index compact`; the log of "
    "decisions, which must not be altered, keeps what was decided: put it aside if that must go"
)
_BEGUN = "the erasure was begun, and nothing is known of its end"


def forget_with_proof(
    index: WriterIndex, writer: str, *, receipt: Path | None = None, patience: float = 10.0
) -> Receipt:
    """Forget a writer, rewrite what held the writer's records, and search every file.

    What to search for is known only until the writer is forgotten, so this cannot be asked for
    again. The file `receipt` is therefore written twice: as incomplete before anything is
    forgotten, which shows that it can be written and outlives a kill, and at the end.

    Raises:
        WriterUnknown, IndexBusy; ErasureRefused: the folder holds files that are not the index's
        own and would keep what they have; IndexFault: no receipt can be written. Nothing was
        forgotten then.
        ErasureIncomplete: the writer is forgotten, but something is left or could not be looked
        for; it carries the receipt.
    """
    with snapshot.build_lock(index.path).held(index.store.wait), index.writing():
        references = index.references(writer)
        _refuse_others(index, receipt)
        needles = Needles.of(references)
        begun = Receipt(
            writer=writer,
            reference_count=len(references),
            generation=index.generation,
            erased_at=datetime.now(timezone.utc).isoformat(timespec="seconds"),
            overwritten=False,
            pieces=needles.counts(),
            shared=0,
            too_short=len(needles.too_short),
            files=(),
            incomplete=_BEGUN,
        )
        _keep(receipt, begun.sealed())
        index.forget(writer)
        cause = None
        try:
            done = _erase(index, needles, begun, patience)
        except Exception as fault:  # whatever it is: the writer is forgotten and a receipt is due
            advice = "mend that and run `sigsearch index compact`"
            done, cause = replace(begun, incomplete=f"{fault}; {advice}"), fault
        done = done.sealed()
        _keep(receipt, done)
    if done.incomplete:
        kept = f"; the receipt in {receipt} says so" if receipt else ""
        message = f"{writer!r} is forgotten, but {done.incomplete}{kept}"
        raise ErasureIncomplete(message, done.to_dict()) from cause
    return done


def _refuse_others(index: WriterIndex, receipt: Path | None) -> None:
    """Only the index's own files are rewritten; others, such as a copied store, would stay."""
    root = index.path
    if receipt and receipt.resolve().is_relative_to(root.resolve()):
        raise ErasureRefused(
            f"{receipt} names the writer and would lie in the index {root}; keep it elsewhere"
        )
    strangers = [name for name in foreign(root) if not _is_bare(root / name)]
    others = sorted([*strangers, *put_aside(root), *compaction.unproven_strays(index.store)])
    if others:
        raise ErasureRefused(
            f"{root} holds what does not belong to the index and may hold the writer's records: "
            f"{', '.join(others)}; delete or move that, then erase again (nothing was forgotten)"
        )


def _is_bare(folder: Path) -> bool:
    """Whether there are nothing but folders in a folder."""
    return all(is_plain_folder(one) for one in (folder, *folder.rglob("*")))


def _keep(path: Path | None, receipt: Receipt) -> None:
    if path:
        with replacing(path) as beside:
            beside.write_bytes(sealed_document(receipt.to_dict()))


def _erase(index: WriterIndex, needles: Needles, begun: Receipt, patience: float) -> Receipt:
    """Rewrite the index without the forgotten records, and look for pieces of them."""
    index.drop_cache()
    overwritten = snapshot.drop_snapshot(index.path)
    overwritten &= compaction.compact(index.store, patience=patience)
    hits, files = _look_through(index.path, Finder(needles))
    shared = _shared(index, needles.only({piece for _, piece in hits})) if hits else set()
    left = [residue for residue, piece in hits if piece not in shared]
    places = ", ".join(f"{one.kind} in {one.file} at byte {one.offset}" for one in left[:5])
    return replace(
        begun,
        generation=index.generation,
        erased_at=datetime.now(timezone.utc).isoformat(timespec="seconds"),
        overwritten=overwritten,
        shared=len(shared),
        files=tuple(files),
        incomplete=f"{len(left)} pieces are left: {places}; {_ADVICE}" if left else None,
    )


def _look_through(
    root: Path, finder: Finder
) -> tuple[list[tuple[Residue, bytes]], list[SearchedFile]]:
    hits: list[tuple[Residue, bytes]] = []
    searched: list[SearchedFile] = []
    for path in sorted(one for one in root.rglob("*") if is_plain(one)):
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
