"""The error rates in a model card: generated from a run, never typed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from sigsearch.datasets import Protocol, protocol_names
from sigsearch.encoder import ModelCard
from sigsearch.errors import DatasetError
from sigsearch.evaluation.card_check import sample_figures
from sigsearch.evaluation.figures import Figures
from sigsearch.evaluation.figures.estimate import plain
from sigsearch.evaluation.provenance import versions
from sigsearch.evaluation.session import Run

VERDICTS = "verdicts"


def card_figures(figures: Figures, run: Run) -> dict[str, Any]:
    """What the card tells of a run: test writers only, the trivial baselines beside each figure.

    The command is left away: it names folders of the machine that it ran on.
    """
    return {
        "protocol": run.protocol,
        "references": list(run.plan.references),
        "draws": run.plan.draws,
        "seed": run.plan.seed,
        "versions": versions(),
        "verification": [
            {
                "set": v.slice,
                "references": v.references,
                "against": v.against,
                "writers": v.writers,
                "genuine": v.mated,
                "forgeries": v.non_mated,
                "eer": v.eer.to_dict(),
                "fmr_at_fixed_threshold": v.fmr.to_dict(),
                "fnmr_at_fixed_threshold": v.fnmr.to_dict(),
                "best_trivial": best.to_dict() if (best := figures.best_trivial(v)) else None,
            }
            for v in figures.verification
            if v.scorer == figures.scorer
        ],
        "identification": [
            {
                "set": i.slice,
                "references": i.references,
                "writers": i.gallery,
                "searches": i.mated,
                "rank_1": i.rank_1.to_dict(),
            }
            for i in figures.identification
            if i.scorer == figures.scorer
        ],
        "evidence": [
            {
                "set": c.slice,
                "references": c.references,
                "against": c.against,
                "cllr": c.cllr.to_dict(),
                "cllr_min": plain(c.cllr_min),
            }
            for c in figures.calibration
            if c.scorer == figures.scorer
        ],
        # What scripts/measurements/check_figures.py measures again.
        "sample": [
            {"set": v.slice, "references": v.references, "eer": v.eer.to_dict()}
            for v in sample_figures(run, Protocol.load(run.protocol))
        ],
    }


def update_card(folder: Path, figures: Figures, run: Run) -> ModelCard:
    """Put the figures of a run into the card in `folder`. Raises EncoderError without a card,
    DatasetError when no shipped protocol was followed."""
    before = ModelCard.load(folder)
    if run.protocol not in protocol_names():
        raise DatasetError(
            "a model card holds figures of a shipped protocol only; give --protocol and its "
            "datasets"
        )
    kept = {name: before.figures[name] for name in (VERDICTS,) if name in before.figures}
    card = replace(before, figures={"encoder": before.id, **card_figures(figures, run), **kept})
    card.save(folder)
    return card


def put_verdicts(folder: Path, found: Mapping[str, Any]) -> None:
    """Put what `verdicts_given` found into the card in `folder`, beside its other figures."""
    before = ModelCard.load(folder)
    replace(before, figures={**before.figures, VERDICTS: dict(found)}).save(folder)
