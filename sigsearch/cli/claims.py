"""`sigsearch verify --claims`: many images, each with the writer it is said to be by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from sigsearch.cli.apart import Opening, verified
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
    from sigsearch.imaging.crew import Crew

_WORDS = ("accepted", "review", "rejected", "errors")


def verify_claims(
    opened: SignatureIndex, claims: list[Claim], rates: Rates, opening: Opening | None
) -> int:
    """Answer each claim in turn, and sum up; the exit code. With an `opening` other processes
    answer."""
    from sigsearch.imaging.crew import Crew

    counts: Counter[str] = Counter()
    with Crew() if opening is None else Crew(spared=0) as crew:
        answers = _answers(opened, rates, crew, claims, opening)
        for claim, answering in progress(answers, "verifying", len(claims)):
            answer = _told(claim, answering)
            counts["errors" if answer is None else answer.verdict.answer] += 1
    summary = {"claims": len(claims), **{word: counts[word] for word in _WORDS}}
    told = ", ".join(f"{counts[word]} {word}" for word in _WORDS)
    text = f"{counted(len(claims), 'claim')}: {told}"
    sink.answer({"summary": summary}, lambda: line(text), among=len(claims) + 1)
    if counts["errors"]:
        return FAILED
    return ACCEPTED if counts["accepted"] == len(claims) else NOT_ACCEPTED


def _answers(
    opened: SignatureIndex, rates: Rates, crew: Crew, claims: list[Claim], opening: Opening | None
) -> Iterator[tuple[Claim, Future[Verification]]]:
    from sigsearch.imaging.ahead import ahead, in_turn

    if opening is not None:
        answered = partial(crew.call, verified, opening, rates)
        yield from ahead(answered, claims, crew.hands)
        return
    read = ahead(partial(crew.call, signature_of), claims)
    # What is logged is decided in its turn: nothing is noted that nobody was told
    spread = in_turn if opened.log else ahead
    for (claim, _), answering in spread(partial(_verified, opened, rates), read):
        yield claim, answering


def signature_of(claim: Claim) -> Signature:
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
