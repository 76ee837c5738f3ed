"""How well what was found agrees with what is there: average precision, recall at a rate of false
boxes, with intervals over pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sigsearch.documents.peaks import overlap
from sigsearch.training.detector.packed_pages import Boxes

Floats = NDArray[np.float32]
FALSE_A_PAGE = 0.2
_ROUNDS = 400


@dataclass(frozen=True, slots=True)
class FoundOnPage:
    """Of one page: the confidence (n,) of what was found, whether each is right (n,), and how many
    there were to find."""

    sure: Floats
    right: NDArray[np.bool_]
    there: int


_NOTHING = FoundOnPage(np.zeros(0, np.float32), np.zeros(0, bool), 0)


@dataclass(frozen=True, slots=True)
class DetectionFigures:
    """`precision` is the average precision at an overlap of a half; `recall` at FALSE_A_PAGE false
    boxes, from `threshold` on; intervals of 95 % by resampling pages."""

    precision: float
    precision_range: tuple[float, float]
    recall: float
    recall_range: tuple[float, float]
    threshold: float
    pages: int
    there: int

    def __str__(self) -> str:
        low, high = self.precision_range
        from_, to = self.recall_range
        return (
            f"AP50 {self.precision:.3f} [{low:.3f}, {high:.3f}], recall {self.recall:.3f} "
            f"[{from_:.3f}, {to:.3f}] at {FALSE_A_PAGE} false a page (confidence "
            f"{self.threshold:.2f}); {self.there} on {self.pages} pages"
        )


def judge(boxes: Floats, sure: Floats, truth: Boxes, kinds: Sequence[int] = (0,),
          aside: Sequence[int] = (), least: float = 0.5) -> FoundOnPage:  # fmt: skip
    """Boxes (n, 4), likeliest first, against those of `kinds` in `truth`; each true one is found
    once. What lies on a box of the kinds `aside` counts neither way."""
    wanted = truth[np.isin(truth[:, 4], kinds), :4]
    ignored = truth[np.isin(truth[:, 4], aside), :4]
    free = np.ones(len(wanted), bool)
    right, kept = [], []
    for at, box in enumerate(boxes):
        shared = overlap(box, wanted)[0] * free if len(wanted) else np.zeros(1)
        hit = float(shared.max()) >= least
        if hit:
            free[int(shared.argmax())] = False
        elif len(ignored) and max(o.max() for o in overlap(box, ignored)) >= least:
            continue
        right.append(hit)
        kept.append(at)
    return FoundOnPage(sure[kept], np.array(right, bool), len(wanted))


def figures(pages: Sequence[FoundOnPage], seed: int = 0) -> DetectionFigures:
    precision, (recall, threshold) = _precision(pages), _recall(pages)
    rng = np.random.default_rng(seed)
    again = [rng.integers(len(pages), size=len(pages)) for _ in range(_ROUNDS)]
    precisions = [_precision([pages[n] for n in rows]) for rows in again]
    recalls = [_recall([pages[n] for n in rows])[0] for rows in again]
    there = sum(page.there for page in pages)
    return DetectionFigures(precision, _middle(precisions), recall, _middle(recalls), threshold,
                            len(pages), there)  # fmt: skip


def at_threshold(pages: Sequence[FoundOnPage], threshold: float) -> tuple[float, float]:
    """Recall, and false boxes a page, of what is at least that sure."""
    hits = sum(int((page.right & (page.sure >= threshold)).sum()) for page in pages)
    false = sum(int((~page.right & (page.sure >= threshold)).sum()) for page in pages)
    return hits / max(sum(page.there for page in pages), 1), false / max(len(pages), 1)


def threshold_of(pages: Sequence[FoundOnPage], unsigned: Sequence[FoundOnPage]) -> float:
    """From which confidence on there are FALSE_A_PAGE false boxes at most, on all pages and on
    those that are `unsigned`: there a false box is an answer about nothing."""
    false = np.sort(np.concatenate([page.sure for page in (*unsigned, _NOTHING)]))[::-1]
    allowed = int(FALSE_A_PAGE * len(unsigned))
    least = float(np.nextafter(false[allowed], np.float32(1))) if len(false) > allowed else 0.0
    return max(_recall(pages)[1], least)


def _precision(pages: Sequence[FoundOnPage]) -> float:
    """The area under precision over recall, each precision the best at that recall or a higher."""
    right, _ = _ranked(pages)
    there = sum(page.there for page in pages)
    if not there or not right.size:
        return float("nan") if not there else 0.0
    precision = np.cumsum(right) / np.arange(1, len(right) + 1)
    best = np.maximum.accumulate(precision[::-1])[::-1]
    return float((best * right).sum() / there)


def _recall(pages: Sequence[FoundOnPage]) -> tuple[float, float]:
    right, sure = _ranked(pages)
    there = sum(page.there for page in pages)
    within = np.cumsum(~right) <= FALSE_A_PAGE * len(pages)
    if not there or not within.any():
        return 0.0, 1.0
    last = int(np.flatnonzero(within)[-1])
    return float(right[: last + 1].sum() / there), float(sure[last])


def _ranked(pages: Sequence[FoundOnPage]) -> tuple[NDArray[np.bool_], Floats]:
    sure = np.concatenate([page.sure for page in pages])
    order = np.argsort(-sure, kind="stable")
    return np.concatenate([page.right for page in pages])[order], sure[order]


def _middle(values: Sequence[float]) -> tuple[float, float]:
    low, high = np.nanpercentile(values, [2.5, 97.5])
    return float(low), float(high)
