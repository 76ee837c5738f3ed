"""What one transaction of PostgreSQL can be asked: of a snapshot for a reader; for a writer, who
holds the row of the state, of what is committed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from sigsearch.arrays import Singles
from sigsearch.errors import IndexCorrupt
from sigsearch.index.local.layout import (
    NOTHING,
    Change,
    Rows,
    State,
    number_key,
    unpack_json,
    unpack_reference,
    unpack_references,
    unpack_rows,
    unpack_writer,
)
from sigsearch.index.postgres.schema import CENTROIDS, STATE, change_key
from sigsearch.index.records import Reference, Writer
from sigsearch.index.seals.checksum import Seal

if TYPE_CHECKING:
    from typing_extensions import Self

_PAGE, _CHANGES = 512, 4096
HELD = (
    "FROM unnest(%s::bigint[]) AS one(number) CROSS JOIN LATERAL "
    "(SELECT * FROM {s}.enrolled WHERE writer = one.number OFFSET 0) e"
)
"""The references of writers, each looked up in its own partition: `= ANY` looks for all in all."""


class PostgresReading:
    """The reading half of `Records`."""

    def __init__(self, connection: Any, schema: str, seal: Seal, token: bytes = b"") -> None:
        """A change is known by its `token`; a reader has none."""
        self.connection, self._schema, self._seal, self._token = connection, schema, seal, token
        self._known: dict[int, Writer] = {}
        self._ids: dict[bytes, int | None] = {}
        self._changes: dict[int, Change | None] = {}
        self._state: State | None = None
        lock = " FOR UPDATE OF s" if token else ""
        with connection.pipeline():  # with the BEGIN before it
            ((record, self.sealing),) = self.ask(
                f"SELECT s.record, a.sealing FROM {{s}}.state s, {{s}}.about a{lock}"
            )
        self._record = record

    def ask(self, question: str, *values: Any) -> list[tuple[Any, ...]]:
        """The rows that answer; `{s}` is the index's schema."""
        with self.connection.cursor(binary=True) as cursor:
            cursor.execute(question.format(s=self._schema).encode(), values)
            rows: list[tuple[Any, ...]] = cursor.fetchall() if is_question(question) else []
            return rows

    # -- the index as a whole

    def state(self) -> State:
        if self._state is None:
            self._state = State.unpack(self._seal.open(STATE, self._record))
        return self._state

    def change(self, generation: int) -> Change | None:
        known = self._changes
        if generation not in known:
            last = generation + _CHANGES
            found = self.ask(
                "SELECT generation, record FROM {s}.changes WHERE generation BETWEEN %s AND %s",
                generation, last,
            )  # fmt: skip
            known.update(dict.fromkeys(range(generation, last + 1)))
            for number, record in found:
                known[number] = Change.unpack(self._seal.open(change_key(number), record))
        return known[generation]

    def follows(self, past: State) -> bool:
        """Whether a state is one of this store's own history, its present included."""
        change = self.change(past.generation)
        return change is not None and change.token == past.token

    def was_made(self, token: bytes, since: int) -> bool:
        """Whether a change after generation `since` was committed."""
        found = self.ask("SELECT generation FROM {s}.changes WHERE generation > %s", since)
        changes = (self.change(number) for (number,) in sorted(found))
        return any(one is not None and one.token == token for one in changes)

    def last_erasure(self) -> int:
        """The generation since which nobody was erased; 0 if nobody ever was."""
        ((generation,),) = self.ask("SELECT coalesce(max(generation), 0) FROM {s}.erasures")
        return int(generation)

    def centroids(self, dimensions: int) -> Singles | None:
        """What was kept by `put_centroids`."""
        found = self.ask("SELECT record FROM {s}.centroids")
        if not found:
            return None
        packed = self._seal.open(CENTROIDS, found[0][0])
        return np.frombuffer(packed, "<f4").reshape(-1, dimensions)

    def setting(self, name: str) -> dict[str, Any] | None:
        key = name.encode()
        found = self.ask("SELECT record FROM {s}.settings WHERE name = %b", key)
        return unpack_json(self._seal.open(b"S" + key, found[0][0])) if found else None

    def settings(self) -> dict[str, dict[str, Any]]:
        found = self.ask("SELECT name, record FROM {s}.settings ORDER BY name")
        return {key.decode(): unpack_json(self._seal.open(b"S" + key, body)) for key, body in found}

    # -- writers

    def of(self, name: str) -> Self:
        """The ledger with the writer's own seal: a verify-only index has one for each name."""
        seal = self._seal.of(name)
        if seal is self._seal:
            return self
        own = copy(self)  # which shares what is pending
        own._seal = seal
        return own

    def writer_id(self, name: str) -> int | None:
        key, ids = self._seal.name_key(name), self._ids
        if key in ids:
            return ids[key]
        found = self.ask("SELECT id FROM {s}.writers WHERE name_key = %b", key)
        return found[0][0] if found else None

    def writer(self, writer_id: int) -> Writer:
        return self.writers_of([writer_id])[0]

    def writers_of(self, writer_ids: list[int]) -> list[Writer]:
        known = self._known
        unknown = [one for one in writer_ids if one not in known]
        for number, record in self._writers(unknown):
            known[number] = self._writer(number, record)
        for one in unknown:
            if one not in known:
                raise IndexCorrupt(f"there is no record of writer {one}; try `index check`")
        return [known[one] for one in writer_ids]

    def name(self, writer_id: int | None) -> str | None:
        """Of a writer who is still enrolled."""
        found = self._writers([] if writer_id is None else [writer_id])
        return self._writer(*found[0]).name if found else None

    def writers_from(self, writer_id: int) -> Iterator[tuple[int, Writer]]:
        page = "SELECT id, record FROM {s}.writers WHERE id >= %s ORDER BY id LIMIT %s"
        while found := self.ask(page, writer_id, _PAGE):
            for number, record in found:
                yield number, self._writer(number, record)
            writer_id = found[-1][0] + 1

    def _writers(self, ids: Sequence[int]) -> list[tuple[int, bytes]]:
        if not ids:
            return []
        asked = "SELECT id, record FROM {s}.writers WHERE id = ANY(%s)"
        return [(number, record) for number, record in self.ask(asked, list(ids))]

    def _writer(self, number: int, record: bytes) -> Writer:
        return unpack_writer(self._seal.open(b"W" + number_key(number), record))

    # -- references

    def held_by(self, writer_id: int) -> list[bytes]:
        """The keys of a writer's references, oldest first, as many as the writer's record says;
        for the ledger with the writer's own seal."""
        found = self.ask("SELECT id FROM {s}.enrolled WHERE writer = %s ORDER BY id", writer_id)
        _must_be(len(found), self.writer(writer_id), writer_id)
        return [number_key(number) for (number,) in found]

    def references_of(self, name: str) -> list[Reference]:
        """All references of a writer, oldest first; empty for one who is not enrolled."""
        return self.references_of_all([name])[0]

    def references_of_all(self, names: list[str]) -> list[list[Reference]]:
        """As `references_of`, for many at once."""
        keys = [self._seal.name_key(name) for name in names]
        asked = "SELECT name_key, id, record FROM {s}.writers WHERE name_key = ANY(%b)"
        ids = {key: (number, record) for key, number, record in self.ask(asked, keys)}
        rows = self._enrolled([number for number, _ in ids.values()])
        held = []
        for name, key in zip(names, keys, strict=True):
            number, record = ids.get(key, (0, b""))
            own = self.of(name)
            if number:
                _must_be(len(rows[number]), own._writer(number, record), number)
            held.append(own._references(name, rows[number]) if number else [])
        return held

    def enrolled(self) -> Iterator[tuple[int, Reference]]:
        """All references with their ids, writer by writer."""
        page: list[tuple[int, Writer]] = []
        for one in self.writers_from(0):
            page.append(one)
            if len(page) == _PAGE:
                yield from self._all_of(page)
                page = []
        yield from self._all_of(page)

    def by_age(self, start: int) -> Iterator[tuple[int, int, Reference]]:
        """Ids, writer ids and references, but for the writers' names, from id `start` on."""
        page = (
            "SELECT writer, id, record, vector, tokens FROM {s}.enrolled "
            "WHERE id >= %s ORDER BY id LIMIT %s"
        )
        while found := self.ask(page, start, _PAGE):
            for writer, *row in found:
                yield row[0], writer, self._reference("", tuple(row))
            start = found[-1][1] + 1

    def _all_of(self, page: Sequence[tuple[int, Writer]]) -> Iterator[tuple[int, Reference]]:
        rows = self._enrolled([number for number, _ in page])
        for number, writer in page:
            _must_be(len(rows[number]), writer, number)
            references = self._references(writer.name, rows[number])
            yield from zip([row[0] for row in rows[number]], references, strict=True)

    def _enrolled(self, writers: Sequence[int]) -> dict[int, list[tuple[Any, ...]]]:
        """Sealed rows by writer, oldest first."""
        found: dict[int, list[tuple[Any, ...]]] = {number: [] for number in writers}
        asked = f"SELECT writer, id, record, vector, tokens {HELD} ORDER BY id"
        for writer, *row in self.ask(asked, list(writers)) if writers else ():
            found[writer].append(tuple(row))
        return found

    def _reference(self, name: str, row: tuple[Any, ...]) -> Reference:
        return self._references(name, [row])[0]

    def _references(self, name: str, rows: Sequence[tuple[Any, ...]]) -> list[Reference]:
        """Of one writer, by sealed rows."""
        if not rows:
            return []
        numbers, *columns = zip(*rows, strict=True)
        keys = list(map(number_key, numbers))
        records, vectors, tokens = (
            self._seal.open_many(zip([tag + key for key in keys], sealed, strict=True))
            for tag, sealed in zip((b"R", b"V", b"L"), columns, strict=True)
        )
        return unpack_references(name, vectors, tokens, records)

    def origin(self, reference_id: int) -> tuple[int, str]:
        """Writer id and content hash of a reference."""
        found = self.ask("SELECT record FROM {s}.enrolled WHERE id = %s", reference_id)
        if not found:
            raise IndexCorrupt(f"there is no record of reference {reference_id}; try `index check`")
        record = self._seal.open(b"R" + number_key(reference_id), found[0][0])
        writer_id, reference = unpack_reference("", NOTHING, b"", record)
        return writer_id, reference.content_hash

    def holders(self, content_hash: str) -> list[int]:
        """The writers for whom an image is enrolled."""
        asked = "SELECT writer FROM {s}.enrolled WHERE content_key = %b ORDER BY writer"
        return [number for (number,) in self.ask(asked, self._content_key(content_hash))]

    def vectors_from(self, reference_id: int, size: int = 8192) -> Iterator[Rows]:
        """Up to `size` rows at a time, in order of age."""
        page = "SELECT id, vector FROM {s}.enrolled WHERE id >= %s ORDER BY id LIMIT %s"
        while found := self.ask(page, reference_id, size):
            yield self._rows(found)
            reference_id = found[-1][0] + 1

    def sample(self, count: int) -> Rows:
        """About `count` rows, evenly over the ages; all if there are fewer."""
        highest = self.state().next_reference - 1
        chosen = np.unique(np.linspace(1, highest, min(count, highest)).astype(np.int64))
        asked = "SELECT id, vector FROM {s}.enrolled WHERE id = ANY(%s) ORDER BY id"
        return self._rows(self.ask(asked, chosen.tolist()))

    def vectors_of(self, ids: npt.NDArray[np.int64]) -> Rows:
        """The rows of given references; all must be there."""
        asked = "SELECT id, vector FROM {s}.enrolled WHERE id = ANY(%s)"
        found = dict(self.ask(asked, np.unique(ids).tolist()))
        try:
            return self._rows([(one, found[one]) for one in ids.tolist()])
        except KeyError as missing:
            raise IndexCorrupt(f"there is no vector of reference {missing}") from None

    def matching(self, where: Mapping[str, str]) -> npt.NDArray[np.int64]:
        """Ids of references whose metadata has all these values."""
        facets = [self._facet(name, value) for name, value in where.items()]
        found = self.ask("SELECT id FROM {s}.enrolled WHERE facets @> %b ORDER BY id", facets)
        return np.array([number for (number,) in found], np.int64)

    def _rows(self, found: Iterable[tuple[int, bytes]]) -> Rows:
        numbers = [number for number, _ in found]
        sealed = [(b"V" + number_key(number), vector) for number, vector in found]
        return unpack_rows(np.array(numbers, np.int64), b"".join(self._seal.open_many(sealed)))

    def _facet(self, name: str, value: str) -> bytes:
        return self._seal.digest(f"{name}\0{value}".encode())

    def _content_key(self, content_hash: str) -> bytes:
        return self._seal.digest(bytes.fromhex(content_hash))


def is_question(text: str) -> bool:
    """Whether rows come back; in a pipeline one would have to wait to know."""
    return text.lstrip().startswith("SELECT")


def _must_be(count: int, writer: Writer, number: int) -> None:
    if count != writer.reference_count:
        raise IndexCorrupt(
            f"{count} of {writer.reference_count} references of writer {number} are listed; "
            "try `index check`"
        )
