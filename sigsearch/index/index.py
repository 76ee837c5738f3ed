"""The index: the store and the search structure, kept in step by a generation number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import numpy.typing as npt

from sigsearch.errors import EncoderMismatch, IndexFault, IndexReadOnly
from sigsearch.index.care import moving
from sigsearch.index.contents import size_of
from sigsearch.index.creation import create_store
from sigsearch.index.environment import Sync
from sigsearch.index.ledger import Ledger
from sigsearch.index.neighbours import Floats
from sigsearch.index.records import EncoderIdentity, Reference, Writer
from sigsearch.index.results import IndexInfo, Neighbours
from sigsearch.index.search import Searcher
from sigsearch.index.snapshot import build_lock, drop_snapshot
from sigsearch.index.store import Store


class WriterIndex:
    """Enrolled writers on disk, searchable; threads may share one object.

    Any number of processes may read while one writes; each read sees one generation whole.
    `len(index)` counts references.
    """

    def __init__(
        self, path: Path, key: bytes | None, *, read_only: bool, wait: float, sync: Sync
    ) -> None:
        self.path = path
        self.read_only = read_only
        self.store = Store(path, key, wait=wait, sync=sync, read_only=read_only)
        self._searcher = Searcher(self.store, read_only=read_only)
        self._closed = False

    @classmethod
    def create(
        cls, path: Path | str, identity: EncoderIdentity, *, exist_ok: bool = False,
        key: bytes | None = None, verify_only: bool = False, wait: float = 10.0,
        sync: Sync = "full",
    ) -> WriterIndex:  # fmt: skip
        """Lay out an empty index at `path` and open it.

        With `exist_ok` an index that is already there is opened instead. With a `key` (32
        bytes) everything stored is encrypted. With `verify_only` a writer's records open by
        the writer's name alone, so that the index can verify but never search or list.

        Raises:
            IndexFault: there is one already; IndexCorrupt: there is what is left of one;
            EncoderMismatch: made by another encoder.
        """
        root = Path(path)
        create_store(root, identity, key, verify_only=verify_only, exist_ok=exist_ok)
        return cls.open(root, identity=identity, key=key, wait=wait, sync=sync)

    @classmethod
    def open(
        cls, path: Path | str, *, identity: EncoderIdentity | None = None,
        key: bytes | None = None, read_only: bool = False, wait: float = 10.0,
        sync: Sync = "full",
    ) -> WriterIndex:  # fmt: skip
        """Open the index at `path`; writes wait up to `wait` seconds for another writer.

        With `sync` "lazy" power loss may undo the last changes (whole ones, never a part).

        Raises:
            IndexMissing, IndexCorrupt, EncoderMismatch, IndexLocked.
        """
        index = cls(Path(path), key, read_only=read_only, wait=wait, sync=sync)
        if identity is not None and identity != index.identity:
            made_by = index.identity
            index.close()
            raise EncoderMismatch(
                f"{path} was made by encoder {made_by.id!r} ({_facts(made_by)}), not by "
                f"{identity.id!r} ({_facts(identity)}); build it anew with the encoder in use"
            )
        return index

    @property
    def identity(self) -> EncoderIdentity:
        return self.store.identity

    @property
    def generation(self) -> int:
        """Counts the changes since the index was created."""
        return self.store.state().generation

    @property
    def writer_count(self) -> int:
        """How many writers are enrolled."""
        return self.store.state().writers

    def __len__(self) -> int:
        return self.store.state().references

    def __enter__(self) -> WriterIndex:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self.close()

    def close(self) -> None:
        """Write the snapshot if it has fallen behind, and let go of the files."""
        if self._closed:
            return
        self._closed = True
        try:
            if not self.read_only:
                self.catch_up()
        finally:
            self.store.close()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Keep other writers out for several changes in a row; readers go on reading.

        Raises:
            IndexBusy: another writer held the index for as long as this one was to wait.
        """
        self._must_write()
        with self.store.environment.lock.held(self.store.wait):
            yield

    def enrol(self, references: Sequence[Reference]) -> int:
        """Store references in one transaction; they are on disk when this returns.

        An image (content hash) that its writer has already enrolled is passed over. Returns
        how many were new.

        Raises:
            ReferenceRefused, IndexBusy, IndexFull, IndexReadOnly: nothing was stored.
        """
        self._must_write()
        return self.store.enrol(references)

    def forget(self, writer: str) -> int:
        """Drop a writer from every answer from now on; returns how many references it had.

        Raises:
            WriterUnknown.
        """
        self._must_write()
        return self.store.forget(writer)

    def writers(self) -> Iterator[Writer]:
        """Everybody enrolled, in order of first enrolment."""
        return self.store.writers()

    def references(self, writer: str) -> list[Reference]:
        """What a writer has enrolled, oldest first.

        Raises:
            WriterUnknown.
        """
        return self.store.references(writer)

    def references_of(
        self, writers: Sequence[str], where: Mapping[str, str] | None = None
    ) -> list[list[Reference]]:
        """`references` of many writers, of one generation; empty for one who is not enrolled.

        With `where` only those with all these metadata values.
        """
        return self.store.references_of(writers, where or {})

    def has(self, content_hash: str, writer: str | None = None) -> bool:
        """Whether an image is enrolled, for this writer or for anybody."""
        return self.store.has(content_hash, writer)

    def search(
        self, vectors: npt.ArrayLike, k: int, where: Mapping[str, str] | None = None
    ) -> Neighbours:
        """The `k` closest writers for each of (n, d) unit vectors, one row per writer.

        With `where` only references with all these metadata values are looked at.
        """
        self.store.must_go_through()
        questioned: Floats = np.atleast_2d(np.asarray(vectors, np.float32))
        if questioned.ndim != 2 or questioned.shape[1] != self.identity.dimensions:
            raise ValueError(
                f"vectors of shape (n, {self.identity.dimensions}) are expected, "
                f"not {questioned.shape}"
            )
        if k < 1:
            raise ValueError(f"k must be at least 1, not {k}")
        return self._searcher.search(questioned, k, where)

    def compact(self, *, patience: float = 10.0) -> bool:
        """Rewrite the index with what is enrolled only; readers go on reading.

        Returns whether what was forgotten was overwritten; False where a reader held on to the
        old files for more than `patience` seconds: they were unlinked only.

        Raises:
            IndexBusy, IndexFull, IndexReadOnly: nothing was changed.
        """
        self._must_write()
        with build_lock(self.store.environment.root).held(self.store.wait), self.writing():
            overwritten = drop_snapshot(self.store.environment.root)
            return moving.compact(self.store, patience=patience) and overwritten

    def optimise(self) -> None:
        """Build the search structure that suits the index as it is, and write it to disk.

        Happens by itself as the index grows; it takes minutes for millions of references.

        Raises:
            IndexFull, IndexReadOnly: it is not on disk, and serves this object only; what is
            enrolled is whole. IndexBusy: another process is building it, or erasing.
        """
        self._must_write()
        self._searcher.renew()

    def catch_up(self) -> None:
        """Build the search structure and write it to disk if it has fallen behind the store, as
        `close` does: before many searches that should not be exact ones for want of it."""
        self._searcher.save_if_behind()

    def drop_cache(self) -> None:
        """Let go of the search structure and its files; the next search loads it anew."""
        self.store.must_be_open()
        self._searcher.drop()

    def setting(self, name: str) -> dict[str, Any] | None:
        """A named JSON document kept with the index, or None."""
        return self.store.setting(name)

    def put_setting(self, name: str, document: Mapping[str, Any]) -> None:
        """Keep a JSON document under a name (at most 400 bytes), in place of the former one."""
        self._must_write()
        if not 0 < len(name.encode()) <= 400:
            raise IndexFault(f"the setting name {name[:40]!r}... must have 1 to 400 bytes")
        self.store.put_setting(name, document)

    def info(self) -> IndexInfo:
        state = self.store.read(Ledger.state)
        made_by = self.identity
        return IndexInfo(
            path=str(self.path), encoder=made_by.id,
            preprocessing_version=made_by.preprocessing_version,
            dimensions=made_by.dimensions, metric=made_by.metric,
            generation=state.generation, writers=state.writers, references=state.references,
            bytes=size_of(self.path),
            structure=self._searcher.kind(), recall=self._searcher.recall(),
        )  # fmt: skip

    def _must_write(self) -> None:
        self.store.must_be_open()
        if self.read_only:
            raise IndexReadOnly(f"{self.path} was opened for reading only")


def _facts(identity: EncoderIdentity) -> str:
    return (
        f"preprocessing {identity.preprocessing_version}, {identity.dimensions} dimensions, "
        f"{identity.metric}"
    )
