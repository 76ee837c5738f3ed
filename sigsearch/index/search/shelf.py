"""Where a search structure puts its files: in the open, or sealed when the index is encrypted."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from sigsearch.index.local.folder import read_plain
from sigsearch.index.seals.checksum import Seal

_PIECE = 1 << 24


class Shelf:
    """Named files in a folder.

    `mappable` says whether files lie there as they are, so that they can be mapped into
    memory in place of being read.
    """

    mappable = True

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, name: str, data: bytes) -> None:
        (self.folder / name).write_bytes(data)

    def get(self, name: str) -> bytes:
        return read_plain(self.folder / name)

    def put_arrays(self, name: str, *arrays: npt.NDArray[Any]) -> None:
        buffer = io.BytesIO()
        for array in arrays:
            np.save(buffer, array, allow_pickle=False)
        self.put(name, buffer.getvalue())

    def arrays(self, name: str) -> Iterator[npt.NDArray[Any]]:
        """What `put_arrays` put there, one after the other."""
        buffer = io.BytesIO(self.get(name))
        while buffer.tell() < len(buffer.getbuffer()):
            yield np.load(buffer, allow_pickle=False)


class SealedShelf(Shelf):
    """Files in sealed pieces; each piece is bound to its file and place."""

    mappable = False

    def __init__(self, folder: Path, seal: Seal) -> None:
        super().__init__(folder)
        self._seal = seal

    def put(self, name: str, data: bytes) -> None:
        view, count = memoryview(data), -(-len(data) // _PIECE)
        with open(self.folder / name, "wb") as file:
            for at in range(count):
                piece = bytes(view[at * _PIECE : (at + 1) * _PIECE])
                sealed = self._seal.close(self._label(name, at, count), piece)
                file.write(len(sealed).to_bytes(8, "little") + sealed)

    def get(self, name: str) -> bytes:
        pieces, at, data = [], 0, read_plain(self.folder / name)
        while at < len(data):
            size = int.from_bytes(data[at : at + 8], "little")
            pieces.append(data[at + 8 : at + 8 + size])
            at += 8 + size
        count = len(pieces)
        return b"".join(
            self._seal.open(self._label(name, place, count), piece)
            for place, piece in enumerate(pieces)
        )

    def _label(self, name: str, place: int, count: int) -> bytes:
        return f"snapshot/{self.folder.name}/{name}/{place}/{count}".encode()


def shelf_in(folder: Path, seal: Seal) -> Shelf:
    """A shelf as secret as the index's records."""
    return SealedShelf(folder, seal) if seal.secret else Shelf(folder)


def flush(folder: Path) -> None:
    """Bring all files of a folder to the disk."""
    for path in folder.iterdir():
        descriptor = os.open(path, os.O_RDWR)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
