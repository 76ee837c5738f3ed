"""Writers on disk and the search structure, kept in step by a generation number."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import numpy.typing as npt

from sigsearch.arguments import (
    BYTES,
    COUNT,
    DIGEST,
    NAMES,
    PLACE,
    SHORT,
    TEXT,
    TEXTS,
    list_of,
    of_kind,
    takes,
)  # fmt: skip
from sigsearch.errors import (
    ArgumentRefused,
    EncoderMismatch,
    IndexCorrupt,
    IndexLocked,
    IndexReadOnly,
    IndexReplaced,
    WriterUnknown,
)
from sigsearch.index.care import compaction
from sigsearch.index.local import operations
from sigsearch.index.local.contents import size_of
from sigsearch.index.local.creation import create_store
from sigsearch.index.local.layout import State
from sigsearch.index.local.ledger import Ledger
from sigsearch.index.local.manifest import FORMAT
from sigsearch.index.local.store import Store
from sigsearch.index.records import (
    EncoderIdentity,
    Reference,
    Writer,
    as_vectors,
    check_reference,
    check_writer_name,
)
from sigsearch.index.results import IndexInfo, Neighbours
from sigsearch.index.search.searcher import SEARCH_SETTING, Searcher
from sigsearch.index.search.snapshot import build_lock, drop_snapshot
from sigsearch.schema import Sync

if TYPE_CHECKING:
    from typing_extensions import Self

_OVERHEAD = 2048  # bytes of a reference's other records and of the pages they lie in, at most


class WriterIndex:
    """Enrolled writers on disk, searchable; threads may share one object.

    Any number of processes may read while one writes; each read sees one generation whole.
    `len(index)` counts references.
    """

    def __init__(
        self, path: Path, key: bytes | None, *, read_only: bool, wait: float, sync: Sync
    ) -> None:
        self.read_only = read_only
        self.store = Store(path, key, wait=wait, sync=sync, read_only=read_only)
        self.path = self.store.environment.root  # absolute: the process may change its folder
        self._named = str(path)
        self.identity: EncoderIdentity = self.store.identity
        self._searcher = Searcher(self.store, read_only=read_only)
        self._closed = False

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
        try:
            index.require(identity)
        except EncoderMismatch:
            index.close()
            raise
        return index

    def require(self, identity: EncoderIdentity | None) -> None:
        """Raises EncoderMismatch where another encoder made this index; None is any."""
        made_by = self.identity
        if identity not in (None, made_by):
            assert identity is not None
            raise EncoderMismatch(
                f"{self.path} was made by encoder {made_by.id!r} ({_facts(made_by)}), not by "
                f"{identity.id!r} ({_facts(identity)}); `sigsearch index reencode` reads it "
                "again with the encoder in use"
            )

    def state(self) -> State:
        """What every change rewrites: generation, token, and how many are enrolled."""
        return self.store.read(Ledger.state)

    @property
    def generation(self) -> int:
        """Counts the changes since the index was created."""
        return self.state().generation

    @property
    def writer_count(self) -> int:
        """How many writers are enrolled."""
        return self.state().writer_count

    def __len__(self) -> int:
        return self.state().reference_count

    def __enter__(self) -> Self:
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
                # What belongs to another index, or has another key, is not ours to write.
                with suppress(IndexReplaced, IndexLocked):
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

    @takes(references=list_of(Reference))
    def enrol(self, references: Sequence[Reference]) -> int:
        """Store references in one transaction; they are on disk when this returns.

        An image (content hash) that its writer has already enrolled is passed over. Returns
        how many were new.

        Raises:
            ReferenceRefused, IndexBusy, IndexFull, IndexReadOnly: nothing was stored.
        """
        self._must_write()
        for reference in references:
            check_reference(reference, self.identity.dimensions)
        if not references:
            return 0
        each = _OVERHEAD + 4 * self.identity.dimensions
        room = sum(2 * (len(reference.local) + each) for reference in references)
        return self.store.change(lambda ledger: operations.enrol(ledger, references), room=room)

    @takes(writer=TEXT)
    def forget(self, writer: str) -> int:
        """Drop a writer from every answer from now on; returns how many references it had.

        Raises:
            WriterUnknown.
        """
        self._must_write()
        return self.store.change(lambda ledger: operations.forget(ledger, writer))

    def amend(
        self, writer: str, dropped: Sequence[str], added: Sequence[Reference] = ()
    ) -> tuple[int, int]:
        """Take references of a writer out, by content hash, and put others in, of whichever
        writers, in one transaction; how many that were. A writer without references is forgotten.

        Raises:
            WriterUnknown, ReferenceUnknown, ReferenceRefused, IndexBusy, IndexFull: nothing was
            changed.
        """
        self._must_write()
        for reference in added:
            check_reference(reference, self.identity.dimensions)
        room = sum(2 * (len(one.local) + _OVERHEAD) for one in added)
        return self.store.change(
            lambda ledger: operations.amend(ledger, writer, dropped, added), room=room
        )

    def rename(self, writer: str, new: str) -> int:
        """Call a writer otherwise; how many references there are.

        Raises:
            WriterUnknown; ReferenceRefused: somebody is called `new` already.
        """
        self._must_write()
        check_writer_name(new)
        return self.store.change(lambda ledger: operations.rename(ledger, writer, new))

    def holders(self, content_hash: str) -> list[str]:
        """For whom an image is enrolled. Raises VerifyOnly where names cannot be read."""
        self.store.must_go_through()
        return self.store.read(lambda ledger: operations.holders(ledger, content_hash))

    def writers(self) -> Iterator[Writer]:
        """Everybody enrolled, in order of first enrolment; a page at a time, so that no snapshot
        is held open. Raises VerifyOnly where writers cannot be gone through."""
        self.store.must_go_through()
        start, listed, first = 0, 0, self.state()
        while page := self.store.read(partial(operations.page_of_writers, start=start)):
            for writer_id, writer in page:
                start = writer_id + 1
                listed += 1
                yield writer
                self.store.must_be_open()
        if listed != first.writer_count and self.state().token == first.token:
            raise IndexCorrupt(
                f"{listed} of {first.writer_count} writers are listed; try `index check`"
            )

    @takes(writer=TEXT)
    def references(self, writer: str) -> list[Reference]:
        """What a writer has enrolled, oldest first.

        Raises:
            WriterUnknown.
        """
        held = self.store.read(lambda ledger: ledger.references_of(writer))
        if not held:
            raise WriterUnknown.of(writer)
        return held

    @takes(writers=NAMES, where=TEXTS)
    def references_of(
        self, writers: Sequence[str], where: Mapping[str, str] | None = None
    ) -> list[list[Reference]]:
        """`references` of many writers, of one generation; empty for one who is not enrolled.

        With `where` only those with all these metadata values.
        """

        found = self.store.read(lambda ledger: list(map(ledger.references_of, writers)))
        if not where:
            return found
        return [[one for one in held if where.items() <= one.metadata.items()] for held in found]

    @takes(writers=NAMES)
    def numbers(self, writers: Sequence[str]) -> list[int | None]:
        """The writers' numbers, which are never given twice; None for one who is not enrolled."""
        return self.store.read(lambda ledger: [ledger.writer_id(name) for name in writers])

    def names(self, numbers: Sequence[int | None]) -> list[str | None]:
        """The counterpart of `numbers`; None for one who is forgotten, or whose name is sealed."""
        if self.store.seal.verify_only:
            return [None] * len(numbers)
        return self.store.read(lambda ledger: list(map(ledger.name, numbers)))

    @takes(content_hash=DIGEST, writer=TEXT)
    def has(self, content_hash: str, writer: str | None = None) -> bool:
        """Whether an image is enrolled, for this writer or for anybody."""
        return self.store.read(lambda one: operations.is_enrolled(one, content_hash, writer))

    @takes(k=COUNT, where=TEXTS)
    def search(
        self, vectors: npt.ArrayLike, k: int, where: Mapping[str, str] | None = None
    ) -> Neighbours:
        """The `k` closest writers for each of (n, d) unit vectors, one row per writer.

        With `where` only references with all these metadata values are looked at.
        """
        self.store.must_go_through()
        questioned = as_vectors(vectors, self.identity.dimensions)
        if k < 1:
            raise ArgumentRefused(f"k must be at least 1, not {k}")
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
            return compaction.compact(self.store, patience=patience) and overwritten

    @takes(memory=COUNT)
    def optimise(self, memory: int | None = None) -> None:
        """Build the search structure that suits the index as it is, and write it to disk.

        Happens by itself as the index grows; it takes minutes for millions of references. Codes
        may take `memory` bytes a reference, now and in times to come; it is 128 at first, where no
        more than 512 MiB are read at once.

        Raises:
            IndexFull, IndexReadOnly: it is not on disk, and serves this object only; what is
            enrolled is whole. IndexBusy: another process is building it, or erasing.
        """
        self._must_write()
        if memory is not None:
            if memory < 1:
                raise ArgumentRefused(f"memory must be at least 1 byte, not {memory}")
            self.put_setting(SEARCH_SETTING, {"memory": int(memory)})
        self._searcher.renew()

    def catch_up(self) -> None:
        """Build the search structure and write it to disk if it has fallen behind the store, as
        `close` does: before many searches that should not be exact ones for want of it."""
        self._searcher.save_if_behind()

    def drop_cache(self) -> None:
        """Let go of the search structure and its files; the next search loads it again."""
        self.store.must_be_open()
        self._searcher.drop()

    @takes(name=SHORT)
    def setting(self, name: str) -> dict[str, Any] | None:
        """A named JSON document kept with the index, or None."""
        return self.store.read(lambda ledger: ledger.setting(name))

    @takes(name=SHORT, document=of_kind(Mapping))
    def put_setting(self, name: str, document: Mapping[str, Any]) -> None:
        """Keep a JSON document under a name (at most 400 bytes), in place of the former one."""
        self._must_write()

        try:
            json.dumps(dict(document), allow_nan=False)
        except (TypeError, ValueError, RecursionError) as error:
            raise ArgumentRefused(f"the setting {name!r} is no JSON object ({error})") from error

        def work(ledger: Ledger) -> None:
            ledger.put_setting(name, document)
            ledger.commit_change(ledger.state())

        self.store.change(work)

    def info(self) -> IndexInfo:
        state, made_by, agreement = self.state(), self.identity, self._searcher.agreement()
        return IndexInfo(
            path=self._named, format=1 if state.log is None else FORMAT, encoder=made_by.id,
            preprocessing_version=made_by.preprocessing_version,
            dimensions=made_by.dimensions, metric=made_by.metric,
            generation=state.generation, writer_count=state.writer_count,
            reference_count=state.reference_count,
            bytes=size_of(self.path),
            structure=self._searcher.kind(), recall=agreement.recall,
            code=agreement.code, faster_code=agreement.faster_code(),
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
