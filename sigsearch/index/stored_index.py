"""Changes of an index, whatever keeps its records."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from types import TracebackType
from typing import TYPE_CHECKING, Any

from sigsearch.arguments import POSITIVE, SHORT, TEXT, list_of, of_kind, takes
from sigsearch.errors import (
    ArgumentRefused,
    EncoderMismatch,
    IndexLocked,
    IndexReadOnly,
    IndexReplaced,
    IndexUnreachable,
)
from sigsearch.index import operations
from sigsearch.index.asked_index import AskedIndex
from sigsearch.index.keeping import Records
from sigsearch.index.records import (
    EncoderIdentity,
    Reference,
    check_reference,
    check_writer_name,
)
from sigsearch.index.search.searcher import SEARCH_SETTING

if TYPE_CHECKING:
    from typing_extensions import Self

_OVERHEAD = 2048  # bytes of a reference's other records and of the pages they lie in, at most


class StoredIndex(AskedIndex):
    """An index that may be asked and changed."""

    def opened_for(self, identity: EncoderIdentity | None) -> Self:
        """This, if `identity` made it, or whoever where that is None. Else it is closed, and raises
        EncoderMismatch."""
        try:
            self.require(identity)
        except EncoderMismatch:
            self.close()
            raise
        return self

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

    @takes(name=SHORT, document=of_kind(Mapping))
    def put_setting(self, name: str, document: Mapping[str, Any]) -> None:
        """Keep a JSON document under a name (at most 400 bytes), in place of the former one."""
        self._must_write()

        try:
            json.dumps(dict(document), allow_nan=False)
        except (TypeError, ValueError, RecursionError) as error:
            raise ArgumentRefused(f"the setting {name!r} is not a JSON object ({error})") from error

        def work(ledger: Records) -> None:
            ledger.put_setting(name, document)
            ledger.commit_change(ledger.state())

        self.store.change(work)

    def _must_write(self) -> None:
        self.store.must_be_open()
        if self.read_only:
            raise IndexReadOnly(f"{self.place} was opened for reading only")
