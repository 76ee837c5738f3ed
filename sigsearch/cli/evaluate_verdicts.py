"""`sigsearch evaluate --verdicts`: what becomes of signatures, by the product as it answers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sigsearch.cli.evaluate_run import counts_of, read_all
from sigsearch.cli.evaluate_stated import encoder_that_states
from sigsearch.cli.output import say, sink, table, working
from sigsearch.schema import Layout

if TYPE_CHECKING:
    from sigsearch.datasets import Dataset
    from sigsearch.encoder import Encoder
    from sigsearch.evaluation.stated_rates.measured import StrengthCost, VerdictsGiven
    from sigsearch.trials.trial import Trial

FILE = "verdicts.json"


@dataclass(frozen=True, slots=True)
class VerdictsOrder:
    """The options of `sigsearch evaluate` that `--verdicts` takes; each: signatures of a kind."""

    data: Sequence[Path]
    layout: Layout
    protocol: str
    encoder: str
    references: str
    each: int
    seed: int
    out: Path | None
    card: bool
    cache: Path | None


@dataclass(slots=True)
class _Found:
    """What was measured so far; `trials` are those of all sets."""

    about: dict[str, Any]
    rows: list[VerdictsGiven] = field(default_factory=list)
    strengths: list[StrengthCost] = field(default_factory=list)
    trials: list[Trial] = field(default_factory=list)

    def document(self) -> dict[str, Any]:
        return {
            **self.about,
            "rows": [row.to_dict() for row in self.rows],
            "strengths": [row.to_dict() for row in self.strengths],
        }


def run_verdicts(order: VerdictsOrder) -> None:
    from sigsearch.datasets import Protocol
    from sigsearch.evaluation.model_card import VERDICTS, put_beside
    from sigsearch.evaluation.session import roles_of

    encoder, protocol = encoder_that_states(order.encoder), Protocol.load(order.protocol)
    about = {"encoder": encoder.card.id, "protocol": protocol.name}
    found = _Found({**about, "each": order.each, "seed": order.seed})
    notes: list[str] = []
    for dataset in read_all(order.data, order.layout):
        for role, part in roles_of(dataset, protocol, notes):
            if role == "test":
                _measure(part, encoder, order, found)
                _keep(order, found)
    _pool(encoder, order, found)
    _keep(order, found)
    if order.card:
        put_beside(encoder.folder, VERDICTS, found.document())
        say(f"model card: {encoder.folder}")
    sink.answer(found.document(), lambda: _show(found))
    for note in notes:
        say(f"note: {note}")


def _measure(part: Dataset, encoder: Encoder, order: VerdictsOrder, found: _Found) -> None:
    from sigsearch.calibration import try_writers
    from sigsearch.calibration.trials import DRAWS
    from sigsearch.engine.judge import matcher_of
    from sigsearch.evaluation.stated_rates.verdicts import verdicts_given
    from sigsearch.trials.readings import read_embeddings

    counts = counts_of(order.references)
    with working(f"asking {part.name}") as tell:
        used, readings = read_embeddings(part, encoder, order.cache, tell)
        plan = replace(DRAWS, seed=order.seed)
        found.trials += try_writers(used, readings, matcher_of(encoder), plan)
        found.rows += verdicts_given(used, encoder, counts, order.each, order.seed, tell)


def _pool(encoder: Encoder, order: VerdictsOrder, found: _Found) -> None:
    from sigsearch.engine.judge import Judge
    from sigsearch.evaluation.stated_rates.measuring import ALL_SETS
    from sigsearch.evaluation.stated_rates.strengths import strength_costs

    calibrations, counts = Judge.of(encoder).calibrations, counts_of(order.references)
    for name in dict.fromkeys(trial.dataset for trial in found.trials):
        own = [trial for trial in found.trials if trial.dataset == name]
        found.strengths += strength_costs(name, own, calibrations, counts)
    found.strengths += strength_costs(ALL_SETS, found.trials, calibrations, counts)


def _keep(order: VerdictsOrder, found: _Found) -> None:
    """After each set: a long run may be stopped."""
    if order.out is not None:
        order.out.mkdir(parents=True, exist_ok=True)
        text = json.dumps(found.document(), indent=1, ensure_ascii=False)
        (order.out / FILE).write_text(text + "\n", encoding="utf-8")


def _show(found: _Found) -> None:
    heads = ("set", "asked by", "kind", "references", "asked", "accepted", "review", "rejected")
    rows = [
        (r.set, r.question, r.kind, r.references, r.asked, r.accepted, r.review, r.rejected)
        for r in found.rows
    ]
    table(heads, rows, "Verdicts")
    columns = ("set", "references", "strength", "genuine: match", "non_match", "imitations: match",
             "non_match")  # fmt: skip
    costs = [
        (
            s.set,
            s.references,
            s.strength,
            f"{s.genuine_match:.1%}",
            f"{s.genuine_non_match:.1%}",
            f"{s.skilled_match:.1%}",
            f"{s.skilled_non_match:.1%}",
        )
        for s in found.strengths
    ]
    table(columns, costs, "Firm decisions by strength")
