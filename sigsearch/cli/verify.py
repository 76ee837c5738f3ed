"""`sigsearch verify`: is it truly theirs?"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sigsearch.cli.keys import KeyOption, key_from
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
    StrengthOption,
)
from sigsearch.cli.output import ACCEPTED, NOT_ACCEPTED, line, sink
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
        str | None, typer.Argument(help="The questioned signature; - reads standard input.")
    ] = None,
    references: Annotated[
        list[str] | None,
        typer.Argument(help="Genuine signatures of one writer, unless you give --writer."),
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

    \b
      sigsearch verify a.png b.png
      sigsearch verify cheque.png anna1.png anna2.png anna3.png
      sigsearch verify cheque.png --writer "Anna Schmidt" --report sheet.pdf --case 26-117
      sigsearch verify --claims claims.csv --json > answers.jsonl
    """
    from sigsearch.engine.judge import Rates

    _refuse_odd(questioned, references, writer, claims, report, log)
    rates = Rates(fmr, fnmr, against, strength)
    sheet = None if report is None else Sheet(report, case_number, examiner, dpi)
    if sheet is not None:  # before a decision is noted that could then not be given
        sheet.refuse_place()
    if questioned is None or writer is not None:
        opened = _opened(index, encoder, key_from(key_file), log, by)
        if questioned is None or writer is None:
            from sigsearch.cli.claims import verify_claims

            with opened:
                raise typer.Exit(verify_claims(opened, Path(str(claims)), rates))
        with opened:
            answer = _against_writer(Questioned.named(questioned), writer, opened, rates, sheet)
    else:
        answer = _against_images(
            Questioned.named(questioned), references or [], encoder, rates, sheet
        )
    against_what = references or [str(writer)]
    one = against_what[0] if len(against_what) == 1 else f"{len(against_what)} references"
    sink.answer(answer, partial(_show, answer, one))
    raise typer.Exit(ACCEPTED if answer.accepted else NOT_ACCEPTED)


def _refuse_odd(
    questioned: str | None,
    references: list[str] | None,
    writer: str | None,
    claims: Path | None,
    report: Path | None,
    log: bool,
) -> None:
    if claims is not None:
        if questioned or writer or report:
            raise Misused("--claims takes no QUESTIONED, no --writer and no --report")
        return
    if questioned is None:
        raise Misused("give QUESTIONED, or --claims")
    if bool(references) == (writer is not None):
        raise Misused("give either REFERENCES or --writer, and not both")
    if log and writer is None:
        raise Misused("--log needs --writer: decisions are logged in an index")


def _opened(
    index: Path, encoder: Path | None, key: bytes | None, log: bool, by: str
) -> SignatureIndex:
    from sigsearch.encoder import Encoder
    from sigsearch.engine.signature_index import SignatureIndex

    model = Encoder.load(encoder)
    return SignatureIndex.open(index, model, read_only=True, key=key, log=log, by=by)


def _against_writer(
    questioned: Questioned, writer: str, opened: SignatureIndex, rates: Rates, sheet: Sheet | None
) -> Verification:
    image = _read(questioned, writer, sheet, opened.encoder)
    examined = opened.examine(image, writer, rates)
    if sheet is not None:
        from sigsearch.report.case import case_against_writer

        sheet.write(case_against_writer(opened, examined, sheet.about, questioned.source))
    return examined.answer


def _against_images(
    questioned: Questioned,
    references: list[str],
    encoder: Path | None,
    rates: Rates,
    sheet: Sheet | None,
) -> Verification:
    from sigsearch.encoder import Encoder
    from sigsearch.engine.pair import examine
    from sigsearch.imaging import read_signature

    opened = Encoder.load(encoder)
    image = _read(questioned, references[0], sheet, opened)
    against = [read_signature(one) for one in references]
    examined = examine(image, against, opened, rates)
    if sheet is not None:
        from sigsearch.report.case import case_against_images

        source = questioned.source
        sheet.write(case_against_images(examined, against, opened, sheet.about, source, references))
    return examined.answer


@dataclass(frozen=True, slots=True)
class Questioned:
    """Standard input is read once, though a sheet looks at the image twice."""

    source: str | bytes
    name: str

    @classmethod
    def named(cls, given: str) -> Questioned:
        from sigsearch.imaging.sources import read_standard_input

        if given == "-":
            return cls(read_standard_input(), "<standard input>")
        return cls(given, given)


def _read(questioned: Questioned, whom: str, sheet: Sheet | None, encoder: Encoder) -> Signature:
    """The signature; where it is refused, the sheet says so before the error does."""
    from sigsearch.errors import ImageError
    from sigsearch.imaging import read_signature

    try:
        return read_signature(questioned.source, questioned.name)
    except ImageError as fault:
        if sheet is not None:
            sheet.write_refusal(questioned.source, questioned.name, whom, fault, encoder)
        raise


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
