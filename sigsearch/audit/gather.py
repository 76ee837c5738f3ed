"""The references of an index, as an audit looks at them."""

from __future__ import annotations

from collections.abc import Callable

from sigsearch.audit.findings import Audit
from sigsearch.audit.run import Enrolled, audit
from sigsearch.engine import SignatureIndex
from sigsearch.judge import Judge
from sigsearch.templates import fingerprint_of, readings_of

_FNMR = 0.005  # share of genuine references that may be called inconsistent


def enrolled_in(index: SignatureIndex) -> Enrolled:
    """Every reference, writer by writer."""
    references = [r for writer in index.writers() for r in index.index.references(writer.name)]
    return Enrolled(
        names=[r.writer for r in references],
        sources=[r.source for r in references],
        hashes=[r.content_hash for r in references],
        warnings=[r.warnings for r in references],
        fingerprints=[fingerprint_of(r, index.encoder.card) for r in references],
        readings=readings_of(references, index.encoder.card),
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
