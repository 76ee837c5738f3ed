"""The comparisons that went most wrong, to look at: what the figures are made of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sigsearch.datasets import Sample
from sigsearch.evaluation.score_table import ScoreTable
from sigsearch.evaluation.session import Run, samples_by_id

_EACH = 3


@dataclass(frozen=True, slots=True)
class WorstPair:
    """kind: genuine (doubted most) or skilled (convincing most)."""

    dataset: str
    kind: str
    writer: str
    score: float
    questioned: Sample
    reference: Sample
    reference_count: int


def worst_pairs(run: Run) -> Iterator[WorstPair]:
    """For each tested dataset the doubted genuine and the convincing forgeries, most wrong first.

    At the most references that the dataset has; a questioned signature is shown once, beside the
    first of the references that it was compared with.
    """
    samples, scorer = samples_by_id(run), run.scorers[0]
    first = {
        (d.dataset, d.role, d.draw, d.writer): d.reference for d in run.drawn if d.position == 1
    }
    test = run.scores.where(run.scores.role.equal("test"))
    for dataset in test.dataset.present():
        table = test.where(test.dataset.equal(dataset))
        table = table.where(table.references == table.references.max())
        for kind, sign in (("skilled", -1), ("genuine", 1)):
            rows = table.where(table.kind.equal(kind) & ~np.isnan(table.scores[scorer]))
            for row in _first_of_each(rows, sign * rows.scores[scorer]):
                writer = rows.writer.names[rows.writer.codes[row]]
                reference = first[dataset, "test", int(rows.draw[row]), writer]
                questioned = rows.questioned.names[rows.questioned.codes[row]]
                yield WorstPair(
                    dataset, kind, writer, float(rows.scores[scorer][row]),
                    samples[dataset, questioned], samples[dataset, reference],
                    int(rows.references[row]),
                )  # fmt: skip


def _first_of_each(table: ScoreTable, order: Any) -> Sequence[int]:
    seen: dict[int, int] = {}
    for row in np.argsort(order, kind="stable").tolist():
        seen.setdefault(int(table.questioned.codes[row]), row)
        if len(seen) == _EACH:
            break
    return list(seen.values())
