"""`sigsearch calibrate`: thresholds and likelihood ratios for your own scans."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sigsearch.cli.keys import KeyOption, key_from
from sigsearch.cli.options import EncoderOption, JsonOption, LayoutOption, Misused, shown
from sigsearch.cli.output import line, say, sink, table
from sigsearch.schema import Layout

if TYPE_CHECKING:
    from sigsearch.calibration import Refit
    from sigsearch.encoder import Encoder
    from sigsearch.matching.calibration import CalibrationSet
    from sigsearch.matching.population import Population
    from sigsearch.trials.trial import Trial


def calibrate(
    data: Annotated[
        Path | None,
        typer.Argument(help="Labelled signatures: one folder per writer, a known layout, or CSV."),
    ] = None,
    index: Annotated[
        str | None,
        typer.Option(
            "--index",
            "-i",
            metavar="PLACE",
            help="Keep the calibration in this index and use it there.",
        ),
    ] = None,
    name: Annotated[str | None, typer.Option(help="The name of the population in results.")] = None,
    layout: LayoutOption = "auto",
    fmr: Annotated[
        float,
        typer.Option(
            help="False match rate that DATA must support, and at which before and after are "
            "compared (0.01 = 1 %). Not stored: give --fmr to verify."
        ),
    ] = 0.05,
    fnmr: Annotated[
        float,
        typer.Option(help="Share of genuine signatures called non_match. Not stored either."),
    ] = 0.05,
    key_file: KeyOption = None,
    encoder: EncoderOption = None,
    json: JsonOption = False,
) -> None:
    """Fit thresholds and likelihood ratios to your own signatures (DATA). Nothing is trained.

    The table shows the error rates before and after. Too few writers or signatures for the rates
    you ask for are an error. Without skilled forgeries in DATA, only answers against random
    forgeries change.

    With --index the calibration is kept in the index. An --encoder without a calibration gets
    this one in its folder, so use writers that it was not trained on. Otherwise nothing is kept.

    With --index, the index also measures how similar its writers are to one another. The
    thresholds of `query` and of `verify --against random` rest on that. Without DATA, nothing
    else is done. A growing index measures itself.

    \b
      sigsearch calibrate scans/ --fmr 0.01
      sigsearch calibrate scans/ --index indexes/mine
      sigsearch calibrate scans/ --encoder runs/mine/encoder
      sigsearch calibrate --index indexes/mine
    """
    from sigsearch.calibration import first_fit, refit
    from sigsearch.encoder import Encoder
    from sigsearch.engine.judge import keep_calibration
    from sigsearch.engine.signature_index import SignatureIndex

    if data is None and index is None:
        raise Misused("give DATA, --index, or both")
    chosen = Encoder.load(encoder)
    trials = _trials(data, layout, chosen) if data else []
    population = name or (data.name if data else "")
    found = measured = kept = None
    if index is None and (former := _former(chosen)):
        found = refit(trials, former, population, fmr, fnmr)
    elif index is None:
        found = first_fit(trials, chosen.card.id, population, fmr, fnmr)
        kept = keep_calibration(chosen, found.calibrations)
    else:
        with SignatureIndex.open(index, chosen, key=key_from(key_file)) as opened:
            if data:
                found = refit(trials, opened.judge.calibrations, population, fmr, fnmr)
                opened.recalibrate(found.calibrations)
            measured = opened.measure_population()
    sink.answer(
        (found.report().to_dict() if found else {})
        | {"index": shown(index) if index else None, "file": str(kept) if kept else None}
        | {"population": measured.to_dict() if measured else None},
        lambda: _show(found, measured, kept, index),
    )


def _show(
    found: Refit | None, measured: Population | None, file: Path | None, index: str | None
) -> None:
    if found:
        _show_changes(found)
    if index is not None:
        _show_population(measured)
    if file or index:
        line(f"kept in {file or shown(index or '')}")
    else:
        say("this calibration was not kept; give --index to keep it in an index")


def _former(encoder: Encoder) -> CalibrationSet | None:
    """The encoder's calibration, or None where there is none that it could be used with."""
    from sigsearch.engine.judge import calibration_of
    from sigsearch.errors import CalibrationError

    try:
        return calibration_of(encoder)
    except CalibrationError:
        return None


def _trials(data: Path, layout: Layout, encoder: Encoder) -> list[Trial]:
    from sigsearch.calibration import read_trials
    from sigsearch.datasets import read_datasets

    datasets = read_datasets(data, layout)
    for dataset in datasets:
        say(str(dataset.summary()))
    return read_trials(datasets, encoder)


def _show_changes(found: Refit) -> None:
    def pair(before: float | None, after: float, form: str = ".2%") -> str:
        return f"{'-' if before is None else format(before, form)} -> {after:{form}}"

    rows = [
        (
            c.proposition,
            c.reference_count,
            c.writer_count,
            pair(c.fmr_before, c.fmr_after),
            pair(c.fnmr_before, c.fnmr_after),
            pair(c.cllr_before, c.cllr_after, ".3f"),
        )
        for c in found.changes
    ]
    rate = f"FMR (asked: {100 * found.fmr:g}%)"
    table(("against", "references", "writers", rate, "FNMR", "Cllr"), rows)


def _show_population(measured: Population | None) -> None:
    """What the thresholds of `query` rest on, at its default rate."""
    from sigsearch.matching.gallery import DEFAULT_FPIR

    if measured is None:
        line("the index has too few writers to measure how similar they are")
        return
    line(measured.name)
    missed = measured.fnir(measured.rarity_for_fpir(DEFAULT_FPIR, measured.writer_count))
    if missed is not None:
        line(
            f"if {DEFAULT_FPIR:.0%} of strangers may be given a name, about {missed:.0%} of the "
            "enrolled writers' signatures stay unknown"
        )
