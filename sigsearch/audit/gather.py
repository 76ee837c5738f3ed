"""The references of an index, as an audit looks at them."""

from __future__ import annotations

from sigsearch.audit.findings import Audit
from sigsearch.audit.run import Enrolled, audit
from sigsearch.engine import SignatureIndex
from sigsearch.templates import fingerprint_of, readings_of


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
    return audit(enrolled, index.judge.matcher), enrolled
