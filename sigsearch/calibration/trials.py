"""Labelled signatures -> the trials that calibrations are fitted to, by an encoder."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from pathlib import Path

from sigsearch.datasets import Dataset
from sigsearch.encoder import Embeddings, Encoder
from sigsearch.engine.judge import matcher_of
from sigsearch.matching.calibration import REFERENCE_NUMBERS
from sigsearch.matching.local import LocalMatcher
from sigsearch.matching.similarity import likenesses
from sigsearch.trials.drawing import TrialPlan, draw_trials
from sigsearch.trials.features import Progress
from sigsearch.trials.readings import read_embeddings
from sigsearch.trials.trial import Trial, trials_of

DRAWS = TrialPlan(references=REFERENCE_NUMBERS, draws=5, others=12)


def read_trials(
    datasets: Iterable[Dataset],
    encoder: Encoder,
    plan: TrialPlan = DRAWS,
    cache: Path | None = None,
    progress: Progress | None = None,
) -> list[Trial]:
    """The trials of every dataset's writers, pixel-identical copies and unreadable files left out.

    `cache` keeps the readings between runs, by content and encoder.
    """
    matcher = matcher_of(encoder)
    trials: list[Trial] = []
    for dataset in datasets:
        used, readings = read_embeddings(dataset, encoder, cache, progress)
        trials += try_writers(used, readings, matcher, plan)
    return trials


def try_writers(
    dataset: Dataset,
    readings: Embeddings,
    matcher: LocalMatcher,
    plan: TrialPlan = DRAWS,
    claimed: Container[str] | None = None,
) -> Iterator[Trial]:
    """The trials of every writer with two genuine signatures or more, or of those in `claimed`, and
    then the others ask as strangers only; `readings` are those of `dataset.samples`. Signatures by
    others who merely know the name are not skilled forgeries."""
    plain = matcher.plainness(readings)
    for drawn in draw_trials(dataset, plan, impostors=False):
        if drawn.draws[0].counts and (claimed is None or drawn.who.writer in claimed):
            yield from trials_of(
                dataset.name,
                drawn,
                lambda a, b: likenesses(readings[a], readings[b], matcher),
                plain,
                every_draw=True,
            )
