from __future__ import annotations

import pytest

from sigsearch.evaluation.session import Run
from sigsearch.evaluation.worst import worst_pairs


def test_worst_pairs_are_the_worst(run: Run) -> None:
    pairs = [p for p in worst_pairs(run) if p.kind == "skilled"]
    table = run.scores
    rows = table.where(
        table.role.equal("test") & table.kind.equal("skilled") & (table.references == 3)
    )
    assert pairs[0].score == pytest.approx(rows.scores["oriented gradients"].max())
    assert len({p.questioned.id for p in pairs}) == len(pairs)
    assert all(not p.questioned.genuine and p.reference.genuine for p in pairs)
