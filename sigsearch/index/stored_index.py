"""What every filling of the door does alike, on the records of whatever keeps them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any

import numpy.typing as npt

from sigsearch.arguments import DIGEST, NAMES, POSITIVE, SHORT, TEXT, TEXTS, list_of, of_kind, takes
from sigsearch.errors import (
    ArgumentRefused,
    EncoderMismatch,
    IndexCorrupt,
    IndexLocked,
    IndexReadOnly,
    IndexReplaced,
    IndexUnreachable,
    WriterUnknown,
)
from sigsearch.index import operations
from sigsearch.index.keeping import Keeper, Records
from sigsearch.index.local.layout import State
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

if TYPE_CHECKING:
    from typing_extensions import Self

_OVERHEAD = 2048  # bytes of a reference's other records and of the pages they lie in, at most


class StoredIndex:
    """Enrolled writers, searchable; threads may share one object.

    Any number of processes may read while one writes; each read sees one generation whole.
    `len(index)` counts references.
    """

    store: Keeper
    place: str
    """Where `open` finds it again."""

    def __init__(self, store: Keeper, place: str, *, read_only: bool, searches_only: bool) -> None:
        """One that `searches_only` makes no search structure that takes long, nor writes one."""
        self.store, self.place, self.read_only = store, place, read_only
        self.identity: EncoderIdentity = store.identity
        self._searches_only = searches_only
        self._searcher = Searcher(store, read_only=searches_only)
        self._closed = False

    def require(self, identity: EncoderIdentity | None) -> None:
        """Raises EncoderMismatch where another encoder made this index; None is any."""
        made_by = self.identity
        if identity not in (None, made_by):
            assert identity is not None
            raise EncoderMismatch(
                f"{self.place} was made by encoder {made_by.id!r} ({_facts(made_by)}), not by "
                f"{identity.id!r} ({_facts(identity)}); `sigsearch index reencode` reads it "
                "again with the encoder in use"
            )

    def state(self) -> State:
        """What every change rewrites: generation, token, and how many are enrolled."""
        return self.store.state()

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
            if not self._searches_only:
                # What belongs to another index, or has another key, is not ours to write.
                with suppress(IndexReplaced, IndexLocked, IndexUnreachable):
                    self.catch_up()
        finally:
            self.store.close()

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
        held: list[Reference] = self.store.read(lambda ledger: ledger.references_of(writer))
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

        found: list[list[Reference]] = self.store.read(
            lambda ledger: ledger.references_of_all(list(writers))
        )
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

    @takes(k=POSITIVE, where=TEXTS)
    def search(
        self, vectors: npt.ArrayLike, k: int, where: Mapping[str, str] | None = None
    ) -> Neighbours:
        """The `k` closest writers for each of (n, d) unit vectors, one row per writer.

        With `where` only references with all these metadata values are looked at.
        """
        self.store.must_go_through()
        questioned = as_vectors(vectors, self.identity.dimensions)
        return self._searcher.search(questioned, k, where)

    @takes(memory=POSITIVE)
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
        kept: dict[str, Any] | None = self.store.read(lambda ledger: ledger.setting(name))
        return kept

    @takes(name=SHORT, document=of_kind(Mapping))
    def put_setting(self, name: str, document: Mapping[str, Any]) -> None:
        """Keep a JSON document under a name (at most 400 bytes), in place of the former one."""
        self._must_write()

        try:
            json.dumps(dict(document), allow_nan=False)
        except (TypeError, ValueError, RecursionError) as error:
            raise ArgumentRefused(f"the setting {name!r} is no JSON object ({error})") from error

        def work(ledger: Records) -> None:
            ledger.put_setting(name, document)
            ledger.commit_change(ledger.state())

        self.store.change(work)

    def _described(self, place: str, number: int, size: int) -> IndexInfo:
        """`info` of an index at `place`, in the format of this `number`, of so many bytes."""
        state, made_by, agreement = self.state(), self.identity, self._searcher.agreement()
        return IndexInfo(
            path=place, format=number, encoder=made_by.id,
            preprocessing_version=made_by.preprocessing_version, dimensions=made_by.dimensions,
            metric=made_by.metric, generation=state.generation, writer_count=state.writer_count,
            reference_count=state.reference_count, bytes=size,
            structure=self._searcher.kind(), recall=agreement.recall,
            code=agreement.code, faster_code=agreement.faster_code(),
        )  # fmt: skip

    def _must_write(self) -> None:
        self.store.must_be_open()
        if self.read_only:
            raise IndexReadOnly(f"{self.place} was opened for reading only")


def _facts(identity: EncoderIdentity) -> str:
    return (
        f"preprocessing {identity.preprocessing_version}, {identity.dimensions} dimensions, "
        f"{identity.metric}"
    )
