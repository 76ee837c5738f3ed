"""LMDB's two meta pages, read before LMDB trusts them: it keeps no checksum of its own.

A commit writes the meta page of its number's parity, so the two hold consecutive numbers.
A damaged number would silently show the index as it was one commit earlier.
"""

from __future__ import annotations

import os
import struct
from pathlib import Path

from sigsearch.errors import IndexCorrupt

_MAGIC = 0xBEEFC0DE
_HEADER = 16  # page number, padding, flags, bounds
_META = struct.Struct("=IIQQ" + 2 * "IHHQQQQQ" + "QQ")


def check_meta_pages(data: Path) -> None:
    """Look at the head of an LMDB file of a 64-bit machine.

    Raises:
        IndexCorrupt: the file is cut short, or its meta pages contradict each other.
    """
    for _ in range(20):  # a commit in another process may fall between the two pages
        fault = _fault(data)
        if fault is None:
            return
    raise IndexCorrupt(f"{data} is damaged: {fault}; restore it from a backup")


def _fault(data: Path) -> str | None:
    with open(data, "rb") as file:
        head = file.read(_HEADER + _META.size)
        if len(head) < _HEADER + _META.size:
            return "it is shorter than a meta page"
        page_size = _META.unpack_from(head, _HEADER)[4]
        if page_size not in (1 << bits for bits in range(9, 17)):
            return f"its page size reads {page_size}"
        file.seek(page_size)
        other = file.read(_HEADER + _META.size)
        size = os.fstat(file.fileno()).st_size
    if len(other) < len(head):
        return "it ends in its second meta page"
    metas = [_META.unpack_from(page, _HEADER) for page in (head, other)]
    if any(meta[:2] != (_MAGIC, 1) for meta in metas):
        return "a meta page does not begin as it should"
    numbers = [meta[-1] for meta in metas]
    if max(numbers) and (abs(numbers[0] - numbers[1]) != 1 or numbers[0] % 2):
        return f"its meta pages are of commits {numbers[0]} and {numbers[1]}"
    newest = metas[numbers[1] > numbers[0]]
    if newest[-2] >= size // page_size and max(numbers):
        return f"it ends before its last page ({newest[-2]})"
    return None
