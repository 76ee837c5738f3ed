"""A short evaluation on a fixed sample of test writers, held against the model card.

The card keeps the sample's figures beside the full ones; since draws depend on the writer alone,
the sample compares the same signatures as the full run did.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sigsearch.datasets import Dataset, Protocol
from sigsearch.evaluation.figures.estimate import record
from sigsearch.evaluation.figures.verification import VerificationFigures, mean_over, verification
from sigsearch.evaluation.score_table import ScoreTable
from sigsearch.evaluation.session import Run, evaluate, samples_by_id
from sigsearch.trials.drawing import TrialPlan
from sigsearch.trials.scorer import Scorer

SAMPLE = {"cedar": 6, "bhsig260-bengali": 7, "bhsig260-hindi": 7, "crossmedia": 3, "svc2004": 5}
"""How many test writers (hands) of a set are in the sample; others are not sampled."""
MEAN = "mean of the sample"


def sample_hands(dataset: Dataset, protocol: Protocol) -> frozenset[str]:
    """Test writers of the sample, evenly spread over all of them; the same on every machine."""
    roles = protocol.roles.get(dataset.name)
    number = SAMPLE.get(dataset.name, 0)
    if not roles or not number:
        return frozenset()
    hands = sorted(roles["test"], key=lambda hand: (len(hand), hand))
    chosen = np.linspace(0, len(hands) - 1, min(number, len(hands))).astype(int)
    return frozenset(hands[n] for n in chosen)


def sample_figures(run: Run, protocol: Protocol) -> list[VerificationFigures]:
    """Skilled-forgery figures of the sample within a run, at the fewest and the most references."""
    hand = {key: sample.hand for key, sample in samples_by_id(run).items()}
    lines = []
    test = run.scores.where(run.scores.role.equal("test"))
    for dataset in run.datasets:
        chosen = sample_hands(dataset, protocol)
        table = test.where(test.dataset.equal(dataset.name))
        if not chosen or not len(table):
            continue
        table = table.where(_among(table, dataset.name, chosen, hand))
        for count in sorted({int(table.references.min()), int(table.references.max())}):
            part = table.where(table.references == count)
            lines.append(verification(part, run.scorers[0], dataset.name, count, "skilled"))
    single = [line for line in lines if line[0].reference_count == 1]
    mean = [mean_over(MEAN, single)] if len(single) > 1 else []
    return [line for line, _ in lines] + mean


def _among(
    table: ScoreTable, dataset: str, chosen: frozenset[str], hand: dict[tuple[str, str], str]
) -> Any:
    """Rows whose writer and questioned signature both belong to the sample."""
    writers = np.array([name in chosen for name in table.hand.names])
    questioned = np.array([hand.get((dataset, n), "") in chosen for n in table.questioned.names])
    return writers[table.hand.codes] & questioned[table.questioned.codes]


@dataclass(frozen=True, slots=True)
class Held:
    """One figure beside the card's; `worse` when it is above the card's interval."""

    set: str
    reference_count: int
    eer: float
    card: float
    card_high: float

    @property
    def worse(self) -> bool:
        return self.eer > self.card_high + 1e-5  # the card keeps six digits

    def to_dict(self) -> dict[str, Any]:
        return {**record(self), "worse": self.worse}


def check(
    datasets: Sequence[Dataset],
    scorer: Scorer,
    kept: dict[str, Any],
    cache: Path | None = None,
) -> list[Held]:
    """Evaluate the sample and hold it against `kept`, the figures in a model card."""
    protocol = Protocol.load(kept["protocol"])
    small = []
    for dataset in datasets:
        hands = sample_hands(dataset, protocol)
        members = dataset.only(lambda sample, hands=hands: sample.hand in hands)  # type: ignore[misc]
        if members.samples:
            small.append(members)
    plan = TrialPlan(
        references=tuple(kept["reference_counts"]), draws=kept["draws"], seed=kept["seed"]
    )
    run = evaluate(small, [scorer], protocol, plan, cache)
    now = {(v.slice, v.reference_count): v.eer.value for v in sample_figures(run, protocol)}
    return [
        Held(
            line["set"], line["reference_count"], now[line["set"], line["reference_count"]],
            line["eer"]["value"], line["eer"]["high"],
        )
        for line in kept["sample"]
        if (line["set"], line["reference_count"]) in now
    ]  # fmt: skip
