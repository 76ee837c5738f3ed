"""Writers on disk and the search structure, kept in step by a generation number."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sigsearch.arguments import BYTES, PLACE, of_kind, takes
from sigsearch.index.care import compaction
from sigsearch.index.local.contents import size_of
from sigsearch.index.local.creation import create_store
from sigsearch.index.local.manifest import FORMAT
from sigsearch.index.local.store import Store
from sigsearch.index.records import EncoderIdentity
from sigsearch.index.results import IndexInfo
from sigsearch.index.search.snapshot import build_lock, drop_snapshot
from sigsearch.index.stored_index import StoredIndex
from sigsearch.schema import Sync

if TYPE_CHECKING:
    from typing_extensions import Self


class WriterIndex(StoredIndex):
    """A `StoredIndex` in a folder."""

    store: Store

    def __init__(
        self, path: Path, key: bytes | None, *, read_only: bool, wait: float, sync: Sync
    ) -> None:
        store = Store(path, key, wait=wait, sync=sync, read_only=read_only)
        self.path = store.environment.root  # absolute: the process may change its folder
        self._named = str(path)
        super().__init__(store, str(self.path), read_only=read_only, searches_only=read_only)

    @classmethod
    @takes(path=PLACE, identity=of_kind(EncoderIdentity), key=BYTES)
    def create(
        cls, path: Path | str, identity: EncoderIdentity, *, exist_ok: bool = False,
        key: bytes | None = None, verify_only: bool = False, wait: float = 10.0,
        sync: Sync = "full",
    ) -> Self:  # fmt: skip
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
    @takes(path=PLACE, identity=of_kind(EncoderIdentity), key=BYTES)
    def open(
        cls, path: Path | str, *, identity: EncoderIdentity | None = None,
        key: bytes | None = None, read_only: bool = False, wait: float = 10.0,
        sync: Sync = "full",
    ) -> Self:  # fmt: skip
        """Open the index at `path`; writes wait up to `wait` seconds for another writer.

        With `sync` "lazy" power loss may undo the last changes (whole ones, never a part).

        Raises:
            IndexMissing, IndexCorrupt, EncoderMismatch, IndexLocked.
        """
        index = cls(Path(path), key, read_only=read_only, wait=wait, sync=sync)
        return index.opened_for(identity)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Keep other writers out for several changes in a row; readers go on reading.

        Raises:
            IndexBusy: another writer held the index for as long as this one was to wait.
        """
        self._must_write()
        with self.store.environment.lock.held(self.store.wait):
            yield

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
            return compaction.compact(self.store, patience=patience) and overwritten

    def gets_keys(self) -> bool:
        """Whether an erasure seals it by another key. Raises IndexLocked where it has none that
        could be changed."""
        self.store.must_be_open()
        if self.store.seal.secret:
            self.store.seal.lasting()
        return self.store.seal.secret

    def info(self) -> IndexInfo:
        number = 1 if self.state().log is None else FORMAT
        return self._described(self._named, number, size_of(self.path))
