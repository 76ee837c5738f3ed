"""An index read anew by another encoder: each reference from its image, or from the scan kept of
it, into a new index. The old one is only read, so that it can be asked until the new one is done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from sigsearch.encoder import Encoder, ModelCard
from sigsearch.engine.accounts import SETTING as ACCOUNTS
from sigsearch.engine.agreement import keep_agreement
from sigsearch.engine.enrolment import BATCH
from sigsearch.engine.results import Refusal
from sigsearch.engine.source_image import original
from sigsearch.engine.template import kept_scan, pack_template, scan_kept
from sigsearch.errors import ImageError
from sigsearch.imaging import Signature, read_signature
from sigsearch.index.index import Index
from sigsearch.index.records import Reference
from sigsearch.schema import Jsonable


@dataclass(frozen=True, slots=True)
class Reencoding(Jsonable):
    """`reencoded` references, of which `from_scans` from the scans that were kept; `known` were in
    the new index already; `missing` are those of which there is no image."""

    reencoded: int
    from_scans: int
    known: int
    missing: tuple[Refusal, ...]


def reencode(
    old: Index,
    new: Index,
    encoder: Encoder,
    old_card: ModelCard,
    progress: Callable[[Iterator[Reference]], Iterator[Reference]] = iter,
) -> Reencoding:
    """Enrol in `new` what `old` holds, read by `encoder`, and take over the rules of accounts. What
    is in `new` already is passed over, so that a call that was stopped goes on where it was.

    `old_card` is of the encoder of `old`. Its calibration and its decision log stay behind: the one
    is of the old encoder's scores, the other of its answers. Raises VerifyOnly.
    """
    known, from_scans, reencoded = 0, 0, 0
    missing: list[Refusal] = []
    pending: list[tuple[Reference, Signature, bytes]] = []
    for reference in progress(_all(old)):
        if new.has(reference.content_hash, reference.writer):
            known += 1
            continue
        scan = kept_scan(reference, old_card)
        signature = original(reference.source, reference.content_hash)
        if signature is None:
            signature = _from_scan(reference, old_card)
            from_scans += signature is not None
        if signature is None:
            missing.append(_missing(reference))
            continue
        pending.append((reference, signature, scan))
        if len(pending) == BATCH:
            reencoded += _commit(new, encoder, pending)
            pending = []
    reencoded += _commit(new, encoder, pending)
    accounts = old.setting(ACCOUNTS)
    if accounts is not None:
        new.put_setting(ACCOUNTS, accounts)
    return Reencoding(reencoded, from_scans, known, tuple(missing))


def _all(index: Index) -> Iterator[Reference]:
    for writer in index.writers():
        yield from index.references_of([writer.name])[0]


def _from_scan(reference: Reference, card: ModelCard) -> Signature | None:
    scan = scan_kept(reference, card)
    if scan is None:
        return None
    try:
        signature = read_signature(scan.grey, reference.source)
    except ImageError:
        return None
    return replace(signature, content_hash=reference.content_hash)


def _missing(reference: Reference) -> Refusal:
    told = (
        f"{reference.source}: no longer there, or changed since it was enrolled for "
        f"{reference.writer!r}, and no scan of it was kept"
    )
    return Refusal(reference.source, "image_missing", told)


def _commit(
    new: Index, encoder: Encoder, batch: Sequence[tuple[Reference, Signature, bytes]]
) -> int:
    if not batch:
        return 0
    readings = encoder.embed([signature for _, signature, _ in batch])
    references = [
        replace(
            reference,
            vector=readings.vectors[row],
            local=pack_template(readings, row, signature, scan),
            warnings=signature.warnings,
        )
        for row, (reference, signature, scan) in enumerate(batch)
    ]
    return new.enrol(keep_agreement(new, encoder, references))
