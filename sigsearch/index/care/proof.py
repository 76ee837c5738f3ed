"""Forgetting a writer so that nothing is left, and a receipt that says where was looked."""

from __future__ import annotations

import shlex
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timezone
from itertools import islice
from pathlib import Path

from sigsearch.errors import ErasureIncomplete, ErasureRefused, IndexFault
from sigsearch.index.care import compaction
from sigsearch.index.care.resealing import must_take, reseal_with
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
    "decisions, which must not be altered, keeps what was decided: if that must go, put it aside "
    "and run `sigsearch index repair`"
)
_SEALED = "pieces in the files: they are encrypted, so no file was searched"
_BEYOND = (
    "blocks that the file system or the disk had copied (copy on write, journals, flash)",
    "blocks of files that were removed earlier while somebody had them open",
    "backups, exports, snapshots and copies of the index",
)
_BEYOND_KEYS = (
    "copies of the old key: with one, older copies of the index's files can be read",
    "exports of the index, which are not encrypted",
)
_UNWRITTEN = "the receipt could not be written"
_BEGUN = "the erasure was begun, and nothing is known of its end"


def forget_with_proof(
    index: WriterIndex, writer: str, *, receipt: Path | None = None, patience: float = 10.0,
    new_key: bytes | None = None, old_key: str = "",
) -> Receipt:  # fmt: skip
    """Forget a writer, rewrite what held the writer's records, and search every file. With a
    `new_key` an encrypted index is sealed by that one, and the receipt says that the one kept in
    the file `old_key` must go: whoever calls this has written the new one to a file before.

    What to search for is known only until the writer is forgotten, so this cannot be asked for
    again. The file `receipt` is therefore written twice: as incomplete before anything is
    forgotten, which shows that it can be written and outlives a kill, and at the end.

    Raises:
        WriterUnknown, IndexBusy; ErasureRefused: the folder holds files that are not the index's
        own and would keep what they have; IndexFault: no receipt can be written; IndexLocked: the
        index does not take the key. Nothing was forgotten then.
        ErasureIncomplete: the writer is forgotten, but something is left or could not be looked
        for; it carries the receipt.
    """
    receipt = receipt.absolute() if receipt else None
    with snapshot.build_lock(index.path).held(index.store.wait), index.writing():
        references = index.references(writer)
        if new_key is not None:
            must_take(index.store, new_key)
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
            not_shown=_not_shown(index, new_key),
            destroy=None if new_key is None else _destroy(old_key),
            incomplete=_BEGUN,
        )
        _keep(receipt, begun.sealed())
        try:
            index.forget(writer)
        except Exception as fault:
            with suppress(IndexFault):
                _keep(
                    receipt, replace(begun, incomplete=f"nothing was forgotten: {fault}").sealed()
                )
            raise
        cause = None
        try:
            done = _erase(index, needles, begun, patience, new_key)
        except Exception as fault:  # whatever it is: the writer is forgotten and a receipt is due
            advice = f"mend that and run `sigsearch index {'rekey' if new_key else 'compact'}`"
            done, cause = replace(begun, incomplete=f"{fault}; {advice}"), fault
        done, cause = _told(receipt, done, cause)
    if done.incomplete:
        kept = (
            f"; the receipt in {receipt} says so"
            if receipt and _UNWRITTEN not in done.incomplete
            else ""
        )
        message = f"{writer!r} is forgotten, but {done.incomplete}{kept}"
        raise ErasureIncomplete(message, done.to_dict()) from cause
    return done


def _told(
    path: Path | None, done: Receipt, cause: Exception | None
) -> tuple[Receipt, Exception | None]:
    """The receipt once it is kept; where it cannot be, it says so, and what then caused that."""
    try:
        _keep(path, done.sealed())
    except IndexFault as fault:
        lost = f"{_UNWRITTEN}: {path} says only that the erasure was begun"
        told = "; ".join(filter(None, (done.incomplete, lost)))
        return replace(done, incomplete=told).sealed(), cause or fault
    return done.sealed(), cause


def _not_shown(index: WriterIndex, new_key: bytes | None) -> tuple[str, ...]:
    """What no search of the index's files can show."""
    if new_key is not None:
        return (_SEALED, *_BEYOND_KEYS)
    return _BEYOND if _is_readable(index) else (_SEALED, *_BEYOND)


def _destroy(old_key: str) -> str:
    """What must go, and how, before older copies of the index's files are unreadable."""
    place = f" in {old_key}" if old_key else ""
    how = f" (`shred --remove {shlex.quote(old_key)}`)" if old_key else ""
    return f"the old key{place}{how}, and every copy of it"


def _is_readable(index: WriterIndex) -> bool:
    """Whether pieces of a record could be found in the files as they are."""
    return not (index.store.seal.secret or index.store.seal.verify_only)


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


def _erase(
    index: WriterIndex, needles: Needles, begun: Receipt, patience: float, new_key: bytes | None
) -> Receipt:
    """Rewrite the index without the forgotten records, and look for pieces of them."""
    index.drop_cache()
    overwritten = snapshot.drop_snapshot(index.path)
    if new_key is None:
        overwritten &= compaction.compact(index.store, patience=patience)
    else:
        overwritten &= reseal_with(index, new_key, patience=patience)
    hits, files = list[tuple[Residue, bytes]](), list[SearchedFile]()
    if _is_readable(index):
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
        payloads = (payload for _, payload in ledger.whole())
        while batch := list(islice(payloads, _BATCH)):  # which may hold nothing but empty ones
            found.update(piece for _, piece in finder.in_bytes(b"".join(batch)))
        return found

    return index.store.read(work)
