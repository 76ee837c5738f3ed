"""The enrolment audit of an index: what to look at before trusting its answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sigsearch.audit.findings import MEANINGS, Audit, Finding
from sigsearch.audit.likeness import Likeness, measure_likeness
from sigsearch.encoder import Embeddings
from sigsearch.imaging.copies import is_copy
from sigsearch.matching.local import LocalMatcher

Rows = NDArray[np.int64]
FEWEST = 3
_ALIKE = 0.8  # cosine of global vectors above which two references may be one scan
_SHARE = 0.5  # of a writer's references that must favour another for the two to be inseparable
# Of the gap between how like its own writer and how like the nearest other a reference usually is:
_MARGIN = 0.4  # by how much another writer must be nearer for a label to be doubted
_BLUR = 0.3  # within which two writers are as near as one another


@dataclass(frozen=True, slots=True)
class Enrolled:
    """References in a fixed order: names (n,) of their writers, their sources, content hashes,
    warnings and, where there is one, a fingerprint for the copy alarm (or None)."""

    names: Sequence[str]
    sources: Sequence[str]
    hashes: Sequence[str]
    warnings: Sequence[tuple[str, ...]]
    fingerprints: Sequence[bytes | None]
    readings: Embeddings


def audit(enrolled: Enrolled, matcher: LocalMatcher) -> Audit:
    """Look at every reference, writer and pair of writers. The limits are measured on the index
    itself, so that they fit whatever was enrolled."""
    names = sorted(set(enrolled.names))
    number = {name: n for n, name in enumerate(names)}
    writers = np.array([number[name] for name in enrolled.names], np.int64)
    findings: list[Finding] = []
    if len(names):
        likeness = measure_likeness(enrolled.readings, writers, matcher)
        twins = set(_inseparable(likeness, writers))
        findings += _misplaced(enrolled, names, writers, likeness, twins)
        findings += [_pair(names, a, b) for a, b in sorted(twins)]
        findings += _copies(enrolled)
        findings += _few(names, writers)
        findings += _simple(enrolled)
    order = list(MEANINGS)
    findings.sort(key=lambda f: (order.index(f.kind), -f.strength))
    return Audit(len(names), len(writers), tuple(findings))


def _inseparable(likeness: Likeness, writers: Rows) -> Iterator[tuple[int, int]]:
    """Pairs of writers each of whom mostly lies about as near to the other as to itself."""
    usual, others = likeness.levels
    blurred = likeness.own - _BLUR * max(usual - others, 0.0)
    closer = np.nan_to_num(likeness.rival, nan=-np.inf) > np.nan_to_num(blurred, nan=np.inf)
    size = int(writers.max()) + 1
    favours = np.zeros((size, size))
    for row in np.flatnonzero(closer):
        favours[writers[row], likeness.rival_writer[row]] += 1
    share = favours / np.bincount(writers, minlength=size)[:, None]
    for a, b in np.argwhere(share >= _SHARE):
        if share[b, a] >= _SHARE and a < b:
            yield int(a), int(b)


def _misplaced(
    enrolled: Enrolled,
    names: Sequence[str],
    writers: Rows,
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


def _copies(enrolled: Enrolled) -> Iterator[Finding]:
    vectors = enrolled.readings.vectors
    for row in range(len(vectors)):
        for other in np.flatnonzero(vectors[:row] @ vectors[row] > _ALIKE).tolist():
            kind = _same(enrolled, row, other)
            if kind is not None:
                name = enrolled.names[other]
                whose = "" if name == enrolled.names[row] else f"{name}: "
                yield Finding(
                    kind, enrolled.names[row], enrolled.sources[row],
                    f"{whose}{enrolled.sources[other]}", 0.0, row, other,
                )  # fmt: skip
                break


def _same(enrolled: Enrolled, a: int, b: int) -> Literal["same_file", "copied"] | None:
    if enrolled.hashes[a] == enrolled.hashes[b]:
        return "same_file"
    prints = enrolled.fingerprints[a], enrolled.fingerprints[b]
    if prints[0] is not None and prints[1] is not None and is_copy(prints[0], prints[1]):
        return "copied"
    return None


def _few(names: Sequence[str], writers: Rows) -> Iterator[Finding]:
    for n, count in enumerate(np.bincount(writers)):
        if count < FEWEST:
            yield Finding("few_references", names[n], "", f"{count}", float(FEWEST - count))


def _simple(enrolled: Enrolled) -> Iterator[Finding]:
    for row, warnings in enumerate(enrolled.warnings):
        if "simple" in warnings:
            yield Finding("simple", enrolled.names[row], enrolled.sources[row], "", 0.0, row)
