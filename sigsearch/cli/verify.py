"""`sigsearch verify`: is it truly theirs?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sigsearch.cli.keys import KeyOption, key_from
from sigsearch.cli.mandate import answer_mandate
from sigsearch.cli.options import (
    DEFAULT_INDEX,
    AgainstOption,
    ByOption,
    EncoderOption,
    FmrOption,
    FnmrOption,
    IndexOption,
    JsonOption,
    LogOption,
    Misused,
    SignatureOption,
    StrengthOption,
)
from sigsearch.cli.output import ACCEPTED, NOT_ACCEPTED, line, sink
from sigsearch.cli.questioned import tell_several
from sigsearch.cli.sheets import Sheet
from sigsearch.cli.verdicts import show_evidence, show_reasons, show_verdict

if TYPE_CHECKING:
    from sigsearch.encoder import Encoder
    from sigsearch.engine.judge import Rates
    from sigsearch.engine.results import Verification
    from sigsearch.engine.signature_index import SignatureIndex
    from sigsearch.imaging import Signature


def verify(
    questioned: Annotated[
        str | None,
        typer.Argument(
            help="The questioned signature, or a document that bears one; - reads standard input."
        ),
    ] = None,
    references: Annotated[
        list[str] | None,
        typer.Argument(
            help="Genuine signatures of one writer, unless you give --writer. With --account: more "
            "images that are part of the document."
        ),
    ] = None,
    writer: Annotated[
        str | None,
        typer.Option("--writer", "-w", help="Compare with the references of this enrolled writer."),
    ] = None,
    claims: Annotated[
        Path | None,
        typer.Option(
            help="A CSV file with the columns image,writer: verify each image against the enrolled "
            "writer. --json prints one object per line, and a summary."
        ),
    ] = None,
    account: Annotated[
        str | None,
        typer.Option(help="Ask whether the signatures satisfy the rules of this account."),
    ] = None,
    amount: Annotated[
        str | None, typer.Option(help="With --account: the amount that is signed for.")
    ] = None,
    index: IndexOption = DEFAULT_INDEX,
    signature: SignatureOption = None,
    fmr: FmrOption = 0.05,
    fnmr: FnmrOption = 0.05,
    strength: StrengthOption = 2.0,
    against: AgainstOption = "skilled",
    report: Annotated[
        Path | None,
        typer.Option("--report", help="Write an evidence sheet to this file: .pdf or .html."),
    ] = None,
    case_number: Annotated[
        str, typer.Option("--case", help="The case number, for the evidence sheet.")
    ] = "",
    examiner: Annotated[str, typer.Option(help="The examiner, for the evidence sheet.")] = "",
    dpi: Annotated[
        float | None,
        typer.Option(
            min=50,
            max=2400,
            help="Resolution of scans that do not state it, for the sheet's scale.",
        ),
    ] = None,
    key_file: KeyOption = None,
    encoder: EncoderOption = None,
    log: LogOption = False,
    by: ByOption = "",
    json: JsonOption = False,
) -> None:
    """Ask whether one writer signed QUESTIONED: the writer of REFERENCES, or an enrolled writer
    (--writer).

    The answer is accepted (exit code 0), review or rejected (exit code 1). It comes with its parts:
    match, inconclusive or non_match at the stated rates and strength, and the likelihood ratio. Of
    a document with several signatures each is answered; it is accepted only for the one you choose.

    \b
      sigsearch verify a.png b.png
      sigsearch verify cheque.png anna1.png anna2.png anna3.png
      sigsearch verify cheque.png --writer "Anna Schmidt" --report sheet.pdf --case 26-117
      sigsearch verify contract.pdf --signature 2 --writer "Anna Schmidt"
      sigsearch verify cheque.png --account ACME --amount 2500
      sigsearch verify --claims claims.csv --json > answers.jsonl
    """
    from sigsearch.encoder import Encoder
    from sigsearch.engine.judge import Rates

    _refuse_odd(questioned, references, writer, claims, account, amount, report, log)
    rates, key = Rates(fmr, fnmr, against, strength), key_from(key_file)
    if questioned is not None and account is not None:
        images = [questioned, *(references or [])]
        satisfied = answer_mandate(
            images, account, amount, index, key, encoder, rates, signature, log
        )
        raise typer.Exit(ACCEPTED if satisfied else NOT_ACCEPTED)
    sheet = None if report is None else Sheet(report, case_number, examiner, dpi)
    if sheet is not None:  # before a decision is noted that could then not be given
        sheet.refuse_place()
    model = Encoder.load(encoder)
    if questioned is None:
        from sigsearch.cli.claims import verify_claims

        with _opened(index, model, key, log, by) as opened:
            raise typer.Exit(verify_claims(opened, Path(str(claims)), rates))
    given = Given.named(questioned)
    whom = writer or (references or [""])[0]
    asked = _read(given, signature, whom, sheet, model)
    if writer is not None:
        with _opened(index, model, key, log, by) as opened:
            answers = _against_writer(given, asked, writer, opened, rates, sheet)
            raise typer.Exit(_tell(given, answers, writer, len(asked)))
    answers = _against_images(given, asked, references or [], model, rates, sheet)
    several = len(references or []) > 1
    whom = f"{len(references or [])} references" if several else whom
    raise typer.Exit(_tell(given, answers, whom, len(asked)))


def _refuse_odd(
    questioned: str | None,
    references: list[str] | None,
    writer: str | None,
    claims: Path | None,
    account: str | None,
    amount: str | None,
    report: Path | None,
    log: bool,
) -> None:
    if amount is not None and account is None:
        raise Misused("--amount needs --account")
    if claims is not None:
        if questioned or writer or report or account:
            raise Misused("--claims takes no QUESTIONED, no --writer, --account or --report")
        return
    if questioned is None:
        raise Misused("give QUESTIONED, or --claims")
    if account is not None:
        if writer is not None or report is not None:
            raise Misused("--account goes neither with --writer nor with --report")
        return
    if bool(references) == (writer is not None):
        raise Misused("give either REFERENCES or --writer, and not both")
    if log and writer is None:
        raise Misused("--log needs --writer: decisions are logged in an index")


def _opened(index: Path, model: Encoder, key: bytes | None, log: bool, by: str) -> SignatureIndex:
    from sigsearch.engine.signature_index import SignatureIndex

    return SignatureIndex.open(index, model, read_only=True, key=key, log=log, by=by)


def _tell(given: Given, answers: Iterator[Verification], whom: str, count: int) -> int:
    """Each answer as it comes; the exit code."""
    accepted = False
    for answer in answers:
        accepted = answer.accepted
        sink.answer(answer, partial(_show, answer, whom), count)
    if count > 1:
        tell_several(given.name, count)
    return ACCEPTED if accepted and count == 1 else NOT_ACCEPTED


def _against_writer(
    given: Given,
    asked: Sequence[Signature],
    writer: str,
    opened: SignatureIndex,
    rates: Rates,
    sheet: Sheet | None,
) -> Iterator[Verification]:
    for one in asked:
        examined = opened.examine(one, writer, rates)
        if sheet is not None:
            from sigsearch.report.case import case_against_writer

            sheet.write(case_against_writer(opened, examined, sheet.about, given.source))
        yield examined.answer


def _against_images(
    given: Given,
    asked: Sequence[Signature],
    references: Sequence[str],
    model: Encoder,
    rates: Rates,
    sheet: Sheet | None,
) -> Iterator[Verification]:
    from sigsearch.documents.intake import signature_to_enrol
    from sigsearch.engine.pair import examine

    against = [signature_to_enrol(one) for one in references]
    for one in asked:
        examined = examine(one, against, model, rates)
        if sheet is not None:
            from sigsearch.report.case import case_against_images

            about, source = sheet.about, given.source
            sheet.write(case_against_images(examined, against, model, about, source, references))
        yield examined.answer


@dataclass(frozen=True, slots=True)
class Given:
    """Standard input is read once, though a sheet looks at the image twice."""

    source: str | bytes
    name: str

    @classmethod
    def named(cls, given: str) -> Given:
        from sigsearch.imaging.sources import read_standard_input

        if given == "-":
            return cls(read_standard_input(), "<standard input>")
        return cls(given, given)


def _read(
    given: Given, signature: int | None, whom: str, sheet: Sheet | None, model: Encoder
) -> list[Signature]:
    """The signatures that are asked about; where the image is refused, the sheet says so before the
    error does."""
    from sigsearch.documents.intake import signatures_in
    from sigsearch.errors import ImageError

    name = given.name if isinstance(given.source, bytes) else None
    try:
        asked = signatures_in(given.source, name, signature)
    except ImageError as fault:
        if sheet is not None:
            sheet.write_refusal(given.source, given.name, whom, fault, model)
        raise
    if len(asked) > 1 and sheet is not None:
        raise Misused(f"{len(asked)} signatures were found; choose one with --signature")
    return asked


def _show(answer: Verification, whom: str) -> None:
    evidence = answer.evidence
    show_verdict(answer.questioned, answer.verdict, f"{answer.decision} with {whom}")
    show_evidence(answer)
    if evidence.threshold_from != evidence.calibrated_on:
        line(f"this rate holds among the writers of {evidence.threshold_from}")
    missed = evidence.fnmr_observed
    line(
        f"{missed.rate:.1%} of the calibration writers' genuine signatures did not match so "
        f"(95 % interval {missed.low:.1%} to {missed.high:.1%})"
    )
    line(f"closest reference: {answer.best_reference}")
    show_reasons(answer.questioned, answer.reasons, answer.capped_by)
