"""What the four verbs answer. The fields are those of the JSON; docs/results.md explains them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from sigsearch.engine.verdict import Verdict
from sigsearch.matching.decision import Decision, Evidence
from sigsearch.matching.reasons import Reason
from sigsearch.schema import Jsonable, places


class Answer(Jsonable):
    """True where the verdict is `accepted`."""

    __slots__ = ()
    verdict: Verdict

    def __bool__(self) -> bool:
        return self.accepted

    @property
    def accepted(self) -> bool:
        return self.verdict.accepted


@dataclass(frozen=True, slots=True)
class ReferenceScore(Jsonable):
    """One reference of the writer: where it came from and its pair score (higher = closer)."""

    source: str
    score: float


@dataclass(frozen=True, slots=True)
class Verification(Answer):
    """Is it theirs? `verdict`: the one answer, of which the rest are the parts; `references` in
    order of enrolment, `best_reference` the source of the closest; `model` is the encoder's id;
    `warnings` concern the image's quality, and `suspected_copy` names the reference of which the
    questioned image seems to be a copy. `reasons`: what was noticed that bears on the decision;
    `capped_by`: the codes of those for which the decision is `inconclusive` although the score is
    not. `page`, `box` (x, y, width, height): where on a document it was found; a crop has no
    box."""

    questioned: str
    writer: str | None
    verdict: Verdict
    decision: Decision
    score: float
    threshold: float
    references: tuple[ReferenceScore, ...]
    best_reference: str
    evidence: Evidence
    suspected_copy: str | None
    model: str
    warnings: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()
    capped_by: tuple[str, ...] = ()
    page: int = 1
    box: tuple[int, int, int, int] | None = None


@dataclass(frozen=True, slots=True)
class Candidate(Jsonable):
    """A writer who may have signed: score (as a search fuses, higher = closer; a verification has
    another) against the threshold that keeps the gallery's false positives at the stated rate; llr:
    log10 likelihood ratio against somebody else's signature; verification: the decision of `verify`
    for this writer; None where the calibration supports none, and for all but the best also where a
    first look speaks against the writer."""

    writer: str
    rank: int
    score: float
    threshold: float
    llr: float = field(metadata=places(3))
    reference_count: int
    verification: Decision | None


@dataclass(frozen=True, slots=True)
class Gallery(Jsonable):
    """What was searched: `fpir` is the stated false positive rate over all `writer_count` writers,
    among strangers like those of `threshold_from`; `extrapolated` when it lies beyond what was
    observed; `fnir` the share of signatures by enrolled writers that would stay unknown, None where
    the index has not measured itself."""

    writer_count: int
    fpir: float = field(metadata=places(None))
    extrapolated: bool
    threshold_from: str
    fnir: float | None = None


@dataclass(frozen=True, slots=True)
class Identification(Answer):
    """Who signed? `verdict`: the one answer, of which the rest are the parts. Candidates best
    first, one per writer. `identified` when the best one reaches its threshold; then `writer` is
    its name, otherwise None. `verification`: what `verify` says of the best one, None where the
    calibration cannot tell; with metadata to search for, of the references that have it. `reasons`:
    what was noticed that bears on the decision; `capped_by`: the codes of those for which the best
    candidate is not `identified` although the score would do. `page`, `box` (x, y, width, height):
    where on a document it was found; no box for a crop."""

    questioned: str
    verdict: Verdict
    decision: Literal["identified", "unknown"]
    writer: str | None
    verification: Verification | None
    candidates: tuple[Candidate, ...]
    gallery: Gallery
    model: str
    warnings: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()
    capped_by: tuple[str, ...] = ()
    page: int = 1
    box: tuple[int, int, int, int] | None = None


@dataclass(frozen=True, slots=True)
class Refusal(Jsonable):
    """A file that could not be used, and why."""

    source: str
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Enrolment(Jsonable):
    """What an enrolment did: `enrolled` new references, `known` that were there already,
    `forgeries_left_out`, those that the layout names, which are never enrolled, `refused` images
    and rows of manifests that could not be read, `left_out` what else lay in the folder,
    `elsewhere` images that were enrolled although another writer has them already."""

    enrolled: int
    known: int
    forgeries_left_out: int
    writer_count: int
    refused: tuple[Refusal, ...]
    left_out: tuple[Refusal, ...] = ()
    elsewhere: tuple[Refusal, ...] = ()
