"""`sigsearch evaluate --verdicts`: what becomes of signatures, by the product as it answers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sigsearch.cli.evaluate_run import counts_of, read_all
from sigsearch.cli.evaluate_stated import encoder_that_states
from sigsearch.cli.output import say, sink, table, working
from sigsearch.schema import Layout

if TYPE_CHECKING:
    from sigsearch.evaluation.stated_rates.measured import VerdictsGiven

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


def run_verdicts(order: VerdictsOrder) -> None:
    from sigsearch.datasets import Protocol
    from sigsearch.evaluation.model_card import put_verdicts
    from sigsearch.evaluation.session import roles_of
    from sigsearch.evaluation.stated_rates.verdicts import verdicts_given

    encoder, protocol = encoder_that_states(order.encoder), Protocol.load(order.protocol)
    counts, notes = counts_of(order.references), list[str]()
    rows: list[VerdictsGiven] = []
    for dataset in read_all(order.data, order.layout):
        tested = (part for role, part in roles_of(dataset, protocol, notes) if role == "test")
        for part in tested:
            with working(f"asking {part.name}") as tell:
                rows += verdicts_given(part, encoder, counts, order.each, order.seed, tell)
            _keep(order, _document(order, encoder.card.id, protocol.name, rows))
    document = _document(order, encoder.card.id, protocol.name, rows)
    if order.card:
        put_verdicts(encoder.folder, document)
        say(f"model card: {encoder.folder}")
    sink.answer(document, lambda: _show(rows))
    for note in notes:
        say(f"note: {note}")


def _document(
    order: VerdictsOrder, encoder: str, protocol: str, rows: Sequence[VerdictsGiven]
) -> dict[str, Any]:
    about = {"encoder": encoder, "protocol": protocol, "each": order.each, "seed": order.seed}
    return {**about, "rows": [row.to_dict() for row in rows]}


def _keep(order: VerdictsOrder, document: dict[str, Any]) -> None:
    """After each set: a long run may be stopped."""
    if order.out is not None:
        order.out.mkdir(parents=True, exist_ok=True)
        text = json.dumps(document, indent=1, ensure_ascii=False)
        (order.out / FILE).write_text(text + "\n", encoding="utf-8")


def _show(rows: Sequence[VerdictsGiven]) -> None:
    heads = ("set", "asked by", "kind", "references", "asked", "accepted", "review", "rejected")
    cells = [
        (r.set, r.question, r.kind, r.references, r.asked, r.accepted, r.review, r.rejected)
        for r in rows
    ]
    table(heads, cells, "Verdicts")
