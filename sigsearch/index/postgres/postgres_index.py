"""The door over PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy.typing as npt

from sigsearch.arguments import BYTES, COUNT, PLACE, POSITIVE, TEXT, TEXTS, of_kind, takes
from sigsearch.errors import IndexFault
from sigsearch.index.logged_index import LoggedIndex
from sigsearch.index.postgres import erasure, schema
from sigsearch.index.postgres.address import Address
from sigsearch.index.postgres.connections import Connections
from sigsearch.index.postgres.log import PostgresLog
from sigsearch.index.postgres.renewal import Renewal
from sigsearch.index.postgres.store import PostgresStore
from sigsearch.index.records import EncoderIdentity
from sigsearch.index.results import IndexInfo, Neighbours, Receipt
from sigsearch.schema import Sync

if TYPE_CHECKING:
    from typing_extensions import Self

_SIZE = (
    "SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint FROM pg_class c "
    "WHERE c.relnamespace = '{s}'::regnamespace AND c.relkind = 'r'"
)


class PostgresIndex(LoggedIndex):
    """Enrolled writers in a schema of a database; any number of processes enrol and ask."""

    store: PostgresStore

    def __init__(
        self, store: PostgresStore, place: str, *, read_only: bool, searches_only: bool
    ) -> None:
        super().__init__(store, place, read_only=read_only, searches_only=searches_only)
        self._renewal = Renewal(store, self._searcher)

    @property
    def decision_log(self) -> PostgresLog:
        return PostgresLog(self.store)

    @classmethod
    @takes(place=TEXT, identity=of_kind(EncoderIdentity), key=BYTES)
    def create(
        cls, place: str, identity: EncoderIdentity, *, exist_ok: bool = False,
        key: bytes | None = None, verify_only: bool = False, wait: float = 10.0,
        sync: Sync = "full",
    ) -> Self:  # fmt: skip
        """Make an empty index and open it; see `WriterIndex.create`.

        Raises:
            IndexFault: it is there already, or the role may not make it; IndexUnreachable;
            EncoderMismatch; ExtraMissing: psycopg is not installed.
        """
        address = Address.parse(place)
        connections = Connections(address, lock_wait=wait, lazy=False)
        try:
            schema.create(connections, identity, key, verify_only=verify_only, exist_ok=exist_ok)
        finally:
            connections.close()
        return cls.open(place, identity=identity, key=key, wait=wait, sync=sync)

    @classmethod
    @takes(place=TEXT, identity=of_kind(EncoderIdentity), key=BYTES)
    def open(
        cls, place: str, *, identity: EncoderIdentity | None = None, key: bytes | None = None,
        read_only: bool = False, wait: float = 10.0, sync: Sync = "full",
    ) -> Self:  # fmt: skip
        """Open the index at `postgresql://host/db?index=NAME`; changes wait up to `wait` seconds
        for another writer. With `&cache=FOLDER` the search structure is kept there.

        Raises:
            IndexUnreachable, IndexMissing, IndexNewer, EncoderMismatch, IndexLocked, ExtraMissing.
        """
        address = Address.parse(place)
        store = PostgresStore(address, key, wait=wait, sync=sync, read_only=read_only)
        searches_only = read_only or address.cache is None
        index = cls(store, address.place, read_only=read_only, searches_only=searches_only)
        index.opened_for(identity)
        if address.cache is not None:
            index._renewal.drop_files()
        return index

    def close(self) -> None:
        if not self._closed:
            self._renewal.end()
            super().close()

    @takes(k=POSITIVE, where=TEXTS)
    def search(
        self, vectors: npt.ArrayLike, k: int, where: Mapping[str, str] | None = None
    ) -> Neighbours:
        self._renewal.begin()
        return super().search(vectors, k, where)

    @contextmanager
    def writing(self) -> Iterator[None]:
        self._must_write()
        with self.store.writing():
            yield

    def info(self) -> IndexInfo:
        size = self.store.read(lambda ledger: int(ledger.ask(_SIZE)[0][0]))
        return self._described(self.place, len(schema.STEPS), size)

    @takes(memory=COUNT)
    def optimise(self, memory: int | None = None) -> None:
        """Build the search structure that suits the index as it is, in the cache folder; `memory`
        as in the embedded index.

        Raises:
            IndexFault: the address names no cache folder; then search is exact, in memory.
        """
        if self.store.address.cache is None:
            raise IndexFault(
                f"{self.place}: name a folder for the search structure in the address "
                "(&cache=FOLDER); without one, search is exact"
            )
        super().optimise(memory)

    def gets_keys(self) -> bool:
        return False

    def compact(self) -> bool:
        """Let VACUUM make the space of what was forgotten free to be used again; False, for that
        overwrites nothing."""
        self._must_write()
        self.store.vacuum()
        return False

    @takes(writer=TEXT, receipt=PLACE, new_key=BYTES, old_key=TEXT)
    def erase(
        self, writer: str, receipt: Path | None = None, new_key: bytes | None = None,
        old_key: str = "",
    ) -> Receipt:  # fmt: skip
        return erasure.erase(self, writer, None if receipt is None else Path(receipt), new_key)
