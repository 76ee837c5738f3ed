"""`sigsearch verify`: is it truly theirs?"""

from __future__ import annotations

from collections.abc import Sequence
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
            help="The questioned signature, or a document that contains one; - reads standard "
            "input."
        ),
    ] = None,
    references: Annotated[
        list[str] | None,
        typer.Argument(
            help="Genuine signatures of one writer, unless you give --writer. With --account: more "
            "images that belong to QUESTIONED."
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
        typer.Option(help="Ask whether the signatures satisfy a rule of this account."),
    ] = None,
    amount: Annotated[
        str | None,
        typer.Option(help="With --account: the amount signed for, such as 2500 or 10,000.50."),
    ] = None,
    signature: SignatureOption = None,
    index: IndexOption = DEFAULT_INDEX,
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
    match, inconclusive or non_match at the stated rates and strength, and the likelihood ratio.
    Each signature on a document gets an answer, but a document with several is accepted only for
    the signature you choose.

    \b
      sigsearch verify a.png b.png
      sigsearch verify cheque.png anna1.png anna2.png anna3.png
      sigsearch verify cheque.png --writer "Anna Schmidt" --report sheet.pdf --case 26-117
      sigsearch verify contract.pdf --signature 2 --writer "Anna Schmidt"
      sigsearch verify cheque.png --account ACME --amount 2500
      sigsearch verify --claims claims.csv --json > answers.jsonl
    """
    from sigsearch.engine.judge import Rates

    if account is None:
        _refuse_odd(questioned, references, writer, claims, report, log, amount, signature)
    rates, key = Rates(fmr, fnmr, against, strength), key_from(key_file)
    if account is not None:
        images = [*([questioned] if questioned else []), *(references or [])]
        if not images or writer or claims or report:
            raise Misused("--account takes images, and no --writer, --claims or --report")
        opened = _opened(index, encoder, key, log, by)
        satisfied = answer_mandate(images, account, amount, opened, rates, signature)
        raise typer.Exit(ACCEPTED if satisfied else NOT_ACCEPTED)
    sheet = None if report is None else Sheet(report, case_number, examiner, dpi)
    if sheet is not None:  # before a decision is noted that could then not be given
        sheet.refuse_place()
    if questioned is None or writer is not None:
        opened = _opened(index, encoder, key, log, by)
        if questioned is None or writer is None:
            from sigsearch.cli.apart import opening_of
            from sigsearch.cli.claims import verify_claims
            from sigsearch.datasets.claims import read_claims

            with opened:
                all_of_them = read_claims(Path(str(claims)))
                opening = opening_of(index, encoder, key, len(all_of_them), log)
                raise typer.Exit(verify_claims(opened, all_of_them, rates, opening))
        with opened:
            given = Given.named(questioned)
            asked = _read(given, signature, writer, sheet, opened.encoder)
            source = given.source
            answers = [_against_writer(one, source, writer, opened, rates, sheet) for one in asked]
    else:
        given, compared, model = Given.named(questioned), references or [], _encoder(encoder)
        asked = _read(given, signature, compared[0], sheet, model)
        answers = _against_images(asked, given.source, compared, model, rates, sheet)
    against_what = references or [str(writer)]
    whom = against_what[0] if len(against_what) == 1 else f"{len(against_what)} references"
    for answer in answers:
        sink.answer(answer, partial(_show, answer, whom), among=len(answers))
    if len(answers) > 1:
        tell_several(str(questioned), len(answers))
    alone = len(answers) == 1
    raise typer.Exit(ACCEPTED if alone and answers[0].accepted else NOT_ACCEPTED)


def _refuse_odd(
    questioned: str | None,
    references: list[str] | None,
    writer: str | None,
    claims: Path | None,
    report: Path | None,
    log: bool,
    amount: str | None,
    signature: int | None,
) -> None:
    if amount is not None:
        raise Misused("--amount needs --account")
    if claims is not None:
        if questioned or writer or report:
            raise Misused("--claims takes no QUESTIONED, no --writer and no --report")
        if signature is not None:
            raise Misused("--claims takes no --signature: add #signature=N to the paths in it")
        return
    if questioned is None:
        raise Misused("give QUESTIONED, or --claims")
    if bool(references) == (writer is not None):
        raise Misused("give either REFERENCES or --writer, and not both")
    if log and writer is None:
        raise Misused("--log needs --writer: decisions are logged in an index")


def _encoder(folder: Path | None) -> Encoder:
    from sigsearch.encoder import Encoder

    return Encoder.load(folder)


def _opened(
    index: str, encoder: Path | None, key: bytes | None, log: bool, by: str
) -> SignatureIndex:
    from sigsearch.engine.signature_index import SignatureIndex

    model = _encoder(encoder)
    return SignatureIndex.open(index, model, read_only=True, key=key, log=log, by=by)


def _against_writer(
    asked: Signature,
    source: str | bytes,
    writer: str,
    opened: SignatureIndex,
    rates: Rates,
    sheet: Sheet | None,
) -> Verification:
    examined = opened.examine(asked, writer, rates)
    if sheet is not None:
        from sigsearch.report.case import case_against_writer

        sheet.write(case_against_writer(opened, examined, sheet.about, source))
    return examined.answer


def _against_images(
    asked: Sequence[Signature],
    source: str | bytes,
    references: list[str],
    encoder: Encoder,
    rates: Rates,
    sheet: Sheet | None,
) -> list[Verification]:
    from sigsearch.documents.intake import signature_to_enrol
    from sigsearch.engine.pair import examine

    against, answers = [signature_to_enrol(one) for one in references], []
    for one in asked:
        examined = examine(one, against, encoder, rates)
        answers.append(examined.answer)
        if sheet is not None:
            from sigsearch.report.case import case_against_images

            about = sheet.about
            sheet.write(case_against_images(examined, against, encoder, about, source, references))
    return answers


@dataclass(frozen=True, slots=True)
class Given:
    """Standard input is read once, though a sheet looks at the image twice."""

    source: str | bytes
    name: str | None

    @classmethod
    def named(cls, given: str) -> Given:
        from sigsearch.imaging.sources import read_standard_input

        if given == "-":
            return cls(read_standard_input(), "<standard input>")
        return cls(given, None)


def _read(
    questioned: Given, number: int | None, whom: str, sheet: Sheet | None, encoder: Encoder
) -> list[Signature]:
    """The signatures; where they are refused, the sheet says so before the error does."""
    from sigsearch.documents.intake import signatures_in
    from sigsearch.errors import ImageError

    source = questioned.source
    try:
        found = signatures_in(source, questioned.name, number)
    except ImageError as fault:
        if sheet is not None:
            name = questioned.name or str(source)
            sheet.write_refusal(source, name, whom, fault, encoder)
        raise
    if len(found) > 1 and sheet is not None:
        raise Misused(f"{len(found)} signatures were found; choose one with --signature")
    return found


def _show(answer: Verification, whom: str) -> None:
    evidence = answer.evidence
    show_verdict(answer.questioned, answer.verdict, f"{answer.decision} with {whom}")
    show_evidence(answer)
    if evidence.threshold_from != evidence.calibrated_on:
        line(f"this rate holds among the writers of {evidence.threshold_from}")
    passed, missed = evidence.fmr_observed, evidence.fnmr_observed
    line(
        f"at this threshold, {passed.rate:.1%} of the forgeries of the calibration writers matched "
        f"(95 % interval {passed.low:.1%} to {passed.high:.1%}), and {missed.rate:.1%} of their "
        f"genuine signatures did not ({missed.low:.1%} to {missed.high:.1%})"
    )
    line(f"closest reference: {answer.best_reference}")
    show_reasons(answer.questioned, answer.reasons, answer.capped_by)
