"""What the index's decision log keeps: decisions, and what was enrolled and removed.

A questioned image appears by its content hash, a writer by number, and of references only how many
there were: nothing of a writer is in the log, so that erasing one leaves it whole. An account
appears by its name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, Literal

from sigsearch.engine.mandates import MandateAnswer
from sigsearch.engine.results import Identification, Verification
from sigsearch.imaging import Signature
from sigsearch.index.index import Index
from sigsearch.index.records import Reference
from sigsearch.index.results import LogEntry

Change = Literal["enrol", "remove", "move", "replace", "forget"]


def note(
    index: Index, signature: Signature, answer: Verification | Identification, by: str = ""
) -> LogEntry:
    """Append what was decided on a questioned image, and who asked; it is on disk when this
    returns.

    Raises:
        IndexBusy, IndexFull, IndexReadOnly, IndexCorrupt: the decision is not on record.
    """
    facts: dict[str, Any] = {
        "questioned_sha256": signature.content_hash,
        "verdict": answer.verdict.answer,
        "reasons": list(answer.verdict.reasons),
        "decision": answer.decision,
        "model": answer.model,
        **_by(by),
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
    facts |= {"strength": evidence.strength, "llr": round(evidence.llr, 4)}
    return index.note("verify", facts, [answer.writer] if answer.writer else [])


def note_mandate(
    index: Index, signatures: Sequence[Signature], answer: MandateAnswer, by: str = ""
) -> LogEntry:
    """Append what was decided for an account, and with whom the signatures were compared that
    counted or came nearest. Raises as `note` does."""
    facts: dict[str, Any] = {
        "account": answer.account,
        "amount": answer.amount,
        "verdict": answer.answer,
        "questioned_sha256": [one.content_hash for one in signatures],
        **_by(by),
    }
    return index.note("mandate", facts, answer.writers)


def note_change(
    index: Index, event: Change, writers: Sequence[str], references: int, by: str = ""
) -> LogEntry:
    """Append what is being done to so many references. Raises as `note` does."""
    return index.note(event, {"reference_count": references, **_by(by)}, writers)


def note_enrolled(index: Index, references: Sequence[Reference], by: str = "") -> None:
    """Append for whom these were enrolled. Raises as `note` does."""
    for name, count in Counter(one.writer for one in references).items():
        note_change(index, "enrol", [name], count, by)


def _by(by: str) -> dict[str, str]:
    return {"by": by} if by else {}
