"""The door: what everybody above this room may ask of an index, whatever keeps it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol

import numpy.typing as npt

from sigsearch.index.records import EncoderIdentity, Reference, Writer
from sigsearch.index.results import IndexInfo, LogEntry, Neighbours, Receipt

if TYPE_CHECKING:
    from typing_extensions import Self


class IndexState(Protocol):
    """One generation of an index; `token` names the change that made it."""

    @property
    def generation(self) -> int: ...
    @property
    def token(self) -> bytes: ...
    @property
    def reference_count(self) -> int: ...
    @property
    def writer_count(self) -> int: ...


class Index(Protocol):
    """Enrolled writers. Each change is one transaction and one generation; each read sees one
    generation whole. Names are compared as they are."""

    place: str
    """Where `open` finds it again: a folder, or the address of a database without a password."""
    identity: EncoderIdentity
    read_only: bool

    def state(self) -> IndexState: ...

    def info(self) -> IndexInfo: ...

    def close(self) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...  # fmt: skip

    def writing(self) -> AbstractContextManager[None]:
        """Keep other writers out for several changes in a row. Raises IndexBusy."""

    def enrol(self, references: Sequence[Reference]) -> int:
        """Store what is new (by writer and content hash) in one transaction, which is acknowledged
        when this returns; how many were new.

        Raises:
            ReferenceRefused, IndexBusy, IndexFull, IndexReadOnly: nothing was stored.
        """

    def forget(self, writer: str) -> int:
        """Drop a writer; how many references there were. Raises WriterUnknown."""

    def amend(
        self, writer: str, dropped: Sequence[str], added: Sequence[Reference] = ()
    ) -> tuple[int, int]:
        """Take references of a writer out, by content hash, and put others in, of whichever
        writers, in one transaction; how many that were. A writer without references is forgotten.

        Raises:
            WriterUnknown, ReferenceUnknown, ReferenceRefused: nothing was changed.
        """

    def rename(self, writer: str, new: str) -> int:
        """Call a writer, who keeps the number, otherwise; how many references there are. Raises
        WriterUnknown, or ReferenceRefused where somebody is called that already."""

    def holders(self, content_hash: str) -> list[str]:
        """For whom an image is enrolled. Raises VerifyOnly."""

    def erase(
        self, writer: str, receipt: Path | None = None, new_key: bytes | None = None,
        old_key: str = "",
    ) -> Receipt:  # fmt: skip
        """`forget`, and make sure that nothing is left, as far as that can be shown. With a
        `new_key`, which the caller has kept already, an encrypted index is sealed by that one; then
        the one in the file `old_key` is to be destroyed.

        Raises:
            WriterUnknown, IndexBusy, ErasureRefused: nothing was forgotten.
            ErasureIncomplete: the writer is forgotten, but something is left.
        """

    def gets_keys(self) -> bool:
        """Whether an erasure seals it by another key. Raises IndexLocked where it has none that
        could be changed."""

    def compact(self) -> bool:
        """Give free what was forgotten; whether it was overwritten."""

    def has(self, content_hash: str, writer: str | None = None) -> bool:
        """Whether an image is enrolled, for this writer or for anybody."""

    def writers(self) -> Iterator[Writer]:
        """Everybody, in order of first enrolment. Raises VerifyOnly."""

    def numbers(self, writers: Sequence[str]) -> list[int | None]:
        """The writers' numbers, which are never given twice; None for one who is not enrolled."""

    def names(self, numbers: Sequence[int | None]) -> list[str | None]:
        """The counterpart of `numbers`; None for one who is forgotten, or whose name is sealed."""

    def references(self, writer: str) -> list[Reference]:
        """A writer's references, oldest first. Raises WriterUnknown."""

    def references_of(
        self, writers: Sequence[str], where: Mapping[str, str] | None = None
    ) -> list[list[Reference]]:
        """`references` of many writers, of one generation, with `where` only those with all these
        metadata values; empty for one who is not enrolled."""

    def search(
        self, vectors: npt.ArrayLike, k: int, where: Mapping[str, str] | None = None
    ) -> Neighbours:
        """The `k` closest writers of each of (n, d) unit vectors. Raises VerifyOnly."""

    def catch_up(self) -> None:
        """Make what searches quickly current, before many searches in a row."""

    def optimise(self, memory: int | None = None) -> None:
        """Build the search structure that suits the index as it is, which may take minutes; its
        codes may take `memory` bytes a reference."""

    def setting(self, name: str) -> dict[str, Any] | None:
        """A named JSON document kept with the index."""

    def put_setting(self, name: str, document: Mapping[str, Any]) -> None:
        """Keep a JSON document under a name, in place of the former one."""

    def note(self, event: str, facts: Mapping[str, Any], writers: Sequence[str] = ()) -> LogEntry:
        """Append to the decision log; it is on record when this returns."""

    def decisions(self) -> Iterator[LogEntry]:
        """The decision log, oldest first. Raises IndexCorrupt where it was altered."""

    def export(self, path: Path) -> int:
        """Write all references to a Parquet file; how many. Raises VerifyOnly."""

    def take_in(
        self,
        path: Path,
        check: Callable[[Reference], None] | None = None,
        settings: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> int:
        """Enrol what `export` wrote, and keep `settings`; how many references were new. All is
        looked at first, also by `check`, which raises ReferenceRefused. No setting comes along from
        the file. Raises EncoderMismatch, or IndexFault for a file that is not sound."""
