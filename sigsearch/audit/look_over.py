"""The enrolment audit of an index: what to look at before trusting its answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from sigsearch.arrays import Ids
from sigsearch.audit.enrolled import Enrolled, Watch, unwatched
from sigsearch.audit.findings import MEANINGS, Audit, Finding
from sigsearch.audit.likeness import RIVALS, Likeness, measure_likeness
from sigsearch.audit.nearest import nearest_writers
from sigsearch.audit.repeated import find_copies
from sigsearch.matching.local import LocalMatcher

FEWEST = 3
_SHARE = 0.5  # of a writer's references that must favour another for the two to be inseparable
# Of the gap between how like its own writer and how like the nearest other a reference usually is:
_MARGIN = 0.4  # by how much another writer must be nearer for a label to be doubted
_BLUR = 0.3  # within which two writers are as near as one another


def audit(enrolled: Enrolled, matcher: LocalMatcher, watch: Watch = unwatched) -> Audit:
    """Look at every reference, writer and pair of near writers. The limits are measured on the
    index itself, so that they fit whatever was enrolled. `watch` may show how far it is."""
    names = sorted(set(enrolled.names))
    number = {name: n for n, name in enumerate(names)}
    writers = np.array([number[name] for name in enrolled.names], np.int64)
    findings: list[Finding] = []
    if len(names):
        near = nearest_writers(enrolled, names, writers, RIVALS + 1, watch)
        likeness = measure_likeness(enrolled.readings, writers, near, matcher, watch)
        twins = set(_inseparable(likeness, writers))
        findings += _misplaced(enrolled, names, writers, likeness, twins)
        findings += [_pair(names, a, b) for a, b in sorted(twins)]
        findings += find_copies(enrolled, writers, near, watch)
        findings += _few(names, writers)
        findings += _simple(enrolled)
    order = list(MEANINGS)
    findings.sort(key=lambda f: (order.index(f.kind), -f.strength))
    return Audit(len(names), len(writers), tuple(findings))


def _inseparable(likeness: Likeness, writers: Ids) -> Iterator[tuple[int, int]]:
    """Pairs of writers each of whom mostly lies about as near to the other as to itself."""
    usual, others = likeness.levels
    blurred = likeness.own - _BLUR * max(usual - others, 0.0)
    closer = np.nan_to_num(likeness.rival, nan=-np.inf) > np.nan_to_num(blurred, nan=np.inf)
    favours = np.stack([writers[closer], likeness.rival_writer[closer]])
    (who, whom), times = np.unique(favours, axis=1, return_counts=True)
    often = times / np.bincount(writers)[who] >= _SHARE
    pairs = set(zip(who[often].tolist(), whom[often].tolist(), strict=True))
    for a, b in pairs:
        if a < b and (b, a) in pairs:
            yield a, b


def _misplaced(
    enrolled: Enrolled,
    names: Sequence[str],
    writers: Ids,
    likeness: Likeness,
    twins: set[tuple[int, int]],
) -> Iterator[Finding]:
    usual, others = likeness.levels
    gap = max(usual - others, 0.0)
    for row, (own, rival, other) in enumerate(
        zip(likeness.own, likeness.rival, likeness.rival_writer, strict=True)
    ):
        writer, source = int(writers[row]), enrolled.sources[row]
        pair = (min(writer, int(other)), max(writer, int(other)))
        lead, short = float(rival - own), float(others - own)
        # Mislabelled is what another writer's references would call their own.
        if lead > _MARGIN * gap and rival > usual - gap / 2 and pair not in twins:
            whose = names[int(other)]
            yield Finding("mislabelled", names[writer], source, whose, lead, row)
        elif short > 0:
            yield Finding("inconsistent", names[writer], source, "", short, row)


def _pair(names: Sequence[str], a: int, b: int) -> Finding:
    return Finding("inseparable", names[a], "", names[b])


def _few(names: Sequence[str], writers: Ids) -> Iterator[Finding]:
    for n, count in enumerate(np.bincount(writers)):
        if count < FEWEST:
            yield Finding("few_references", names[n], "", f"{count}", float(FEWEST - count))


def _simple(enrolled: Enrolled) -> Iterator[Finding]:
    for row, warnings in enumerate(enrolled.warnings):
        if "simple" in warnings:
            yield Finding("simple", enrolled.names[row], enrolled.sources[row], "", 0.0, row)
