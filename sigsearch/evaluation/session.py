"""One evaluation: read, prepare, compare, search. It ends with raw scores; figures come later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sigsearch.datasets import Dataset, LeftOut, Protocol, Sample, drop_copies
from sigsearch.errors import DatasetError
from sigsearch.evaluation.score_table import ScoreTable, SearchTable, concatenate
from sigsearch.evaluation.search_trials import search_part
from sigsearch.evaluation.verify_trials import Part, compare_part
from sigsearch.trials.drawing import TrialPlan, draw_trials
from sigsearch.trials.features import FeatureCache, Progress, prepare
from sigsearch.trials.scorer import Scorer

ROLES = ("validation", "test")


@dataclass(frozen=True, slots=True)
class Drawn:
    """Which reference of a writer was drawn as which, so that a score can be made again."""

    dataset: str
    role: str
    draw: int
    writer: str
    position: int  # from 1; a score with R references used the positions 1 to R
    reference: str


@dataclass(frozen=True, slots=True)
class Run:
    """Raw scores of an evaluation and what they were made of."""

    plan: TrialPlan
    protocol: str
    scorers: tuple[str, ...]
    scores: ScoreTable
    searches: SearchTable | None  # None when no dataset has two writers to tell apart
    datasets: tuple[Dataset, ...]  # as read
    used: tuple[tuple[str, Dataset], ...]  # (role, the samples that took part)
    left_out: tuple[LeftOut, ...]
    drawn: tuple[Drawn, ...]
    notes: tuple[str, ...]


def evaluate(
    datasets: Sequence[Dataset],
    scorers: Sequence[Scorer],
    protocol: Protocol | None = None,
    plan: TrialPlan | None = None,
    cache: Path | None = None,
    progress: Progress | None = None,
) -> Run:
    """Compare and search within each dataset, validation and test writers apart.

    A dataset that the protocol does not know is tested whole. Pixel-identical copies are dropped.
    The first scorer is the one that is evaluated, the others are measured beside it. Raises
    DatasetError when nothing can be compared at all.
    """
    settings = plan or TrialPlan()
    store = FeatureCache(cache)
    notes: list[str] = []
    left_out: list[LeftOut] = []
    tables, searches, drawn, used = [], [], [], []
    for dataset in datasets:
        for role, members in roles_of(dataset, protocol, notes):
            unique = drop_copies(members)
            features, failed = prepare(unique.samples, scorers, store, progress)
            unique = unique.without(failed)
            left_out += unique.left_out[len(members.left_out) :]
            part = Part(unique, role, features, draw_trials(unique, settings))
            if progress is not None:
                progress(f"comparing {dataset.name}, {role}", 0, 0)
            table = compare_part(part, scorers)
            tables.append(table)
            searches += search_part(part, scorers, settings)
            drawn += _drawn(part)
            used.append((role, unique))
            notes += _lacking(unique, role, table, settings)
        left_out += dataset.left_out
    if not sum(map(len, tables)):
        raise DatasetError("nothing to compare: " + ("; ".join(notes) or "no samples"))
    return Run(
        settings,
        protocol.name if protocol else "",
        tuple(scorer.name for scorer in scorers),
        concatenate(tables),
        concatenate(searches) if searches else None,
        tuple(datasets),
        tuple(used),
        tuple(left_out),
        tuple(drawn),
        tuple(notes),
    )


def roles_of(
    dataset: Dataset, protocol: Protocol | None, notes: list[str]
) -> list[tuple[str, Dataset]]:
    """(role, its members): validation and test writers by the protocol, or by the manifest's own
    split; a dataset that is in neither is tested whole, which is noted."""
    has_split = any(sample.split for sample in dataset.samples)
    if has_split and protocol is None:
        protocol = Protocol("the manifest's own split", "", {})
    if protocol is None or not protocol.knows(dataset):
        notes.append(f"{dataset.name}: in no protocol; all its writers are tested")
        return [("test", dataset)]
    found = [(role, protocol.select(dataset, role)) for role in ROLES]
    return [(role, members) for role, members in found if members.samples]


def _drawn(part: Part) -> list[Drawn]:
    names = [sample.id for sample in part.dataset.samples]
    return [
        Drawn(part.dataset.name, part.role, number, who.writer, place + 1, names[row])
        for who, draws in ((drawn.who, drawn.draws) for drawn in part.drawn)
        for number, draw in enumerate(draws)
        for place, row in enumerate(who.genuine[draw.references])
    ]


def _lacking(dataset: Dataset, role: str, table: ScoreTable, plan: TrialPlan) -> list[str]:
    """What this dataset cannot show, in words."""
    name = f"{dataset.name} ({role})"
    lacking = []
    if not table.kind.equal("genuine").any():
        lacking.append(f"{name}: one genuine signature per writer; nothing genuine to compare")
    if not table.kind.equal("skilled").any():
        lacking.append(f"{name}: no skilled forgeries; their figures are missing")
    if not table.kind.equal("random").any():
        why = "one writer" if len(dataset.writers) < 2 else "no genuine signatures to question"
        lacking.append(f"{name}: {why}; random forgeries and searches are missing")
    for count in plan.references:
        able = table.writer.codes[table.references == count]
        writers = len(set(able.tolist()))
        if writers < len(dataset.writers):
            lacking.append(
                f"{name}: {writers} of {len(dataset.writers)} writers have enough genuine "
                f"signatures for {count} references"
            )
    return lacking


def samples_by_id(run: Run) -> dict[tuple[str, str], Sample]:
    """(dataset, id) -> sample, for the pictures of a report."""
    return {(d.name, s.id): s for _, d in run.used for s in d.samples}
