"""`sigsearch evaluate --stated-rates`: what the product states, measured on anyone's data."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sigsearch.cli.evaluate_run import counts_of, read_all
from sigsearch.cli.output import line, say, sink, table, working
from sigsearch.errors import DatasetError
from sigsearch.schema import Layout

if TYPE_CHECKING:
    from sigsearch.encoder import Encoder
    from sigsearch.evaluation.figures import Estimate
    from sigsearch.evaluation.stated_rates import StatedRates

FILE = "stated_rates.json"


@dataclass(frozen=True, slots=True)
class StatedOrder:
    """The options of `sigsearch evaluate` that `--stated-rates` takes."""

    data: Sequence[Path]
    layout: Layout
    protocol: str
    encoder: str
    draws: int
    seed: int
    out: Path | None
    cache: Path | None
    fmr: float
    fpir: float
    references: str
    invented: str


def run_stated(order: StatedOrder, command: str) -> None:
    from sigsearch.datasets import Protocol
    from sigsearch.evaluation.provenance import versions
    from sigsearch.evaluation.stated_rates import Asked, measure_stated_rates
    from sigsearch.matching.rates import check_rate

    check_rate(order.fmr)
    check_rate(order.fpir)
    asked = Asked(
        fmr=order.fmr,
        fpir=order.fpir,
        references=counts_of(order.references),
        draws=order.draws,
        invented=counts_of(order.invented, "--invented") if order.invented else (),
        seed=order.seed,
    )
    encoder = encoder_that_states(order.encoder)
    datasets = read_all(order.data, order.layout)
    protocol = Protocol.load(order.protocol)
    with working("measuring") as tell:
        found = measure_stated_rates(datasets, encoder, protocol, asked, order.cache, tell)
    about = {
        "command": command,
        "encoder": encoder.card.id,
        "protocol": protocol.name,
        "draws": order.draws,
        "seed": order.seed,
        "versions": versions(),
    }
    document = {
        "about": about,
        "datasets": [dataset.summary().to_dict() for dataset in datasets],
        **found.to_dict(),
    }
    if order.out is not None:
        order.out.mkdir(parents=True, exist_ok=True)
        text = json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False)
        (order.out / FILE).write_text(text + "\n", encoding="utf-8")
        say(f"stated rates: {order.out / FILE}")
    sink.answer(document, lambda: show(found))
    for note in found.notes:
        say(f"note: {note}")


def encoder_that_states(name: str) -> Encoder:
    """Stated rates are of an encoder with its calibration; other scorers state nothing."""
    from sigsearch.encoder import Encoder
    from sigsearch.evaluation.scorers import SHIPPED

    if name != SHIPPED and not Path(name).is_dir():
        raise DatasetError(
            f"--encoder {name!r} states nothing: give sigsearch or an encoder's folder, "
            "since only what has a calibration states a rate"
        )
    return Encoder.load(None if name == SHIPPED else Path(name))


def show(found: StatedRates) -> None:
    """Tables for people."""
    for title, heads, rows in _tables(found):
        if rows:
            table(heads, rows, title)
    for alarms in found.false_alarms:
        line(
            f"{alarms.set}: {len(alarms.alarms)} of {alarms.pairs} pairs of different genuine "
            "signatures were taken for copies"
        )
        for a, b in alarms.alarms:
            line(f"  {a} and {b}")


def _tables(found: StatedRates) -> list[tuple[str, tuple[str, ...], list[tuple[Any, ...]]]]:
    return [
        (
            "Verification at the stated FMR",
            ("set", "against", "references", "writers", "stated FMR", "FMR", "FNMR", "Cllr", "min"),
            [
                (
                    v.set,
                    v.against,
                    v.references,
                    v.writers,
                    f"{v.stated_fmr:.2%}" + ("" if v.supported else " (beyond the calibration)"),
                    _percent(v.fmr),
                    _percent(v.fnmr),
                    f"{v.cllr:.3f}",
                    f"{v.cllr_min:.3f}",
                )
                for v in found.verification
            ],
        ),
        (
            "Galleries at the stated FPIR",
            ("set", "thresholds from", "writers", "stated FPIR", "FPIR", "single galleries",
             "left unknown", "FNIR", "FMR of claims"),
            [
                (
                    g.set,
                    g.thresholds_from,
                    g.writers,
                    f"{g.stated_fpir:.2%}",
                    _percent(g.fpir),
                    f"{g.lowest:.1%} to {g.highest:.1%}",
                    _percent(g.unknown),
                    _percent(g.fnir),
                    _percent(g.fmr),
                )
                for g in found.galleries
            ],
        ),
        (
            "Thresholds from few writers, tried on the set's other writers",
            ("set", "fitted on", "tried on", "references", "stated FMR", "FMR", "FNMR",
             "FMR by what was seen"),
            [
                (
                    f.set,
                    f.writers,
                    f.others,
                    f.references,
                    f"{f.stated_fmr:.2%}",
                    f"{f.fmr:.2%}",
                    f"{f.fnmr:.2%}",
                    f"{f.fmr_as_seen:.2%}",
                )
                for f in found.few_writers
            ],
        ),
        (
            "Copies of a reference that the copy alarm notices",
            ("set", "copy", "made", "noticed"),
            [(c.set, c.way, c.copies, _percent(c.found)) for c in found.copies],
        ),
        (
            "Swapped labels in the enrolment audit",
            ("set", "references", "swapped", "of these mislabelled", "or inconsistent",
             "others mislabelled", "or inconsistent"),
            [
                (
                    a.set,
                    a.references,
                    a.swapped,
                    a.swapped_mislabelled,
                    a.swapped_inconsistent,
                    a.others_mislabelled,
                    a.others_inconsistent,
                )
                for a in found.audit
            ],
        ),
    ]  # fmt: skip


def _percent(found: Estimate) -> str:
    if found.missing:
        return "-"
    return f"{found.value:.2%} ({found.low:.1%} to {found.high:.1%})"
