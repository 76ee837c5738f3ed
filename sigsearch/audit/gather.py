"""The references of an index, as an audit looks at them."""

from __future__ import annotations

from collections.abc import Callable

from sigsearch.audit.findings import Audit
from sigsearch.audit.run import Enrolled, audit
from sigsearch.encoder import Embeddings
from sigsearch.engine import SignatureIndex
from sigsearch.imaging.copies import fingerprint
from sigsearch.index import Reference
from sigsearch.judge import Judge
from sigsearch.originals import original

_FNMR = 0.005  # share of genuine references that may be called inconsistent


def enrolled_in(index: SignatureIndex) -> Enrolled:
    """Every reference, writer by writer. Fingerprints are of the image files that are still there
    and unchanged."""
    references = [r for writer in index.writers() for r in index.index.references(writer.name)]
    return Enrolled(
        names=[r.writer for r in references],
        sources=[r.source for r in references],
        hashes=[r.content_hash for r in references],
        warnings=[r.warnings for r in references],
        fingerprints=[_fingerprint(r) for r in references],
        readings=Embeddings.from_parts(
            [r.vector for r in references],
            [r.local for r in references],
            index.encoder.card.token_shape,
        ),
    )


def audit_index(index: SignatureIndex) -> tuple[Audit, Enrolled]:
    """The audit of an index, and what it looked at."""
    enrolled = enrolled_in(index)
    return audit(enrolled, index.judge.matcher, inconsistency_limit(index.judge)), enrolled


def inconsistency_limit(judge: Judge) -> Callable[[int], float]:
    """The median pair score with so many others below which a reference is unlike them: the
    threshold of a small FNMR, without the writer's own agreement, which is what is in doubt."""
    fusion = judge.calibrations.fusion

    def limit(others: int) -> float:
        rates = judge.calibrations.choose("random", max(others, 1)).rates
        fused = rates.threshold_at_fnmr(max(_FNMR, rates.least_fnmr))
        return fused + fusion.own * fusion.agreement

    return limit


def _fingerprint(reference: Reference) -> bytes | None:
    signature = original(reference.source, reference.content_hash)
    return fingerprint(signature) if signature else None
