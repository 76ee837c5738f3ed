"""What `evaluate` does between its options and its output."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sigsearch.cli.output import say, working
from sigsearch.errors import DatasetError
from sigsearch.schema import Layout

if TYPE_CHECKING:
    from sigsearch.datasets import Dataset
    from sigsearch.evaluation.figures import Figures
    from sigsearch.evaluation.scorers import Scorer
    from sigsearch.evaluation.session import Run


@dataclass(frozen=True, slots=True)
class EvaluationOrder:
    """The options of `sigsearch evaluate`."""

    data: Sequence[Path]
    layout: Layout
    protocol: str
    references: str
    encoder: str
    peers: str
    draws: int
    seed: int
    out: Path | None
    card: bool
    cache: Path | None


@dataclass(frozen=True, slots=True)
class Finished:
    figures: Figures
    about: dict[str, Any]
    run: Run


def run_order(order: EvaluationOrder, command: str) -> Finished:
    """Evaluate, and write what was asked for, raw scores before figures are made; `command` is what
    was typed."""
    from sigsearch.datasets import Protocol
    from sigsearch.evaluation.combining import combine_trivial
    from sigsearch.evaluation.figures import derive
    from sigsearch.evaluation.provenance import provenance
    from sigsearch.evaluation.session import evaluate
    from sigsearch.evaluation.written import write_raw
    from sigsearch.report.evaluation import write_report
    from sigsearch.trials.drawing import TrialPlan

    plan = TrialPlan(references=counts_of(order.references), draws=order.draws, seed=order.seed)
    scorers, datasets = _scorers(order), read_all(order.data, order.layout)
    protocol = Protocol.load(order.protocol)
    with working("evaluating") as tell:
        run = evaluate(datasets, scorers, protocol, plan, order.cache, tell)
    if order.out is not None:
        write_raw(run, order.out)
    figures = derive(combine_trivial(run.scores), run.searches)
    about = provenance(run, command)
    if order.out is not None:
        write_report(figures, about, order.out, run)
        say(f"report: {order.out / 'report.html'}")
    if order.card:
        _write_card(order, figures, run)
    return Finished(figures, about, run)


def counts_of(text: str, option: str = "--references") -> tuple[int, ...]:
    try:
        counts = tuple(sorted({int(part) for part in text.split(",")}))
    except ValueError:
        counts = ()
    if not counts or counts[0] < 1:
        raise DatasetError(f"{option} {text!r}: give numbers of at least 1, such as 1,3,5,8")
    return counts


def read_all(paths: Sequence[Path], layout: Layout) -> list[Dataset]:
    from sigsearch.datasets import read_datasets

    found = [dataset for path in paths for dataset in read_datasets(path, layout)]
    for dataset in found:
        say(str(dataset.summary()))
    names = [dataset.name for dataset in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise DatasetError(f"two datasets have the same name ({', '.join(twice)}); rename a folder")
    return found


def _scorers(order: EvaluationOrder) -> list[Scorer]:
    from sigsearch.evaluation.scorers import make_scorer, trivial_scorers

    names = [order.encoder, *filter(None, order.peers.split(","))]
    return [*(make_scorer(name.strip()) for name in names), *trivial_scorers()]


def _write_card(order: EvaluationOrder, figures: Figures, run: Run) -> None:
    from sigsearch.encoder import shipped_folder
    from sigsearch.evaluation.model_card import update_card

    folder = shipped_folder() if order.encoder == "sigsearch" else Path(order.encoder)
    update_card(folder, figures, run)
    say(f"model card: {folder}")
