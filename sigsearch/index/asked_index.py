"""What may be asked of an index, whatever keeps its records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import numpy.typing as npt

from sigsearch.arguments import DIGEST, NAMES, POSITIVE, SHORT, TEXT, TEXTS, takes
from sigsearch.errors import EncoderMismatch, IndexCorrupt, WriterUnknown
from sigsearch.index import operations
from sigsearch.index.keeping import Keeper
from sigsearch.index.local.layout import State
from sigsearch.index.records import EncoderIdentity, Reference, Writer, as_vectors
from sigsearch.index.results import IndexInfo, Neighbours
from sigsearch.index.search.searcher import Searcher


class AskedIndex:
    """Enrolled writers, as those see them who ask; threads may share one object.

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
                f"{self.place} was made by encoder {made_by.id!r} ({made_by.facts}), not by "
                f"{identity.id!r} ({identity.facts}); `sigsearch index reencode` reads it "
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

    @takes(name=SHORT)
    def setting(self, name: str) -> dict[str, Any] | None:
        """A named JSON document kept with the index, or None."""
        kept: dict[str, Any] | None = self.store.read(lambda ledger: ledger.setting(name))
        return kept

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
