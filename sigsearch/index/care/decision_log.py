"""What was asked and decided, one line each, every line bound to the one before by a hash.

The index's state says where the log ends, so that nothing is cut off. A line is written before the
state: a kill between the two leaves a line more than the state knows of, which follows the others.

Writers appear by their number, so that forgetting a writer leaves the log whole and without
the name. Lines of an encrypted index are sealed.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timezone
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from sigsearch.errors import ArgumentRefused, IndexCorrupt
from sigsearch.index.local.contents import AUDIT_LOCK, AUDIT_LOG
from sigsearch.index.local.files import named_faults
from sigsearch.index.local.folder import Folder, not_plain, open_plain, read_plain
from sigsearch.index.local.layout import LogEnd
from sigsearch.index.local.locks import WriterLock
from sigsearch.index.local.store import Store
from sigsearch.index.local.writer_index import WriterIndex
from sigsearch.index.results import LogEntry
from sigsearch.index.seals.checksum import Seal

_BEGINNING = "0" * 64
_AMISS = "keep a copy as evidence; after `sigsearch index repair` the log goes on as it is"
_NO_ENTRY = (
    ValueError,
    TypeError,
    KeyError,
    RecursionError,
)  # what is raised by a line that is none


class DecisionLog:
    """The log of an index folder; any process may append, also one that only reads the index."""

    def __init__(self, index: WriterIndex) -> None:
        self._index = index
        self._store: Store = index.store
        self._path: Path = index.path / AUDIT_LOG

    def append(self, event: str, facts: Mapping[str, Any], writers: Sequence[str] = ()) -> LogEntry:
        """Note an event; it is on disk when this returns. `facts` must be fit for JSON.

        Raises:
            IndexBusy, IndexFull, IndexReadOnly; IndexCorrupt: the last line is damaged, or not the
            one that the index knows.
        """
        numbers = self._index.numbers(writers)
        try:
            known = json.loads(json.dumps(dict(facts), allow_nan=False))
        except (TypeError, ValueError, RecursionError) as error:
            raise ArgumentRefused(f"the facts are not fit for JSON ({error})") from error
        with (
            self._alone() as end,
            named_faults(self._path),
            open(open_plain(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND), "a+b") as file,
        ):
            last, size = self._last(file)
            self._must_end(last, end)
            self._cut(file, size)
            entry = LogEntry(
                number=last.number + 1 if last else 1,
                at=datetime.now(timezone.utc).isoformat(timespec="milliseconds"),
                event=event,
                writers=tuple(numbers),
                facts=known,
                previous=last.hash if last else _BEGINNING,
            )
            entry = replace(entry, hash=entry.digest())
            if end is None:
                self._write(file, entry)
            else:
                self._store.end_log(self.end_at(entry), partial(self._write, file, entry))
        return entry

    def put(self, entries: Iterator[LogEntry]) -> int:
        """Take over the entries of another index's log into an empty one; how many."""
        last, lines = None, list[bytes]()
        for last in entries:
            lines.append(self._line(last))
        with (
            self._alone(),
            named_faults(self._path),
            open(open_plain(self._path, os.O_RDWR | os.O_CREAT), "r+b") as file,
        ):
            file.truncate(0)  # what a copy left that was cut short
            file.write(b"".join(lines))
            file.flush()
            os.fsync(file.fileno())
            self._store.end_log(self.end_at(last))
        return len(lines)

    def end_at(self, entry: LogEntry | None, seal: Seal | None = None) -> LogEnd:
        """What the state says, under this seal, of a log that ends with this entry."""
        own = seal.of_log() if seal else self._seal
        return LogEnd(entry.number, own.mark(entry.hash)) if entry else LogEnd()

    def end_of_lines(self, seal: Seal | None = None) -> LogEnd:
        """`end_at` of what lies there, whatever the index knows. Raises IndexCorrupt."""
        entries = list(self.unbound())
        return self.end_at(entries[-1] if entries else None, seal)

    @property
    def _seal(self) -> Seal:
        return self._store.seal.of_log()

    @contextmanager
    def _alone(self) -> Iterator[LogEnd | None]:
        """Nobody else appends meanwhile; where the index says that the log ends."""
        while True:
            known = self._store.state().log is not None
            lock = WriterLock(self._path.with_name(AUDIT_LOCK))
            with (self._store.environment.lock if known else lock).held(self._store.wait):
                end = self._store.state().log
                if (end is not None) == known:  # else it was migrated meanwhile
                    yield end
                    return

    def _must_end(self, last: LogEntry | None, end: LogEnd | None) -> None:
        """Raises IndexCorrupt where the log does not end as the index says."""
        if end is None or self.end_at(last) == end:
            return
        for _ in self.entries():  # says what is wrong, unless a kill left more than the index knows
            pass

    def entries(self) -> Iterator[LogEntry]:
        """All entries, oldest first.

        Raises:
            IndexCorrupt: names the first line that was altered, moved or taken out.
        """
        end = self._store.state().log or LogEnd()  # before the lines: they only become more
        last = None
        for last in self.unbound():
            if last.number == end.entries and self.end_at(last) != end:
                raise IndexCorrupt(
                    f"{self._path}: line {last.number} is not what the index knows; {_AMISS}"
                )
            yield last
        count = last.number if last else 0
        if count < end.entries:
            raise IndexCorrupt(
                f"{self._path} has {count} of {end.entries} entries: it was cut off, or put back "
                f"from a copy; {_AMISS}"
            )

    def unbound(self) -> Iterator[LogEntry]:
        """As `entries`, whatever the index says about the end of the log."""
        previous = _BEGINNING
        for number, line in enumerate(self._lines(), start=1):
            entry = self._entry(number, line)
            if (entry.number, entry.previous) != (number, previous):
                raise IndexCorrupt(f"{self._path}: line {number} does not follow the one before")
            previous = entry.hash
            yield entry

    def beyond(self) -> int:
        """How many lines there are beyond those that the index knows."""
        end = self._store.state().log or LogEnd()
        return max(0, len(self._lines()) - end.entries)

    def reseal(self) -> None:
        """Seal the lines of format 1 by the log's own key; nobody appends meanwhile."""
        seal, lines = self._seal, self._lines()
        if not seal.secret or all(_is_sealed(seal, *pair) for pair in enumerate(lines, start=1)):
            return
        data = b"".join(map(self._line, self.unbound()))
        with named_faults(self._path), Folder.at(self._path.parent) as folder:
            folder.swap_in(self._path.name, data)

    def _lines(self) -> list[bytes]:
        try:
            with named_faults(self._path, but=(FileNotFoundError,)):
                *lines, rest = read_plain(self._path).split(b"\n")
        except FileNotFoundError:
            return []
        self._must_be_torn(rest)
        return lines

    def _cut(self, file: BinaryIO, size: int) -> None:
        """Take a torn line off; but not of a file that has another name elsewhere."""
        if file.seek(0, os.SEEK_END) > size:
            if os.fstat(file.fileno()).st_nlink > 1:
                raise not_plain(self._path)
            file.truncate(size)

    def _last(self, file: BinaryIO) -> tuple[LogEntry | None, int]:
        """The last whole line, and how many bytes there are up to its end."""
        size = file.seek(0, os.SEEK_END)
        reach = 1 << 16
        while True:
            start = file.seek(max(0, size - reach))
            tail = file.read()
            end = tail.rfind(b"\n")
            begin = tail.rfind(b"\n", 0, max(end, 0))
            if start == 0 or (end >= 0 and begin >= 0):
                break
            reach *= 4
        self._must_be_torn(tail[end + 1 :])
        if end < 0:
            return None, 0
        line = tail[begin + 1 : end]
        try:
            number = json.loads(line)["number"]
        except _NO_ENTRY as error:
            raise IndexCorrupt(
                f"{self._path}: the last line cannot be read; put the file aside as evidence, and "
                "a new log will begin"
            ) from error
        return self._entry(number, line), start + end + 1

    def _must_be_torn(self, rest: bytes) -> None:
        """What follows the last newline was never acknowledged, unless it is more than a line that
        was cut short: then the newline itself was damaged. Raises IndexCorrupt."""
        try:
            _, length = json.JSONDecoder().raw_decode(rest.decode("utf-8", "surrogateescape"))
        except (ValueError, RecursionError):
            return
        if length < len(rest.decode("utf-8", "surrogateescape")):
            raise IndexCorrupt(
                f"{self._path}: the end of the last line is damaged; put the file aside as "
                "evidence, and a new log will begin"
            )

    def _write(self, file: BinaryIO, entry: LogEntry) -> None:
        file.write(self._line(entry))
        file.flush()
        os.fsync(file.fileno())

    def _line(self, entry: LogEntry) -> bytes:
        body = json.dumps(entry.to_dict(), sort_keys=True, ensure_ascii=False).encode()
        if self._seal.secret:
            sealed = base64.b64encode(self._seal.close(_label(entry.number), body)).decode()
            body = json.dumps({"number": entry.number, "sealed": sealed}).encode()
        return body + b"\n"

    def _entry(self, number: int, line: bytes) -> LogEntry:
        try:
            document = json.loads(line)
            if "sealed" in document:
                sealed = base64.b64decode(document["sealed"])
                document = json.loads(self._seal.open(_label(number), sealed))
            entry = LogEntry(**{**document, "writers": tuple(document["writers"])})
        except (*_NO_ENTRY, IndexCorrupt) as error:
            raise IndexCorrupt(f"{self._path}: line {number} cannot be read") from error
        if entry.digest() != entry.hash:
            raise IndexCorrupt(f"{self._path}: line {number} was altered")
        return entry


def _is_sealed(seal: Seal, number: int, line: bytes) -> bool:
    """Whether a line is sealed by the log's own key."""
    try:
        seal.whole(_label(number), base64.b64decode(json.loads(line)["sealed"]))
    except (*_NO_ENTRY, IndexCorrupt):
        return False
    return True


def _label(number: int) -> bytes:
    return f"audit/{number}".encode()
