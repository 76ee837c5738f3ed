"""LMDB's files and its two meta pages, looked at before LMDB trusts them: it keeps no checksum.

A commit writes the meta page of its number's parity, so the two hold consecutive numbers, and
each leads to a state record that bears the same number. Without this look a damaged number
would silently show the index as it was one commit earlier.
"""

from __future__ import annotations

import os
import struct
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from sigsearch.errors import IndexBusy, IndexCorrupt
from sigsearch.index.local.contents import is_plain, is_plain_folder
from sigsearch.index.local.files import named_faults
from sigsearch.index.local.folder import not_plain

_MAGIC = 0xBEEFC0DE
_NOWHERE = 0xFFFFFFFFFFFFFFFF
_BRANCH, _LEAF = 1, 2
_PAGE = struct.Struct("<QHHHH")  # number, padding, flags, end of the pointers, start of the nodes
_NODE = struct.Struct("<HHHH")  # size or page in three parts, key size
_META = struct.Struct("<IIQQ" + 2 * "IHHQQQQQ" + "QQ")
_STATE_KEY = b"Mstate"
_PATIENCE, _PAUSE = 10.0, 0.005  # seconds of looking again where a writer is at work, and between
_HEAD = 1 << 17  # bytes that hold both meta pages, whatever the size of a page
_OWN_LOCK = (b"", bytes(4), _MAGIC.to_bytes(4, sys.byteorder))  # how LMDB's lock files begin


@dataclass(frozen=True, slots=True)
class _Meta:
    magic: tuple[int, int]
    page_size: int
    root: int
    last_page: int
    number: int

    @classmethod
    def read(cls, file: BinaryIO, start: int) -> _Meta:
        file.seek(start + _PAGE.size)
        fields = _META.unpack(file.read(_META.size))
        return cls(fields[:2], fields[4], fields[19], fields[20], fields[21])


def check_files(folder: Path) -> None:
    """Look at what LMDB would open, before it follows a link or cuts somebody else's file.

    Raises:
        IndexCorrupt: there are no data. IndexFault: a file is not the store's own.
    """
    data, lock = folder / "data.mdb", folder / "lock.mdb"
    if not os.path.lexists(data):
        raise IndexCorrupt(
            f"{data} is missing; the index cannot be read without it (`sigsearch index repair "
            f"--index {folder.parent}` looks for another store)"
        )
    locks = os.path.lexists(lock)
    if not is_plain_folder(folder):
        raise not_plain(folder)
    for file in (data, *([lock] if locks else [])):
        if not is_plain(file):
            raise not_plain(file)
    if locks and lock.stat().st_nlink > 1 and lock.read_bytes()[:4] not in _OWN_LOCK:
        raise not_plain(lock)


def check_meta_pages(data: Path) -> None:
    """Look at the head of an LMDB file of a 64-bit machine.

    Raises:
        IndexCorrupt: the file is cut short, or its meta pages contradict what they lead to.
        IndexBusy: another process commits all the time, so that nothing can be told.
    """
    deadline, before = time.monotonic() + _PATIENCE, None
    while True:
        with named_faults(data), open(data, "rb") as file:
            try:
                fault = _fault(file)
            except (struct.error, OSError, OverflowError, ValueError):
                fault = "it ends too early"
            if fault is None:
                return
            file.seek(0)
            head = file.read(_HEAD)
        if head == before:  # nobody commits meanwhile
            break
        if time.monotonic() >= deadline:
            raise IndexBusy(f"{data} is being written to constantly ({fault}); try again")
        before = head
        time.sleep(_PAUSE)
    raise IndexCorrupt(f"{data} is damaged: {fault}; restore it or try `sigsearch index repair`")


def _fault(file: BinaryIO) -> str | None:
    first = _Meta.read(file, 0)
    if first.page_size not in (1 << bits for bits in range(9, 17)):
        return f"its page size reads {first.page_size}"
    second = _Meta.read(file, first.page_size)
    if any(meta.magic != (_MAGIC, 1) for meta in (first, second)):
        return "a meta page does not begin as it should"
    if first.number % 2 or abs(first.number - second.number) > 1:
        return f"its meta pages are of commits {first.number} and {second.number}"
    newest = max(first, second, key=lambda meta: meta.number)
    pages = os.fstat(file.fileno()).st_size // first.page_size
    if newest.number and newest.last_page >= pages:
        return f"it ends before its last page ({newest.last_page})"
    for meta in (first, second):
        found = _state_number(file, meta.root, first.page_size) if meta.root != _NOWHERE else 0
        if found != meta.number:
            return f"its meta page of commit {meta.number} leads to the state of commit {found}"
    return None


def _state_number(file: BinaryIO, page: int, size: int, depth: int = 0) -> int | None:
    """The commit that the state record under a root page bears, or None if there is no such."""
    file.seek(page * size)
    data = file.read(size)
    _, _, flags, lower, _ = _PAGE.unpack_from(data)
    below = None
    for at in range(_PAGE.size, lower, 2):
        node = int.from_bytes(data[at : at + 2], "little")
        low, high, extra, key_size = _NODE.unpack_from(data, node)
        start = node + _NODE.size
        key = data[start : start + key_size]
        if flags & _LEAF and key == _STATE_KEY:
            return int.from_bytes(data[start + key_size : start + key_size + 8], "little")
        if at == _PAGE.size or key <= _STATE_KEY:
            below = low | high << 16 | extra << 32
    if flags & _BRANCH and below is not None and depth < 32:
        return _state_number(file, below, size, depth + 1)
    return None
