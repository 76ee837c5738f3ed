"""`sigsearch verify`: is it truly theirs?"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sigsearch.cli.keys import KeyOption, key_from
from sigsearch.cli.options import (
    DEFAULT_INDEX,
    AgainstOption,
    EncoderOption,
    FmrOption,
    FnmrOption,
    IndexOption,
    JsonOption,
    LogOption,
    Misused,
    StrengthOption,
)
from sigsearch.cli.output import ACCEPTED, NOT_ACCEPTED, line, say, sink
from sigsearch.cli.verdicts import show_evidence, show_reasons, show_verdict

if TYPE_CHECKING:
    from sigsearch.engine.judge import Rates
    from sigsearch.engine.results import Verification
    from sigsearch.engine.signature_index import SignatureIndex
    from sigsearch.report.case import Case


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
        Path | None, typer.Option("--report", help="Write an evidence sheet (HTML) to this file.")
    ] = None,
    key_file: KeyOption = None,
    encoder: EncoderOption = None,
    log: LogOption = False,
    json: JsonOption = False,
) -> None:
    """Ask whether one writer signed QUESTIONED: the writer of REFERENCES, or an enrolled writer
    (--writer).

    The answer is accepted (exit code 0), review or rejected (exit code 1). It comes with its parts:
    match, inconclusive or non_match at the stated rates and strength, and the likelihood ratio.

    \b
      sigsearch verify a.png b.png
      sigsearch verify cheque.png anna1.png anna2.png anna3.png
      sigsearch verify cheque.png --writer "Anna Schmidt" --fmr 0.01 --report sheet.html
      sigsearch verify --claims claims.csv --json > answers.jsonl
    """
    from sigsearch.cli.files import PAGE, must_be_writable
    from sigsearch.engine.judge import Rates

    _refuse_odd(questioned, references, writer, claims, report, log)
    rates = Rates(fmr, fnmr, against, strength)
    if report is not None:  # before a decision is noted that could then not be given
        must_be_writable(report, PAGE)
    if questioned is None or writer is not None:
        opened = _opened(index, encoder, key_from(key_file), log)
        if questioned is None or writer is None:
            from sigsearch.cli.claims import verify_claims

            with opened:
                raise typer.Exit(verify_claims(opened, Path(str(claims)), rates))
        with opened:
            answer = _against_writer(questioned, writer, opened, rates, report)
    else:
        answer = _against_images(questioned, references or [], encoder, rates, report)
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


def _opened(index: Path, encoder: Path | None, key: bytes | None, log: bool) -> SignatureIndex:
    from sigsearch.encoder import Encoder
    from sigsearch.engine.signature_index import SignatureIndex

    return SignatureIndex.open(index, Encoder.load(encoder), read_only=True, key=key, log=log)


def _against_writer(
    questioned: str, writer: str, opened: SignatureIndex, rates: Rates, report: Path | None
) -> Verification:
    from sigsearch.imaging import read_signature

    examined = opened.examine(read_signature(questioned), writer, rates)
    if report is not None:
        from sigsearch.report.case import case_against_writer

        _write(report, case_against_writer(opened, examined))
    return examined.answer


def _against_images(
    questioned: str,
    references: list[str],
    encoder: Path | None,
    rates: Rates,
    report: Path | None,
) -> Verification:
    from sigsearch.encoder import Encoder
    from sigsearch.engine.pair import examine
    from sigsearch.imaging import read_signature

    image, against = read_signature(questioned), [read_signature(one) for one in references]
    opened = Encoder.load(encoder)
    examined = examine(image, against, opened, rates)
    if report is not None:
        from sigsearch.report.case import case_against_images

        _write(report, case_against_images(examined, against, opened))
    return examined.answer


def _write(report: Path, case: Case) -> None:
    from sigsearch.cli.files import write_page
    from sigsearch.report.evidence import evidence_sheet

    write_page(report, evidence_sheet(case))
    say(f"wrote {report}")


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
