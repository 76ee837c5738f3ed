"""The error rates in a model card: generated from a run, never typed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from sigsearch.datasets import Protocol, protocol_names
from sigsearch.encoder import ModelCard
from sigsearch.errors import DatasetError
from sigsearch.evaluation.card_check import sample_figures
from sigsearch.evaluation.figures import Figures
from sigsearch.evaluation.figures.estimate import Estimate, plain
from sigsearch.evaluation.figures.identification import UNRELATED, IdentificationFigures
from sigsearch.evaluation.figures.verification import VerificationFigures
from sigsearch.evaluation.provenance import versions
from sigsearch.evaluation.session import Run
from sigsearch.trials.drawing import TrialPlan

VERDICTS = "verdicts"
UNSEEN = "unseen"
NAMED, _NAMED_AT = "named_at_fpir_1", 0.01


def card_figures(figures: Figures, run: Run) -> dict[str, Any]:
    """What the card tells of a run: test writers only, the trivial baselines beside each figure.

    The command is left away: it names folders of the machine that it ran on.
    """
    return {
        "protocol": run.protocol,
        "reference_counts": list(run.plan.references),
        "draws": run.plan.draws,
        "candidates": run.plan.candidates,
        "seed": run.plan.seed,
        "versions": versions(),
        "verification": [
            {
                **row,
                "fmr_at_fixed_threshold": v.fmr.to_dict(),
                "fnmr_at_fixed_threshold": v.fnmr.to_dict(),
            }
            for v, row in _verification(figures)
        ],
        "identification": list(_identification(figures)),
        "evidence": [
            {
                "set": c.slice,
                "reference_count": c.reference_count,
                "against": c.against,
                "cllr": c.cllr.to_dict(),
                "cllr_min": plain(c.cllr_min),
            }
            for c in figures.calibration
            if c.scorer == figures.scorer
        ],
        # What scripts/measurements/check_figures.py measures again.
        "sample": [
            {"set": v.slice, "reference_count": v.reference_count, "eer": v.eer.to_dict()}
            for v in sample_figures(run, Protocol.load(run.protocol))
        ],
    }


def unseen_figures(
    figures: Figures, plan: TrialPlan, protocol: str, segmentation_saw: Iterable[str]
) -> dict[str, Any]:
    """What the card tells of sets that the network never saw: no threshold was fixed before.

    segmentation_saw: names of those from which the segmentation of ink has learned."""
    return {
        "protocol": protocol,
        "reference_counts": list(plan.references),
        "draws": plan.draws,
        "candidates": plan.candidates,
        "seed": plan.seed,
        "versions": versions(),
        "segmentation_saw": sorted(segmentation_saw),
        "verification": [row for _, row in _verification(figures)],
        "identification": list(_identification(figures)),
    }


def _verification(figures: Figures) -> Iterator[tuple[VerificationFigures, dict[str, Any]]]:
    """The lines of the evaluated scorer, the best trivial baseline beside each."""
    for v in figures.verification:
        if v.scorer == figures.scorer:
            best = figures.best_trivial(v)
            yield (
                v,
                {
                    "set": v.slice,
                    "reference_count": v.reference_count,
                    "against": v.against,
                    "writer_count": v.writer_count,
                    "genuine": v.mated,
                    "forgeries": v.non_mated,
                    "eer": v.eer.to_dict(),
                    "best_trivial": best.to_dict() if best else None,
                },
            )


def _identification(figures: Figures) -> Iterator[dict[str, Any]]:
    for i in figures.identification:
        if i.scorer == figures.scorer:
            named = _named(i)
            yield {
                "set": i.slice,
                "reference_count": i.reference_count,
                "writer_count": i.writer_count,
                "searches": i.mated,
                "rank_1": i.rank_1.to_dict(),
                NAMED: named.to_dict() if named else None,
            }


def _named(line: IdentificationFigures) -> Estimate | None:
    """How many genuine signatures get their writer's name where one in a hundred strangers gets a
    name; None where too few strangers asked."""
    for rate in line.open_set:
        if rate.strangers == UNRELATED and rate.fpir == _NAMED_AT:
            return rate.dir if rate.supported else None
    return None


def update_card(folder: Path, figures: Figures, run: Run) -> ModelCard:
    """Put the figures of a run into the card in `folder`. Raises EncoderError without a card,
    DatasetError when no shipped protocol was followed."""
    before = ModelCard.load(folder)
    if run.protocol not in protocol_names():
        raise DatasetError(
            "a model card holds figures of a shipped protocol only; give --protocol and its "
            "datasets"
        )
    others = (VERDICTS, UNSEEN)
    kept = {name: before.figures[name] for name in others if name in before.figures}
    card = replace(before, figures={"encoder": before.id, **card_figures(figures, run), **kept})
    card.save(folder)
    return card


def put_beside(folder: Path, name: str, found: Mapping[str, Any]) -> None:
    """Put VERDICTS or UNSEEN into the card in `folder`, beside its other figures."""
    before = ModelCard.load(folder)
    of_encoder = {"encoder": before.id, **found}
    replace(before, figures={**before.figures, name: of_encoder}).save(folder)
