"""1:N search among the writers of a dataset, as the index does it: screen, then look closely, and
heed how near the others come. An index heeds that on the scale of rarity; here it is done on that
of the scores, whatever they are, which any scorer has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sigsearch.arrays import Floats, Ids, Mask, Singles
from sigsearch.evaluation.score_table import KINDS, Labels, SearchTable
from sigsearch.evaluation.verify_trials import Part
from sigsearch.matching.rivals import crowding
from sigsearch.metrics import ranks
from sigsearch.trials.drawing import Draw, TrialPlan, WriterRows
from sigsearch.trials.parallel import spread
from sigsearch.trials.scorer import Features, Scorer, take


@dataclass(frozen=True, slots=True)
class _Gallery:
    """Enrolled writers. `slots[w]` are the places of writer w's references in `rows`."""

    writers: Sequence[WriterRows]
    rows: Ids
    slots: Sequence[Ids]

    def first(self, writer: int, count: int) -> Ids:
        return self.slots[writer][:count]


@dataclass(frozen=True, slots=True)
class _Probes:
    """rows: of the questioned; of: numbers of the writers they are of, or imitate; kinds."""

    rows: Ids
    of: Ids
    kinds: NDArray[np.int32]


def search_part(part: Part, scorers: Sequence[Scorer], plan: TrialPlan) -> list[SearchTable]:
    """A table for each scorer and number of references that at least two writers have.

    Scorers that do not search have none.
    """
    able_scorers = [
        (scorer, features)
        for scorer, features in zip(scorers, part.features, strict=True)
        if scorer.searches
    ]
    first = [(drawn.who, drawn.draws[0]) for drawn in part.drawn]
    tables = []
    for count in plan.references:
        # Only writers with that many references can be enrolled with them.
        able = [(who, draw) for who, draw in first if count in draw.counts]
        if len(able) < 2:
            continue
        writers, draws = [who for who, _ in able], [draw for _, draw in able]
        gallery, probes = _gallery(writers, draws, count), _probes(writers, draws, plan)
        if not len(probes.rows):
            continue
        for scorer, features in able_scorers:
            matrix = _similarity(scorer, features, gallery, probes, count, plan.candidates)
            tables.append(_table(part, scorer.name, gallery, probes, count, matrix))
    return tables


def _gallery(writers: Sequence[WriterRows], draws: Sequence[Draw], count: int) -> _Gallery:
    rows = [w.genuine[d.references[:count]] for w, d in zip(writers, draws, strict=True)]
    slots = np.split(np.arange(count * len(rows)), len(rows))
    return _Gallery(writers, np.concatenate(rows), slots)


def _probes(writers: Sequence[WriterRows], draws: Sequence[Draw], plan: TrialPlan) -> _Probes:
    rows, of, kinds = [], [], []
    for n, (who, draw) in enumerate(zip(writers, draws, strict=True)):
        # Impostors who wrote the same text as themselves are enrolled writers, not forgeries.
        forged = who.skilled[: plan.probes] if not who.text else who.skilled[:0]
        for kind, chosen in enumerate((who.genuine[draw.questioned][: plan.probes], forged)):
            rows.append(chosen)
            of.append(np.full(len(chosen), n))
            kinds.append(np.full(len(chosen), kind))
    return _Probes(
        np.concatenate(rows),
        np.concatenate(of).astype(np.int64),
        np.concatenate(kinds).astype(np.int32),
    )


def _similarity(
    scorer: Scorer,
    features: Features,
    gallery: _Gallery,
    probes: _Probes,
    count: int,
    candidates: int,
) -> Floats:
    """Fused scores (probes, writers); minus infinity for writers that screening put aside."""
    questioned, enrolled = take(features, probes.rows), take(features, gallery.rows)
    coarse = scorer.screen(questioned, enrolled)
    if coarse is None:
        close = scorer.compare(questioned, enrolled)
        looked_at = np.ones((len(probes.rows), len(gallery.writers)), bool)
    else:
        looked_at = _most_likely(coarse, len(gallery.writers), candidates)
        close = _compare_chosen(scorer, questioned, enrolled, np.repeat(looked_at, count, axis=1))
    matrix = np.full(looked_at.shape, -np.inf)
    fuse = getattr(scorer, "fuse_for_search", scorer.fuse)  # where a scorer searches otherwise
    for n, slots in enumerate(gallery.slots):
        reached = np.flatnonzero(looked_at[:, n])
        if len(reached):
            own = take(enrolled, slots)
            among = scorer.compare(own, own)
            matrix[reached, n] = fuse(close[np.ix_(reached, slots)], among)
    return matrix


def _most_likely(coarse: Singles, writers: int, candidates: int) -> Mask:
    """The writers whose closest reference is among the closest of `candidates` writers."""
    best = coarse.reshape(len(coarse), writers, -1).max(axis=2)
    order = np.argsort(-best, axis=1, kind="stable")[:, :candidates]
    chosen = np.zeros(best.shape, bool)
    np.put_along_axis(chosen, order, True, axis=1)
    return chosen


def _compare_chosen(
    scorer: Scorer, questioned: Features, enrolled: Features, wanted: Mask
) -> Singles:
    """`compare`, but only where `wanted` (probes, references) says so."""
    none = np.array([], np.int64)
    channels = scorer.compare(take(questioned, none), take(enrolled, none)).shape[2:]
    close = np.full((*wanted.shape, *channels), -np.inf, np.float32)

    def fill(n: int) -> None:
        columns = np.flatnonzero(wanted[n])
        one = take(questioned, np.array([n]))
        close[n, columns] = scorer.compare(one, take(enrolled, columns))[0]

    spread(fill, range(len(wanted)))
    return close


def _table(
    part: Part,
    scorer: str,
    gallery: _Gallery,
    probes: _Probes,
    count: int,
    matrix: Floats,
) -> SearchTable:
    length, true = len(probes.rows), probes.of[:, None]
    others = matrix.copy()
    np.put_along_axis(others, true, -np.inf, axis=1)
    leads = matrix - _crowding(matrix)
    leads_of_others = leads.copy()
    np.put_along_axis(leads_of_others, true, -np.inf, axis=1)
    # Without their own writer genuine signatures are a stranger's; forgeries are asked as they are.
    strangers = others - _crowding(others)
    names = [sample.id for sample in part.dataset.samples]
    who = probes.of.astype(np.int32)
    return SearchTable(
        dataset=Labels.constant(part.dataset.name, length),
        role=Labels.constant(part.role, length),
        scorer=Labels.constant(scorer, length),
        references=np.full(length, count, np.int32),
        kind=Labels(probes.kinds, KINDS[:2]),
        writer=Labels(who, tuple(w.writer for w in gallery.writers)),
        hand=Labels.of(gallery.writers[n].hand for n in who),
        questioned=Labels(probes.rows.astype(np.int32), tuple(names)),
        gallery=np.full(length, len(gallery.writers), np.int32),
        rank=ranks(matrix, probes.of).astype(np.int32),
        score=np.take_along_axis(matrix, true, axis=1)[:, 0],
        other=others.max(axis=1),
        lead=np.take_along_axis(leads, true, axis=1)[:, 0],
        other_lead=np.where(probes.kinds[:, None] == 0, strangers, leads_of_others).max(axis=1),
    )


def _crowding(matrix: Floats) -> Floats:
    """How near the others come, (probes, writers); who was put aside is as far as the farthest."""
    seen = np.isfinite(matrix)
    farthest = np.where(seen, matrix, np.inf).min(axis=1, keepdims=True, initial=np.inf)
    return crowding(np.where(seen, matrix, np.where(np.isfinite(farthest), farthest, 0.0)))
