"""What keeps an index, LMDB or PostgreSQL, as those see it who ask and change its records."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeVar

import numpy.typing as npt

from sigsearch.arrays import Singles
from sigsearch.index.local.layout import Change, LogEnd, Rows, State
from sigsearch.index.local.locks import WriterLock
from sigsearch.index.records import EncoderIdentity, Reference, Writer
from sigsearch.index.seals.checksum import Seal

T = TypeVar("T")


class Records(Protocol):
    """Writers, references, settings and changes as one transaction sees them. Ids are never given
    twice, so they order by age. The keys of references are their ids, big-endian."""

    def state(self) -> State: ...

    def commit_change(self, state: State, removed: tuple[int, ...] = ()) -> State:
        """Number this change and log it, so that a cache can follow."""

    def end_log(self, end: LogEnd | None) -> None:
        """Say where the decision log ends; of the same generation, since no answer changes."""

    def change(self, generation: int) -> Change | None: ...

    def follows(self, past: State) -> bool:
        """Whether a state is one of this store's own history, its present included."""

    def setting(self, name: str) -> dict[str, Any] | None: ...

    def put_setting(self, name: str, document: Mapping[str, Any]) -> None: ...

    def settings(self) -> dict[str, dict[str, Any]]: ...

    def of(self, name: str) -> Records:
        """The same with the writer's own seal: a verify-only index has one for each name."""

    def writer_id(self, name: str) -> int | None: ...

    def writer(self, writer_id: int) -> Writer: ...

    def writers_of(self, writer_ids: list[int]) -> list[Writer]: ...

    def name(self, writer_id: int | None) -> str | None:
        """Of a writer who is still enrolled."""

    def writers_from(self, writer_id: int) -> Iterator[tuple[int, Writer]]: ...

    def foresee(self, writers: Sequence[str]) -> None:
        """Be told of whom much will be asked."""

    def put_writer(self, writer_id: int, name: str, references: int) -> None: ...

    def drop_writer(self, writer_id: int, name: str) -> None: ...

    def held_by(self, writer_id: int) -> list[bytes]:
        """The keys of a writer's references, oldest first, as many as the writer's record says;
        for the records with the writer's own seal."""

    def references_of(self, name: str) -> list[Reference]:
        """All references of a writer, oldest first; empty for one who is not enrolled."""

    def references_of_all(self, names: list[str]) -> list[list[Reference]]: ...

    def enrolled(self) -> Iterator[tuple[int, Reference]]:
        """All references with their ids, writer by writer."""

    def by_age(self, start: int) -> Iterator[tuple[int, int, Reference]]:
        """Ids, writer ids and references, but for the writers' names, from id `start` on."""

    def origin(self, reference_id: int) -> tuple[int, str]:
        """Writer id and content hash of a reference."""

    def put_reference(self, reference_id: int, writer_id: int, reference: Reference) -> None: ...

    def drop_reference(self, reference_id: int, writer_id: int) -> None: ...

    def has_hash(self, content_hash: str, writer_id: int) -> bool: ...

    def holders(self, content_hash: str) -> list[int]:
        """The writers for whom an image is enrolled."""

    def vectors_from(self, reference_id: int, size: int = ...) -> Iterator[Rows]:
        """Up to `size` rows at a time, in order of age."""

    def vectors_of(self, ids: npt.NDArray[Any]) -> Rows:
        """The rows of given references; all must be there."""

    def sample(self, count: int) -> Rows:
        """About `count` rows, evenly over the ages; all if there are fewer."""

    def matching(self, where: Mapping[str, str]) -> npt.NDArray[Any]:
        """Ids of references whose metadata has all these values."""


class CentroidBook(Protocol):
    """Centroids of clusters that serve every machine, so that only the first one trains them."""

    def read(self) -> Singles | None:
        """(n, dimensions) of unit length; None before anybody has trained."""

    def keep(self, centroids: Singles, state: State) -> None:
        """Those trained on the references of `state`; left out if somebody was erased since."""


class Place(Protocol):
    """Where the search structure lies, and the lock that keeps writers from it."""

    @property
    def root(self) -> Path: ...
    @property
    def lock(self) -> WriterLock: ...


class Keeper(Protocol):
    """Reads and changes of one index."""

    wait: float

    @property
    def seal(self) -> Seal: ...
    @property
    def identity(self) -> EncoderIdentity: ...
    @property
    def salt(self) -> str:
        """Tells this index from every other."""

    @property
    def environment(self) -> Place: ...
    @property
    def centroids(self) -> CentroidBook | None:
        """None where one machine alone searches."""

    def close(self) -> None: ...

    def must_be_open(self) -> None:
        """Raises IndexClosed after `close`."""

    def must_go_through(self) -> None:
        """Raises VerifyOnly where writers cannot be gone through."""

    def state(self) -> State: ...

    def read(self, work: Callable[[Any], T]) -> T:
        """Run `work` on one generation of the `Records`."""

    def change(self, work: Callable[[Any], T], *, room: int = 0) -> T:
        """Run `work` on the `Records` in one transaction; it is on disk when this returns. Bytes
        that are wanted for it: `room`."""
