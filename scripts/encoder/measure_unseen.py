"""How often the encoder errs on sets that its network has never seen, for the model card.

    python scripts/encoder/measure_unseen.py --data "$SIGSEARCH_DATA" --cache runs/readings --card

Each set is tested whole, by a head that was learnt on the other sets and on validation writers of
those that trained the network. Otherwise it is measured as `sigsearch evaluate` does: skilled and
random forgeries, trivial baselines beside them, intervals by writer bootstrap; and how many
signatures get their writer's name in a gallery of all writers.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from calibrate import UNSEEN
from measure_head import all_tried, learnt_without, of_role

from sigsearch.datasets import Dataset, read_datasets
from sigsearch.encoder import Encoder, shipped_folder
from sigsearch.engine.judge import Judge
from sigsearch.evaluation.combining import combine_trivial
from sigsearch.evaluation.figures import Figures, derive
from sigsearch.evaluation.model_card import UNSEEN as IN_CARD
from sigsearch.evaluation.model_card import put_beside, unseen_figures
from sigsearch.evaluation.score_table import concatenate
from sigsearch.evaluation.scorers import trivial_scorers
from sigsearch.evaluation.session import Run, evaluate
from sigsearch.trials.drawing import TrialPlan
from sigsearch.trials.encoder_scorer import EncoderScorer

PLAN = TrialPlan(candidates=50)
"""Identification looks at as many writers closely."""

SEGMENTATION_SAW = ("utsig115", "chisig")
"""The cheap look that goes before the segmentation learned from scans of their training writers."""


def asked(dataset: Dataset) -> Dataset:
    """All writers; where many hands wrote one name, those who were imitated, since a namesake's own
    signature is no skilled forgery."""
    named = any(sample.text for sample in dataset.samples)
    return of_role(dataset, "", "all") if named else dataset


def show(figures: Figures) -> None:
    for v in figures.verification:
        if v.scorer == figures.scorer and not v.eer.missing:
            best = figures.best_trivial(v)
            beside = f", {best.name} {100 * best.eer:.1f}" if best else ""
            print(
                f"{v.slice:16} {v.reference_count} refs {v.against:8} {100 * v.eer.value:5.1f} "
                f"[{100 * v.eer.low:.1f}, {100 * v.eer.high:.1f}] {v.writer_count} writers{beside}"
            )
    for i in figures.identification:
        rates = ", ".join(
            f"{r.strangers} FPIR {r.fpir:g}: {100 * r.dir.value:.1f} "
            f"[{100 * r.dir.low:.1f}, {100 * r.dir.high:.1f}]"
            for r in i.open_set
        )
        print(
            f"{i.slice:16} {i.reference_count} refs of {i.writer_count} writers: "
            f"rank 1 {100 * i.rank_1.value:.1f}; named at {rates}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--protocol", default="unseen-writers-2")
    parser.add_argument("--encoder", type=Path, default=shipped_folder())
    parser.add_argument("--cache", type=Path, help="where readings are kept between runs")
    parser.add_argument("--card", action="store_true", help="put the figures into the model card")
    given = parser.parse_args()
    encoder = Encoder.load(given.encoder, threads=1)
    judge = Judge.of(encoder)
    bare = replace(judge.calibrations.fusion, head=None)
    known = all_tried(encoder, judge, given)
    runs: list[Run] = []
    for folder in UNSEEN:
        for dataset in read_datasets(given.data / folder):
            headed = learnt_without(dataset.name, known, bare)
            scorer = EncoderScorer(encoder, name="sigsearch", fusion=headed)
            scorers = [scorer, *trivial_scorers()]
            runs.append(evaluate([asked(dataset)], scorers, None, PLAN, given.cache))
            print(f"{dataset.name}: measured", flush=True)
    searches = [run.searches for run in runs if run.searches is not None]
    scores = combine_trivial(concatenate([run.scores for run in runs]))
    figures = derive(scores, concatenate(searches))
    show(figures)
    if given.card:
        found = unseen_figures(figures, PLAN, given.protocol, SEGMENTATION_SAW)
        put_beside(given.encoder, IN_CARD, found)


if __name__ == "__main__":
    main()
