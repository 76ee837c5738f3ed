"""What the four verbs answer. Every result has `to_dict()`, whose fields docs/results.md explains
and a test holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from sigsearch.matching.decision import Decision, Verdict
from sigsearch.matching.reasons import Reason


@dataclass(frozen=True, slots=True)
class ReferenceScore:
    """One reference of the writer: where it came from and its pair score (higher = closer)."""

    source: str
    score: float

    def to_dict(self) -> dict[str, Any]:
        return {"source": self.source, "score": round(self.score, 4)}


@dataclass(frozen=True, slots=True)
class Verification:
    """Is it theirs? `references` in order of enrolment; `verdict` holds threshold, rates and
    likelihood ratio; `model` is the encoder's id; `warnings` concern the image's quality, and
    `suspected_copy` names the reference of which the questioned image seems to be a copy.
    `reasons`: what was noticed that bears on the decision; `capped_by`: the codes of those for
    which the decision is `inconclusive` although the score is not."""

    questioned: str
    writer: str | None
    verdict: Verdict
    references: tuple[ReferenceScore, ...]
    model: str
    warnings: tuple[str, ...] = ()
    suspected_copy: str | None = None
    reasons: tuple[Reason, ...] = ()
    capped_by: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return self.accepted

    @property
    def decision(self) -> str:
        """`match`, `inconclusive` or `non_match`."""
        return self.verdict.decision

    @property
    def accepted(self) -> bool:
        return self.verdict.decision == "match"

    @property
    def score(self) -> float:
        return self.verdict.score

    @property
    def best_reference(self) -> ReferenceScore:
        return max(self.references, key=lambda reference: reference.score)

    def to_dict(self) -> dict[str, Any]:
        verdict = {
            name: _plain(value)
            for name, value in self.verdict.to_dict().items()
            if name not in ("decision", "score", "threshold")
        }
        return {
            "questioned": self.questioned,
            "writer": self.writer,
            "decision": self.decision,
            "score": _plain(self.verdict.score),
            "threshold": _plain(self.verdict.threshold),
            "references": [reference.to_dict() for reference in self.references],
            "best_reference": self.best_reference.source,
            "evidence": verdict,
            "suspected_copy": self.suspected_copy,
            "model": self.model,
            "warnings": list(self.warnings),
            "reasons": [reason.to_dict() for reason in self.reasons],
            "capped_by": list(self.capped_by),
        }


@dataclass(frozen=True, slots=True)
class Candidate:
    """A writer who may have signed: score (fused, higher = closer) against the threshold that
    keeps the gallery's false positives at the stated rate; llr: log10 likelihood ratio against
    somebody else's signature; verification: what `verify` would say against a skilled forgery."""

    writer: str
    rank: int
    score: float
    threshold: float
    llr: float
    references: int
    verification: Decision | None

    def to_dict(self) -> dict[str, Any]:
        return {
            "writer": self.writer,
            "rank": self.rank,
            "score": round(self.score, 4),
            "threshold": round(self.threshold, 4),
            "llr": round(self.llr, 3),
            "references": self.references,
            "verification": self.verification,
        }


@dataclass(frozen=True, slots=True)
class Identification:
    """Who signed? Candidates best first, one per writer. `identified` when the best one reaches
    its threshold; `fpir` is the stated false positive rate of the whole gallery of `writers`, among
    strangers like those of `population`; `fnir` the share of signatures by enrolled writers that
    would stay unknown at it, None where the index has not measured itself. `reasons`: what was
    noticed that bears on the decision; `capped_by`: the codes of those for which the best
    candidate is not `identified` although the score would do."""

    questioned: str
    decision: Literal["identified", "unknown"]
    candidates: tuple[Candidate, ...]
    writers: int
    fpir: float
    extrapolated: bool
    model: str
    warnings: tuple[str, ...] = ()
    population: str = ""
    fnir: float | None = None
    reasons: tuple[Reason, ...] = ()
    capped_by: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return self.accepted

    @property
    def accepted(self) -> bool:
        return self.decision == "identified"

    @property
    def writer(self) -> str | None:
        """The identified writer, or None for "unknown"."""
        return self.candidates[0].writer if self.accepted else None

    def to_dict(self) -> dict[str, Any]:
        return {
            "questioned": self.questioned,
            "decision": self.decision,
            "writer": self.writer,
            "candidates": [candidate.to_dict() for candidate in self.candidates],
            "gallery": {
                "writers": self.writers,
                "fpir": self.fpir,
                "extrapolated": self.extrapolated,
                "population": self.population,
                "fnir": _plain(self.fnir),
            },
            "model": self.model,
            "warnings": list(self.warnings),
            "reasons": [reason.to_dict() for reason in self.reasons],
            "capped_by": list(self.capped_by),
        }


@dataclass(frozen=True, slots=True)
class Refusal:
    """A file that could not be used, and why."""

    source: str
    code: str
    reason: str

    def to_dict(self) -> dict[str, str]:
        return {"source": self.source, "code": self.code, "reason": self.reason}


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What an enrolment did: `enrolled` new references, `known` that were there already,
    `forgeries` that the layout names and that are never enrolled, `refused` images and rows of
    manifests that could not be read, `left_out` of the folder that was none of these."""

    enrolled: int
    known: int
    refused: tuple[Refusal, ...]
    forgeries: int = 0
    writers: int = 0
    left_out: tuple[Refusal, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        return {
            "enrolled": self.enrolled,
            "known": self.known,
            "forgeries_left_out": self.forgeries,
            "writers": self.writers,
            "refused": [refusal.to_dict() for refusal in self.refused],
            "left_out": [item.to_dict() for item in self.left_out],
        }


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 4)
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    return value
