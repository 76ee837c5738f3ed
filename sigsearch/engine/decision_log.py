"""Decisions as the index's decision log keeps them.

An image appears by its content hash, a writer by number: neither a file's name nor a writer's
is in the log, so that forgetting a writer leaves it whole.
"""

from __future__ import annotations

from typing import Any

from sigsearch.engine.results import Identification, Verification
from sigsearch.imaging import Signature
from sigsearch.index.index import Index
from sigsearch.index.results import LogEntry


def note(index: Index, signature: Signature, answer: Verification | Identification) -> LogEntry:
    """Append what was decided on a questioned image; it is on disk when this returns.

    Raises:
        IndexBusy, IndexFull, IndexReadOnly, IndexCorrupt: the decision is not on record.
    """
    facts: dict[str, Any] = {
        "questioned_sha256": signature.content_hash,
        "decision": answer.decision,
        "model": answer.model,
    }
    if isinstance(answer, Identification):
        scores = [round(one.score, 4) for one in answer.candidates]
        facts |= {
            "fpir": answer.gallery.fpir,
            "enrolled": answer.gallery.writer_count,
            "scores": scores,
        }
        named = [one.writer for one in answer.candidates]
        return index.note("identify", facts, named)
    evidence = answer.evidence
    facts |= {"score": round(answer.score, 4), "threshold": round(answer.threshold, 4)}
    facts |= {"fmr": evidence.fmr, "fnmr": evidence.fnmr, "against": evidence.against}
    return index.note("verify", facts, [answer.writer] if answer.writer else [])
