"""`sigsearch calibrate`: thresholds and likelihood ratios for one's own scans."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sigsearch.cli.keys import KeyOption, key_from
from sigsearch.cli.options import EncoderOption, JsonOption

if TYPE_CHECKING:
    from sigsearch.calibration import Refit
    from sigsearch.encoder import Encoder
    from sigsearch.matching.calibration import CalibrationSet
    from sigsearch.matching.population import Population
    from sigsearch.trials.trial import Trial


def calibrate(
    data: Annotated[
        Path | None,
        typer.Argument(help="Labelled signatures: a folder a writer, a known layout or CSV."),
    ] = None,
    index: Annotated[
        Path | None,
        typer.Option("--index", "-i", help="Keep the calibration in this index, for its answers."),
    ] = None,
    name: Annotated[
        str | None, typer.Option(help="What to call the population in results.")
    ] = None,
    layout: Annotated[str, typer.Option(help="The layout of DATA.")] = "auto",
    fmr: Annotated[
        float,
        typer.Option(
            help="False match rate that DATA must be enough for, and at which before and after are "
            "shown (0.01 = 1 %). Not stored: give --fmr to verify."
        ),
    ] = 0.05,
    fnmr: Annotated[
        float,
        typer.Option(help="Share of genuine signatures called non_match; likewise, not stored."),
    ] = 0.05,
    key_file: KeyOption = None,
    encoder: EncoderOption = None,
    json: JsonOption = False,
) -> None:
    """Fit thresholds and likelihood ratios to DATA, without training; show before and after.

    Refuses when writers or specimens are too few for the rates asked for. Without skilled
    forgeries in DATA only answers against other people's signatures change. Nothing is kept
    unless --index is given, or the --encoder has no calibration that fits it: then it gets this
    one into its folder, so DATA should be of writers that it was not trained on.

    With --index the index is also asked how near its own writers come to one another, on which
    the thresholds of `query`, and of `verify --against random`, rest; without DATA that is all.
    It happens by itself as the index grows by enrolment.

    \b
      sigsearch calibrate scans/ --fmr 0.01
      sigsearch calibrate scans/ --index indexes/mine
      sigsearch calibrate scans/ --encoder runs/mine/encoder
      sigsearch calibrate --index indexes/mine
    """
    from sigsearch.calibration import first_fit, refit
    from sigsearch.cli.output import emit, line, say
    from sigsearch.encoder import Encoder
    from sigsearch.engine.judge import keep_calibration
    from sigsearch.engine.signature_index import SignatureIndex

    if data is None and index is None:
        raise typer.BadParameter("give DATA, an --index, or both")
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
    if json:
        emit(
            (found.to_dict() if found else {})
            | {"index": str(index) if index else None, "file": str(kept) if kept else None}
            | {"population": measured.to_dict() if measured else None}
        )
        return
    if found:
        _show(found)
    if kept:
        line(f"kept in {kept}")
        return
    if index is None:
        say("nothing was kept; give --index to use this calibration")
        return
    if measured:
        _tell(measured)
    else:
        line("too few writers to tell how near they come to one another")
    line(f"kept in {index}")


def _former(encoder: Encoder) -> CalibrationSet | None:
    """The encoder's calibration, or None where there is none that it could be used with."""
    from sigsearch.engine.judge import calibration_of
    from sigsearch.errors import CalibrationError

    try:
        return calibration_of(encoder)
    except CalibrationError:
        return None


def _trials(data: Path, layout: str, encoder: Encoder) -> list[Trial]:
    from sigsearch.calibration import read_trials
    from sigsearch.cli.output import say
    from sigsearch.datasets import read_datasets

    datasets = read_datasets(data, layout)
    for dataset in datasets:
        say(str(dataset.summary()))
    return read_trials(datasets, encoder)


def _show(found: Refit) -> None:
    from sigsearch.cli.output import table

    def pair(before: float | None, after: float, form: str = ".2%") -> str:
        return f"{'-' if before is None else format(before, form)} -> {after:{form}}"

    rows = [
        (
            c.proposition,
            c.references,
            c.writers,
            pair(c.fmr_before, c.fmr_after),
            pair(c.fnmr_before, c.fnmr_after),
            pair(c.cllr_before, c.cllr_after, ".3f"),
        )
        for c in found.changes
    ]
    columns = ("against", "references", "writers", f"FMR ({found.fmr:.2%} asked)", "FNMR", "Cllr")
    table(columns, rows)


def _tell(measured: Population) -> None:
    """What the thresholds of `query` rest on, at its default rate."""
    from sigsearch.cli.output import line
    from sigsearch.matching.gallery import DEFAULT_FPIR

    line(measured.name)
    missed = measured.fnir(measured.fmr_for_fpir(DEFAULT_FPIR, measured.writers))
    if missed is not None:
        line(
            f"where {DEFAULT_FPIR:.0%} of strangers may be given a name, about {missed:.0%} of the "
            "enrolled writers' signatures stay unknown"
        )
