"""`sigsearch verify --claims`: many images, each with the writer it is said to be by."""

from __future__ import annotations

from collections import Counter
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from sigsearch.cli.output import (
    ACCEPTED,
    FAILED,
    NOT_ACCEPTED,
    counted,
    line,
    progress,
    sink,
)
from sigsearch.cli.verdicts import show_reasons, show_verdict

if TYPE_CHECKING:
    from concurrent.futures import Future

    from sigsearch.datasets.claims import Claim
    from sigsearch.engine.judge import Rates
    from sigsearch.engine.results import Verification
    from sigsearch.engine.signature_index import SignatureIndex
    from sigsearch.imaging import Signature

_WORDS = ("accepted", "review", "rejected", "errors")


def verify_claims(opened: SignatureIndex, path: Path, rates: Rates) -> int:
    """Answer each claim of a CSV file in turn, and sum up; the exit code."""
    from sigsearch.datasets.claims import read_claims
    from sigsearch.imaging.ahead import ahead, in_turn
    from sigsearch.imaging.crew import Crew

    claims = read_claims(path)
    counts: Counter[str] = Counter()
    with Crew() as crew:
        read = ahead(partial(crew.call, _read), claims)
        # What is logged is decided in its turn: nothing is noted that nobody was told
        spread = in_turn if opened.log else ahead
        answers = spread(partial(_verified, opened, rates), read)
        for (claim, _), answering in progress(answers, "verifying", len(claims)):
            answer = _told(claim, answering)
            counts["errors" if answer is None else answer.verdict.answer] += 1
    summary = {"claims": len(claims), **{word: counts[word] for word in _WORDS}}
    told = ", ".join(f"{counts[word]} {word}" for word in _WORDS)
    text = f"{counted(len(claims), 'claim')}: {told}"
    sink.answer({"summary": summary}, lambda: line(text), among=len(claims) + 1)
    if counts["errors"]:
        return FAILED
    return ACCEPTED if counts["accepted"] == len(claims) else NOT_ACCEPTED


def _read(claim: Claim) -> Signature:
    """Raises ImageError, or DatasetError for a row that is no claim."""
    from sigsearch.documents.intake import signature_from
    from sigsearch.errors import DatasetError

    if claim.fault:
        raise DatasetError(f"{claim.image}: {claim.fault}")
    return signature_from(claim.image)


def _verified(
    opened: SignatureIndex, rates: Rates, read: tuple[Claim, Future[Signature]]
) -> Verification:
    claim, reading = read
    return opened.verify(reading.result(), claim.writer, rates)


def _told(claim: Claim, answering: Future[Verification]) -> Verification | None:
    """What is said of one claim; None where that was an error, which is told."""
    from sigsearch.errors import CalibrationError, DatasetError, ImageError, WriterUnknown

    about = {"line": claim.line, "questioned": str(claim.image), "writer": claim.writer}
    try:
        answer = answering.result()
    except (ImageError, WriterUnknown, DatasetError, CalibrationError) as fault:
        sink.failed(fault.code, f"line {claim.line}: {fault}", **about)
        return None
    document = {"line": claim.line, **answer.to_dict()}
    sink.answer(document, partial(_show, answer), among=2)  # one of several, always
    return answer


def _show(answer: Verification) -> None:
    show_verdict(answer.questioned, answer.verdict, f"{answer.decision} with {answer.writer}")
    show_reasons(answer.questioned, answer.reasons, answer.capped_by)
