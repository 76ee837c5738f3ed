"""`sigsearch calibrate`: thresholds and likelihood ratios for one's own scans."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sigsearch.cli.options import EncoderOption, FmrOption, FnmrOption, JsonOption

if TYPE_CHECKING:
    from sigsearch.calibrating import Refit, Trial
    from sigsearch.encoder import Encoder


def calibrate(
    data: Annotated[
        Path, typer.Argument(help="Labelled signatures: a folder a writer, a known layout or CSV.")
    ],
    index: Annotated[
        Path | None,
        typer.Option("--index", "-i", help="Keep the calibration in this index, for its answers."),
    ] = None,
    name: Annotated[
        str | None, typer.Option(help="What to call the population in results.")
    ] = None,
    layout: Annotated[str, typer.Option(help="The layout of DATA.")] = "auto",
    fmr: FmrOption = 0.01,
    fnmr: FnmrOption = 0.05,
    encoder: EncoderOption = None,
    json: JsonOption = False,
) -> None:
    """Fit thresholds and likelihood ratios to DATA, without training; show before and after.

    Refuses when writers or specimens are too few for the rates asked for. Without skilled
    forgeries in DATA only answers against other people's signatures change. Nothing is kept
    unless --index is given.

    \b
      sigsearch calibrate scans/
      sigsearch calibrate scans/ --index indexes/mine --fmr 0.005
    """
    from sigsearch.calibrating import refit
    from sigsearch.cli.output import emit, line, say
    from sigsearch.encoder import Encoder
    from sigsearch.engine import CALIBRATION_SETTING, SignatureIndex
    from sigsearch.judge import Judge

    chosen = Encoder.load(encoder)
    trials = _trials(data, layout, chosen)
    if index is None:
        found = refit(trials, Judge.of(chosen).calibrations, name or data.name, fmr, fnmr)
    else:
        with SignatureIndex.open(index, chosen) as opened:
            found = refit(trials, opened.judge.calibrations, name or data.name, fmr, fnmr)
            opened.index.put_setting(CALIBRATION_SETTING, found.calibrations.to_dict())
    if json:
        emit(found.to_dict() | {"index": str(index) if index else None})
        return
    _show(found)
    if index is None:
        say("nothing was kept; give --index to use this calibration")
    else:
        line(f"kept in {index}")


def _trials(data: Path, layout: str, encoder: Encoder) -> list[Trial]:
    from sigsearch.calibrating import read_trials
    from sigsearch.cli.output import say
    from sigsearch.datasets import read_datasets

    datasets = read_datasets(data, layout)
    for dataset in datasets:
        say(str(dataset.summary()))
    return read_trials(datasets, encoder)


def _show(found: Refit) -> None:
    from sigsearch.cli.output import table

    def pair(before: float, after: float) -> str:
        return f"{before:.2%} -> {after:.2%}"

    rows = [
        (
            c.proposition,
            c.references,
            c.writers,
            pair(c.fmr_before, c.fmr_after),
            pair(c.fnmr_before, c.fnmr_after),
            f"{c.cllr_before:.3f} -> {c.cllr_after:.3f}",
        )
        for c in found.changes
    ]
    columns = ("against", "references", "writers", f"FMR ({found.fmr:.2%} asked)", "FNMR", "Cllr")
    table(columns, rows)
