"""`sigsearch verify`: is it truly theirs?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sigsearch.cli.keys import KeyOption, key_from
from sigsearch.cli.mandate import answer_mandate
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
    SignatureOption,
    StrengthOption,
)
from sigsearch.cli.output import ACCEPTED, NOT_ACCEPTED, line, say, sink
from sigsearch.cli.questioned import tell_several
from sigsearch.cli.verdicts import show_evidence, show_reasons, show_verdict

if TYPE_CHECKING:
    from sigsearch.engine.judge import Rates
    from sigsearch.engine.results import Verification
    from sigsearch.imaging import Signature
    from sigsearch.report.case import Case


def verify(
    questioned: Annotated[
        str,
        typer.Argument(
            help="The questioned signature, or a document that bears one; - reads standard input."
        ),
    ],
    reference: Annotated[
        list[str] | None,
        typer.Argument(
            help="A genuine signature to compare with, unless you give --writer. With --account: "
            "more images that are part of the document.",
            metavar="[REFERENCE]",
        ),
    ] = None,
    writer: Annotated[
        str | None,
        typer.Option("--writer", "-w", help="Compare with the references of this enrolled writer."),
    ] = None,
    account: Annotated[
        str | None,
        typer.Option(help="Ask whether the signatures satisfy the rules of this account."),
    ] = None,
    amount: Annotated[
        str | None, typer.Option(help="With --account: the amount that is signed for.")
    ] = None,
    index: IndexOption = DEFAULT_INDEX,
    fmr: FmrOption = 0.05,
    fnmr: FnmrOption = 0.05,
    signature: SignatureOption = None,
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
    """Ask whether one writer signed QUESTIONED: the writer of REFERENCE, or an enrolled writer
    (--writer).

    The answer is accepted (exit code 0), review or rejected (exit code 1). It comes with its parts:
    match, inconclusive or non_match at the stated rates and strength, and the likelihood ratio. Of
    a document with several signatures each is answered; it is accepted only for the one you choose.

    \b
      sigsearch verify a.png b.png
      sigsearch verify cheque.png --writer "Anna Schmidt" --fmr 0.01 --report sheet.html
      sigsearch verify contract.pdf --signature 2 --writer "Anna Schmidt"
      sigsearch verify cheque.png --account ACME --amount 2500
    """
    from sigsearch.cli.files import PAGE, must_be_writable
    from sigsearch.documents.intake import signatures_in
    from sigsearch.engine.judge import Rates

    references = reference or []
    _refuse_misuse(references, writer, account, amount, report, log)
    rates = Rates(fmr, fnmr, against, strength)
    if account is not None:
        images, key = [questioned, *references], key_from(key_file)
        satisfied = answer_mandate(
            images, account, amount, index, key, encoder, rates, signature, log
        )
        raise typer.Exit(ACCEPTED if satisfied else NOT_ACCEPTED)
    if report is not None:  # before a decision is noted that could then not be given
        must_be_writable(report, PAGE)
    asked = signatures_in(questioned, signature=signature)
    if len(asked) > 1 and report is not None:
        raise Misused(f"{len(asked)} signatures were found; choose one with --signature")
    if writer is not None:
        key = key_from(key_file)
        examined = _against_writer(asked, writer, index, key, encoder, rates, report, log)
    else:
        examined = _against_image(asked, references[0], encoder, rates, report)
    accepted = False
    for answer in examined:
        accepted = answer.accepted
        sink.answer(answer, partial(_show, answer, writer or references[0]), len(asked))
    if len(asked) > 1:
        tell_several(questioned, len(asked))
    raise typer.Exit(ACCEPTED if accepted and len(asked) == 1 else NOT_ACCEPTED)


def _refuse_misuse(
    references: Sequence[str],
    writer: str | None,
    account: str | None,
    amount: str | None,
    report: Path | None,
    log: bool,
) -> None:
    if account is not None:
        if writer is not None or report is not None:
            raise Misused("--account goes neither with --writer nor with --report")
        return
    if amount is not None:
        raise Misused("--amount needs --account")
    if len(references) + (writer is not None) != 1:
        raise Misused("give either REFERENCE or --writer, and not both")
    if log and writer is None:
        raise Misused("--log needs --writer: decisions are logged in an index")


def _against_writer(
    asked: Sequence[Signature],
    writer: str,
    index: Path,
    key: bytes | None,
    encoder: Path | None,
    rates: Rates,
    report: Path | None,
    log: bool,
) -> Iterator[Verification]:
    from sigsearch.encoder import Encoder
    from sigsearch.engine.signature_index import SignatureIndex

    model = Encoder.load(encoder)
    with SignatureIndex.open(index, model, read_only=True, key=key, log=log) as opened:
        for one in asked:
            examined = opened.examine(one, writer, rates)
            if report is not None:
                from sigsearch.report.case import case_against_writer

                _write(report, case_against_writer(opened, examined))
            yield examined.answer


def _against_image(
    asked: Sequence[Signature],
    reference: str,
    encoder: Path | None,
    rates: Rates,
    report: Path | None,
) -> Iterator[Verification]:
    from sigsearch.documents.intake import signature_to_enrol
    from sigsearch.encoder import Encoder
    from sigsearch.engine.pair import examine

    image, opened = signature_to_enrol(reference), Encoder.load(encoder)
    for one in asked:
        examined = examine(one, image, opened, rates)
        if report is not None:
            from sigsearch.report.case import case_against_image

            _write(report, case_against_image(examined, image, opened))
        yield examined.answer


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
