"""What the service answers besides the engine's own results."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sigsearch.engine.mandates import MandateAnswer
from sigsearch.engine.results import Identification, Refusal, Verification
from sigsearch.index.records import Writer
from sigsearch.schema import Jsonable


@dataclass(frozen=True, slots=True)
class Verified(Jsonable):
    """`evidence`: where the sheet is, /v1/evidence/{id}; null if nothing is kept."""

    answer: Verification
    evidence: str | None


@dataclass(frozen=True, slots=True)
class Identified(Jsonable):
    """`evidence`: where the sheet is, /v1/evidence/{id}; null if nothing is kept."""

    answer: Identification
    evidence: str | None


@dataclass(frozen=True, slots=True)
class MandateChecked(Jsonable):
    """`evidence`: where the answer is kept; null if nothing is kept."""

    answer: MandateAnswer
    evidence: str | None


@dataclass(frozen=True, slots=True)
class Fault(Jsonable):
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class BatchLine(Jsonable):
    """One line of a batch: an answer, or the error in its place."""

    questioned: str
    answer: Identification | None
    evidence: str | None
    error: Fault | None


@dataclass(frozen=True, slots=True)
class EnrolmentReport(Jsonable):
    """What an enrolment did; `generation`: the generation of the index after it."""

    writer: str
    enrolled: int
    known: int
    refused: tuple[Refusal, ...]
    elsewhere: tuple[Refusal, ...]
    generation: int


@dataclass(frozen=True, slots=True)
class EnrolledReference(Jsonable):
    """A reference; number: from 1, in order of enrolment; id: its SHA-256."""

    number: int
    id: str
    source: str
    metadata: dict[str, str]
    warnings: tuple[str, ...]
    enrolled_at: str


@dataclass(frozen=True, slots=True)
class EnrolledWriter(Jsonable):
    name: str
    references: tuple[EnrolledReference, ...]


@dataclass(frozen=True, slots=True)
class WriterPage(Jsonable):
    """Writers in order of enrolment; `next`: the cursor of the next page, null on the last."""

    writers: tuple[Writer, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class Removed(Jsonable):
    """How many references were removed."""

    writer: str
    removed: int


@dataclass(frozen=True, slots=True)
class ListedJob(Jsonable):
    """A job. done of total: its progress. at, ended_at: in seconds since 1970. report: its result.
    An enrolment reports how many images were `enrolled` or `known` and which were `refused`, an
    erasure its `receipt`, a job that failed its `error`."""

    id: str
    kind: str
    person: str
    state: str
    done: int
    total: int | None
    report: dict[str, Any] | None
    at: float
    ended_at: float | None


@dataclass(frozen=True, slots=True)
class Account(Jsonable):
    name: str
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Health(Jsonable):
    status: str


@dataclass(frozen=True, slots=True)
class ProblemDetails(Jsonable):
    """RFC 9457; `code` is that of the list of errors."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    receipt: dict[str, Any] | None = None
