"""The references of an index, as an audit looks at them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from sigsearch.arrays import Ids
from sigsearch.audit.enrolled import Enrolled, Watch, unwatched
from sigsearch.audit.findings import Audit
from sigsearch.audit.look_over import audit
from sigsearch.encoder import Embeddings, ModelCard
from sigsearch.engine.signature_index import SignatureIndex
from sigsearch.engine.template import fingerprint_of, readings_of
from sigsearch.errors import IndexBusy
from sigsearch.index.records import Reference

_KEPT = 512  # writers' references held in memory


@dataclass(frozen=True, slots=True)
class _StoredReadings:
    reference: Callable[[int], Reference]
    card: ModelCard

    def __getitem__(self, rows: Ids, /) -> Embeddings:
        return readings_of([self.reference(row) for row in rows.tolist()], self.card)


@dataclass(frozen=True, slots=True)
class _Fingerprints:
    reference: Callable[[int], Reference]
    card: ModelCard

    def __getitem__(self, row: int, /) -> bytes | None:
        return fingerprint_of(self.reference(row), self.card)


def enrolled_in(index: SignatureIndex, watch: Watch = unwatched) -> Enrolled:
    """Every reference, writer by writer. Readings and fingerprints (5 kB a reference) stay in the
    index until they are asked for."""
    names: list[str] = []
    sources: list[str] = []
    hashes: list[str] = []
    warnings: list[tuple[str, ...]] = []
    places: list[int] = []  # among the references of the writer

    @lru_cache(_KEPT)
    def references_of(name: str) -> list[Reference]:
        return index.index.references_of([name])[0]

    def reference(row: int) -> Reference:
        kept, place = references_of(names[row]), places[row]
        if place >= len(kept) or kept[place].content_hash != hashes[row]:
            raise IndexBusy(f"writer {names[row]!r} was forgotten during the audit; run it again")
        return kept[place]

    listed = list(index.writers())
    for n in watch(range(len(listed)), "reading"):
        for place, one in enumerate(references_of(listed[n].name)):
            names.append(one.writer)
            sources.append(one.source)
            hashes.append(one.content_hash)
            warnings.append(one.warnings)
            places.append(place)
    card = index.encoder.card
    return Enrolled(
        names, sources, hashes, warnings, _Fingerprints(reference, card),
        _StoredReadings(reference, card), lambda vectors, k: index.index.search(vectors, k).writers,
    )  # fmt: skip


def audit_index(index: SignatureIndex, watch: Watch = unwatched) -> tuple[Audit, Enrolled]:
    """The audit of an index, and what it looked at.

    The work grows with the number of references, and memory holds some hundred bytes of each.

    Raises:
        VerifyOnly: nobody can go through this index. IndexBusy: a writer was forgotten meanwhile.
    """
    enrolled = enrolled_in(index, watch)
    return audit(enrolled, index.judge.matcher, watch), enrolled
