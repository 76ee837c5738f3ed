"""References that are the same file as an earlier one, or a copy of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import numpy as np

from sigsearch.arrays import Ids
from sigsearch.audit.enrolled import Enrolled, Watch, members_of
from sigsearch.audit.findings import Finding
from sigsearch.imaging.fingerprint import is_copy

_ALIKE = 0.8  # cosine of global vectors above which two references may be one scan
_CLOSEST = 32  # earlier references whose fingerprints are compared: a copy's vector is very near


def find_copies(enrolled: Enrolled, writers: Ids, near: Ids, watch: Watch) -> Iterator[Finding]:
    """Each reference that repeats an earlier one, with the first that it repeats.

    Copies are looked for among the references of the writer and of the nearest ones (`near`, (n, k)
    numbers of writers or -1), the same file among all.
    """
    members = members_of(writers)
    first: dict[str, int] = {}  # reference with a content hash
    for row in watch(range(len(writers)), "looking for copies"):
        same = first.setdefault(enrolled.hashes[row], row)
        groups = [members[n] for n in {int(writers[row]), *near[row].tolist()} if n >= 0]
        earlier = np.concatenate(groups)
        others = {same, *_closest(enrolled, row, earlier[earlier < row])} - {row}
        for other in sorted(others):
            kind = _same(enrolled, row, other)
            if kind is not None:
                name = enrolled.names[other]
                whose = "" if name == enrolled.names[row] else f"{name}: "
                yield Finding(
                    kind, enrolled.names[row], enrolled.sources[row],
                    f"{whose}{enrolled.sources[other]}", 0.0, row, other,
                )  # fmt: skip
                break


def _closest(enrolled: Enrolled, row: int, others: Ids) -> list[int]:
    """Those of the other rows that may be of one scan with `row`."""
    if not len(others):
        return []
    vectors = enrolled.readings[np.append(others, row)].vectors
    cosine = vectors[:-1] @ vectors[-1]
    if len(others) > _CLOSEST:
        some = np.argpartition(-cosine, _CLOSEST - 1)[:_CLOSEST]
        others, cosine = others[some], cosine[some]
    alike: list[int] = others[cosine > _ALIKE].tolist()
    return alike


def _same(enrolled: Enrolled, a: int, b: int) -> Literal["same_file", "copied"] | None:
    if enrolled.hashes[a] == enrolled.hashes[b]:
        return "same_file"
    prints = enrolled.fingerprints[a], enrolled.fingerprints[b]
    if prints[0] is not None and prints[1] is not None and is_copy(prints[0], prints[1]):
        return "copied"
    return None
