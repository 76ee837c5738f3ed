"""Approximate search: inverted lists of short codes (FAISS IVF), built once.

What the codes find is weighed again with the vectors themselves.

Lists that are used where they lie on disk are not read when they are opened. The head of the file
(the centroids) is hashed; each list has a checksum and is checked the first time a search looks
into it, so that damage is found before it can change an answer and opening takes no longer for
more vectors. Lists that FAISS cannot map are hashed and read whole.
"""

from __future__ import annotations

import hashlib
import json
import os
import zlib
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from sigsearch.errors import IndexFull, SnapshotDamaged
from sigsearch.index.local.locks import hold
from sigsearch.index.search.shelf import Shelf
from sigsearch.index.search.structures.centroids import effort, nearest
from sigsearch.index.search.structures.codes import CODES, RABITQ, Code
from sigsearch.index.search.structures.contest import Times
from sigsearch.index.search.structures.flat import searching
from sigsearch.index.search.structures.protocol import Floats, Ids, Mask
from sigsearch.index.search.structures.threads import one_thread

_ONE_BY_ONE = 11  # FAISS's number for looking into one list after the other, for each query
_FEW = 16  # queries; for more, FAISS's own choice is quicker
_TOGETHER = 256  # queries; FAISS keeps 10 KB for each
FILE, WHOLE, CHECKS, FACTS = "clusters.mapped", "clusters", "lists.npy", "clusters.json"


class Clusters:
    """An IVF index with the number of lists to probe, and of entries to weigh again; `recall` is
    what these measured, `times` what codes did before one was chosen."""

    def __init__(
        self, index: Any, code: Code, probes: int = 1, recall: float = 0.0,
        times: Times | None = None, looked_at: int | None = None,
    ) -> None:  # fmt: skip
        import faiss

        self._index = index
        self.code = code
        self.times: Times = times or {}
        self._centroids: Any = faiss.downcast_index(index.quantizer)
        self.probes = probes
        self.looked_at = looked_at or code.looked_at
        self.recall = recall
        self._checks: npt.NDArray[np.int64] | None = None  # None: in memory, nothing to check
        self._sound = np.zeros(0, bool)
        self._held: BinaryIO | None = None
        self._usual: Any = None
        self._ways = hasattr(index, "implem")

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @property
    def lists(self) -> int:
        return int(self._index.nlist)

    def add(self, ids: Ids, vectors: Floats) -> None:
        self._index.add_with_ids(np.ascontiguousarray(vectors), ids)

    def search(
        self, vectors: Floats, count: int, allowed: Mask | None, probes: int
    ) -> tuple[Floats, Ids]:
        """The `count` closest by code, best first; -inf and -1 where a row has fewer.

        Raises:
            SnapshotDamaged: a list that would be looked into is not what was written.
        """
        probes = min(probes, self.lists)
        asked, how = np.ascontiguousarray(vectors), self._how(probes, allowed)
        if self._unchecked() and len(asked) * probes < self.lists:
            closeness, lists = nearest(self._centroids, asked, probes)
            self._check(lists)
            found, ids = self._among(asked, count, lists, closeness, how)
        else:  # so many look at most lists; FAISS shares out a whole search best
            self.check_all()
            found, ids = self._at_once(asked, count, how)
        if ids.min(initial=0) < 0:
            found[ids < 0] = -np.inf
        return found, ids

    def _at_once(self, asked: Floats, count: int, how: Any) -> tuple[Floats, Ids]:
        """Search, by the way that is quicker for so many; threads may choose otherwise at the same
        time, since all ways find the same."""
        if self._ways:
            way = _ONE_BY_ONE if len(asked) <= _FEW else 0
            if self._index.implem != way:
                self._index.implem = way
        if len(asked) == 1:
            with one_thread():  # FAISS would wake others for one query, and wait for them
                return self._searched(asked, count, how)
        starts = range(0, len(asked), _TOGETHER)
        parts = [self._searched(asked[at : at + _TOGETHER], count, how) for at in starts]
        if len(parts) == 1:
            return parts[0]
        return np.concatenate([one[0] for one in parts]), np.concatenate([one[1] for one in parts])

    def _searched(self, asked: Floats, count: int, how: Any) -> tuple[Floats, Ids]:
        import faiss

        shape, pointer = (len(asked), count), faiss.swig_ptr
        found, ids = np.empty(shape, np.float32), np.empty(shape, np.int64)
        self._index.search_c(len(asked), pointer(asked), count, pointer(found), pointer(ids), how)
        return found, ids

    def _among(
        self, asked: Floats, count: int, lists: Ids, closeness: Floats, how: Any
    ) -> tuple[Floats, Ids]:
        """Search these lists; FAISS's own Python wrapper of this takes no parameters."""
        import faiss

        shape = len(asked), count
        found, ids = np.empty(shape, np.float32), np.empty(shape, np.int64)
        pointer = faiss.swig_ptr
        self._index.search_preassigned_c(
            len(asked), pointer(asked), count, pointer(lists), pointer(closeness),
            pointer(found), pointer(ids), False, how,
        )  # fmt: skip
        return found, ids

    def _how(self, probes: int, allowed: Mask | None) -> Any:
        """FAISS's parameters: not kept in the index, because threads share it."""
        usual = self._usual
        if allowed is None and usual is not None and usual.nprobe == probes:
            return usual
        import faiss

        module: Any = faiss  # its type stubs do not know the Python side of this class
        way = effort(self._centroids, probes)
        if allowed is not None:
            return searching("SearchParametersIVF", allowed, nprobe=probes, quantizer_params=way)
        self._usual = usual = module.SearchParametersIVF(nprobe=probes, quantizer_params=way)
        return usual

    def centroids(self) -> Any:
        """A copy of the FAISS index of the centroids."""
        import faiss

        return faiss.clone_index(self._centroids)

    def write(self, shelf: Shelf) -> None:
        """Lay out the index on a shelf.

        Raises:
            IndexFull: there is no room left, or the disk fails.
        """
        import faiss

        facts: dict[str, Any] = {"probes": self.probes, "looked_at": self.looked_at}
        facts["recall"] = self.recall
        facts |= {"code": self.code.name, "times": self.times}
        if shelf.mappable:
            path = shelf.folder / (FILE if self.code.mapped else WHOLE)
            try:
                faiss.write_index(self._index, os.fspath(path))
                if self.code.mapped:
                    facts |= self._checksums(shelf, path)
            except RuntimeError as error:  # all that FAISS says of a short write
                raise IndexFull(
                    f"{path} could not be written: the disk is full or failing. Everything "
                    "enrolled is safe and can be searched without this file"
                ) from error
        else:
            shelf.put(WHOLE, faiss.serialize_index(self._index).tobytes())
        shelf.put(FACTS, json.dumps(facts).encode())

    def _checksums(self, shelf: Shelf, path: Path) -> dict[str, Any]:
        """Put those of the lists on the shelf; what is to be known of the head."""
        mapped, size = _mapped(path), self._head_size(path)
        shelf.put_arrays(CHECKS, np.array([_checksum(mapped, n) for n in range(self.lists)]))
        head = _head_sha256(path, size)
        return {"size": path.stat().st_size, "head_size": size, "head": head}

    @classmethod
    def read(cls, shelf: Shelf) -> Clusters:
        """What `write` wrote: mapped without reading the lists, or read into memory.

        Raises:
            SnapshotDamaged: the file was cut or its head altered.
        """
        import faiss

        facts = json.loads(shelf.get(FACTS))
        code = CODES[facts.get("code", RABITQ.name)]
        told = code, facts["probes"], facts["recall"], facts.get("times"), facts.get("looked_at")
        if not shelf.mappable:
            data = np.frombuffer(shelf.get(WHOLE), np.uint8)
            return cls(_compared(faiss.deserialize_index(data)), *told)
        if not code.mapped:
            return cls(_compared(_whole(shelf.folder / WHOLE)), *told)
        path = shelf.folder / FILE
        size = path.stat().st_size
        if size != facts["size"] or _head_sha256(path, facts["head_size"]) != facts["head"]:
            raise SnapshotDamaged(f"{path} is not what was written")
        held = hold(path)  # until this object goes: nobody overwrites what is mapped
        if hasattr(os, "posix_fadvise"):
            os.posix_fadvise(held.fileno(), 0, 0, os.POSIX_FADV_RANDOM)
        clusters = cls(_compared(_mapped(path)), *told)
        clusters._held = held
        (clusters._checks,) = shelf.arrays(CHECKS)
        clusters._sound = np.zeros(clusters.lists, bool)
        return clusters

    def check_all(self) -> None:
        """Look at every list; raises SnapshotDamaged at the first that was altered."""
        if self._unchecked():
            self._check(np.arange(self.lists))

    def _unchecked(self) -> bool:
        return self._checks is not None and not self._sound.all()

    def _check(self, lists: Ids) -> None:
        if self._checks is None or self._sound[lists].all():
            return
        for one in np.unique(lists[~self._sound[lists] & (lists >= 0)]).tolist():
            self._fetch(one)
            if _checksum(self._index, one) != self._checks[one]:
                raise SnapshotDamaged(f"inverted list {one} of the search snapshot is damaged")
            self._sound[one] = True

    def _fetch(self, one: int) -> None:
        """Bring a list into memory without what lies around it, which a map would read, too."""
        if self._held is not None and hasattr(os, "pread"):
            place = _on_disk(self._index).lists.at(one)
            size = place.capacity * (self._index.code_size + 8)
            os.pread(self._held.fileno(), size, place.offset)

    def _head_size(self, path: Path) -> int:
        entry = self._index.code_size + 8  # a code and an id
        return path.stat().st_size - len(self) * int(entry)


def _compared(index: Any) -> Any:
    """With centroids that are compared, where an earlier version made a graph of them, which is
    blind to some."""
    import faiss

    graph: Any = faiss.downcast_index(index.quantizer)
    if isinstance(graph, faiss.IndexHNSW):
        index.quantizer = graph.storage
    return index


def _whole(path: Path) -> Any:
    """Raises SnapshotDamaged where what was read does not hold together: FAISS believes it."""
    import faiss

    index: Any = faiss.read_index(os.fspath(path))
    lists: Any = faiss.downcast_InvertedLists(index.invlists)
    block = index.bbs * index.M2 // 2
    sizes = sum(lists.list_size(one) for one in range(lists.nlist))
    if (
        index.nlist != lists.nlist or index.quantizer.ntotal != index.nlist
        or lists.n_per_block != index.bbs or lists.block_size != block or sizes != index.ntotal
    ):  # fmt: skip
        raise SnapshotDamaged(f"{path} is not what was written")
    return index


def _mapped(path: Path) -> Any:
    import faiss

    index: Any = faiss.read_index(os.fspath(path), faiss.IO_FLAG_MMAP | faiss.IO_FLAG_READ_ONLY)
    # Threads that touch the pages of each list beforehand, new ones for each search, cost more
    # than they save.
    _on_disk(index).prefetch_nthread = 0
    return index


def _on_disk(index: Any) -> Any:
    import faiss

    return faiss.downcast_InvertedLists(index.invlists)


def _checksum(index: Any, one: int) -> int:
    import faiss

    lists, size = index.invlists, index.invlists.list_size(one)
    if size == 0:
        return 0
    codes: npt.NDArray[np.uint8] = faiss.rev_swig_ptr(lists.get_codes(one), size * index.code_size)
    ids: npt.NDArray[np.int64] = faiss.rev_swig_ptr(lists.get_ids(one), size)
    return zlib.crc32(ids.data, zlib.crc32(codes.data))


def _head_sha256(path: Path, size: int) -> str:
    with open(path, "rb") as file:
        return hashlib.sha256(file.read(size)).hexdigest()
