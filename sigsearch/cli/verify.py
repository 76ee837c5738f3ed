"""`sigsearch verify`: is it truly theirs?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sigsearch.cli.keys import KeyOption, key_from
from sigsearch.cli.options import (
    DEFAULT_INDEX,
    AgainstOption,
    AuditOption,
    EncoderOption,
    FmrOption,
    FnmrOption,
    IndexOption,
    JsonOption,
)

if TYPE_CHECKING:
    from sigsearch.engine.judge import Rates
    from sigsearch.engine.results import Verification
    from sigsearch.report.case import Case


def verify(
    questioned: Annotated[str, typer.Argument(help="The questioned signature; - reads stdin.")],
    reference: Annotated[
        str | None, typer.Argument(help="A genuine one to compare with (or name --writer).")
    ] = None,
    writer: Annotated[
        str | None, typer.Option("--writer", "-w", help="Compare with this enrolled writer.")
    ] = None,
    index: IndexOption = DEFAULT_INDEX,
    fmr: FmrOption = 0.05,
    fnmr: FnmrOption = 0.05,
    against: AgainstOption = "skilled",
    report: Annotated[
        Path | None, typer.Option("--report", help="Write an evidence sheet here (HTML).")
    ] = None,
    key_file: KeyOption = None,
    encoder: EncoderOption = None,
    audit: AuditOption = False,
    json: JsonOption = False,
) -> None:
    """Ask whether QUESTIONED is by the hand that wrote REFERENCE, or by an enrolled writer.

    Answers match (exit code 0), inconclusive or non_match (1), with the score, the threshold that
    the stated false match rate asks for, and the likelihood ratio.

    \b
      sigsearch verify a.png b.png
      sigsearch verify cheque.png --writer "Anna Schmidt" --fmr 0.01 --report sheet.html
    """
    from sigsearch.cli.files import PAGE, must_be_writable
    from sigsearch.cli.output import ACCEPTED, NOT_ACCEPTED, emit
    from sigsearch.engine.judge import Rates

    if (reference is None) == (writer is None):
        raise typer.BadParameter("give either a second image or --writer")
    if audit and writer is None:
        raise typer.BadParameter("--audit notes decisions in an index: name a --writer")
    rates = Rates.of(fmr, fnmr, against)
    if report is not None:  # before a decision is noted that could then not be given
        must_be_writable(report, PAGE)
    if writer is not None:
        key = key_from(key_file)
        answer = _against_writer(questioned, writer, index, key, encoder, rates, report, audit)
    else:
        answer = _against_image(questioned, str(reference), encoder, rates, report)
    if json:
        emit(answer.to_dict())
    else:
        _show(answer)
    raise typer.Exit(ACCEPTED if answer.accepted else NOT_ACCEPTED)


def _against_writer(
    questioned: str,
    writer: str,
    index: Path,
    key: bytes | None,
    encoder: Path | None,
    rates: Rates,
    report: Path | None,
    audit: bool,
) -> Verification:
    from sigsearch.encoder import Encoder
    from sigsearch.engine.signature_index import SignatureIndex
    from sigsearch.imaging import read_signature

    image = read_signature(questioned)
    model = Encoder.load(encoder)
    with SignatureIndex.open(index, model, read_only=True, key=key, audit=audit) as opened:
        examined = opened.examine(image, writer, rates)
        if report is not None:
            from sigsearch.report.case import case_against_writer

            _write(report, case_against_writer(opened, examined))
    return examined.answer


def _against_image(
    questioned: str, reference: str, encoder: Path | None, rates: Rates, report: Path | None
) -> Verification:
    from sigsearch.encoder import Encoder
    from sigsearch.engine.pair import examine
    from sigsearch.imaging import read_signature

    images = read_signature(questioned), read_signature(reference)
    opened = Encoder.load(encoder)
    examined = examine(*images, opened, rates)
    if report is not None:
        from sigsearch.report.case import case_against_image

        _write(report, case_against_image(examined, images[1], opened))
    return examined.answer


def _write(report: Path, case: Case) -> None:
    from sigsearch.cli.files import write_page
    from sigsearch.cli.output import say
    from sigsearch.report.evidence import evidence_sheet

    write_page(report, evidence_sheet(case))
    say(f"wrote {report}")


def _show(answer: Verification) -> None:
    from sigsearch.cli.output import line, say, table

    verdict = answer.verdict
    whom = f"{answer.writer}'s hand" if answer.writer else "the same hand"
    line(f"{answer.questioned}: {answer.decision} ({whom})")
    line(
        f"score {answer.score:.2f}, threshold {verdict.threshold:.2f} for a false match rate of "
        f"{verdict.fmr:.2%} against {verdict.against} forgeries; log10 LR {verdict.llr:+.2f}"
    )
    if verdict.threshold_from != verdict.population:
        line(f"that rate is meant among the writers of {verdict.threshold_from}")
    line(
        f"at this threshold {verdict.fnmr_observed.rate:.1%} of genuine signatures were missed "
        f"({verdict.fnmr_observed.low:.1%} to {verdict.fnmr_observed.high:.1%}) on "
        f"{verdict.population}"
    )
    if answer.writer:
        table(("reference", "score"), [(r.source, r.score) for r in answer.references])
    if answer.suspected_copy:
        say(f"warning: {answer.questioned}: suspected copy of {answer.suspected_copy}")
    for reason in answer.reasons:
        capped = ", so no firm decision is given" * (reason.code in answer.capped_by)
        say(f"warning: {answer.questioned}: {reason.code}: {reason.text}{capped}")
