"""The enrolment audit: labels are swapped between writers, and the audit is to find them."""

from __future__ import annotations

import numpy as np

from sigsearch.audit import Enrolled, audit
from sigsearch.audit.enrolled import unwatched
from sigsearch.datasets import Dataset
from sigsearch.encoder import Embeddings
from sigsearch.evaluation.stated_rates.measured import AuditFound
from sigsearch.matching.local import LocalMatcher

REFERENCES, SWAPPED = 8, 0.05  # of each writer; a share of all


def swapped_labels(used: Dataset, readings: Embeddings, matcher: LocalMatcher) -> AuditFound | None:
    """Swap a share of the labels, and see what the audit says of those and of the rest; `readings`
    are those of `used.samples`. None where there are too few references to swap any."""
    row = {s.id: n for n, s in enumerate(used.samples)}
    rows = [row[s.id] for w in used.writers for s in used.genuine(w)[:REFERENCES]]
    names = [used.samples[n].writer for n in rows]
    swapped = _swap(names)
    if not swapped:
        return None
    blank: list[tuple[str, ...]] = [()] * len(rows)
    enrolled = Enrolled(
        names,
        [used.samples[n].id for n in rows],
        [f"{n:064x}" for n in rows],
        blank,
        [None] * len(rows),
        readings[np.array(rows)],
    )
    found = audit(enrolled, matcher, unwatched).findings
    named, unlike = (
        {f.reference for f in found if f.kind == kind} for kind in ("mislabelled", "inconsistent")
    )
    return AuditFound(
        set=used.name,
        reference_count=len(rows),
        swapped=len(swapped),
        swapped_mislabelled=len(named & swapped),
        swapped_inconsistent=len(unlike & swapped),
        others_mislabelled=len(named - swapped),
        others_inconsistent=len(unlike - swapped),
    )


def _swap(names: list[str]) -> set[int]:
    """Swap some of the names in place, in pairs; which they are."""
    random = np.random.default_rng(0)
    order = random.permutation(len(names))[: round(SWAPPED * len(names)) // 2 * 2]
    swapped: set[int] = set()
    for a, b in order.reshape(-1, 2).tolist():
        if names[a] != names[b]:
            names[a], names[b] = names[b], names[a]
            swapped |= {a, b}
    return swapped
