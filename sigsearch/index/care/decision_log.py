"""What was asked and decided, one line each, every line bound to the one before by a hash.

Writers appear by their number, so that forgetting a writer leaves the log whole and without
the name. Lines of an encrypted index are sealed.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, BinaryIO

from sigsearch.errors import ArgumentRefused, IndexCorrupt
from sigsearch.index.local.contents import AUDIT_LOCK, AUDIT_LOG
from sigsearch.index.local.files import named_faults
from sigsearch.index.local.folder import open_plain, read_plain
from sigsearch.index.local.locks import WriterLock
from sigsearch.index.local.writer_index import WriterIndex
from sigsearch.index.results import LogEntry
from sigsearch.index.seals.checksum import Seal

_BEGINNING = "0" * 64
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
        self._seal: Seal = index.store.seal
        self._path: Path = index.path / AUDIT_LOG

    def append(self, event: str, facts: Mapping[str, Any], writers: Sequence[str] = ()) -> LogEntry:
        """Note an event; it is on disk when this returns. `facts` must be fit for JSON.

        Raises:
            IndexBusy, IndexFull, IndexReadOnly; IndexCorrupt: the last line is damaged.
        """
        numbers = self._index.numbers(writers)
        try:
            known = json.loads(json.dumps(dict(facts), allow_nan=False))
        except (TypeError, ValueError, RecursionError) as error:
            raise ArgumentRefused(f"the facts are not fit for JSON ({error})") from error
        with (
            WriterLock(self._path.with_name(AUDIT_LOCK)).held(wait=10.0),
            named_faults(self._path),
            open(open_plain(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND), "a+b") as file,
        ):
            last = self._last(file)
            entry = LogEntry(
                number=last.number + 1 if last else 1,
                at=datetime.now(timezone.utc).isoformat(timespec="milliseconds"),
                event=event,
                writers=tuple(numbers),
                facts=known,
                previous=last.hash if last else _BEGINNING,
            )
            entry = replace(entry, hash=entry.digest())
            file.write(self._line(entry))
            file.flush()
            os.fsync(file.fileno())
        return entry

    def entries(self) -> Iterator[LogEntry]:
        """All entries, oldest first.

        Raises:
            IndexCorrupt: names the first line that was altered, moved or taken out.
        """
        previous = _BEGINNING
        try:
            with named_faults(self._path, but=(FileNotFoundError,)):
                lines = read_plain(self._path).split(b"\n")
        except FileNotFoundError:
            return
        self._must_be_torn(lines[-1])
        for number, line in enumerate(lines[:-1], start=1):
            entry = self._entry(number, line)
            if (entry.number, entry.previous) != (number, previous):
                raise IndexCorrupt(f"{self._path}: line {number} does not follow the one before")
            previous = entry.hash
            yield entry

    def _last(self, file: BinaryIO) -> LogEntry | None:
        """The last whole line; a torn one behind it is cut off."""
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
        file.truncate(start + end + 1)
        if end < 0:
            return None
        line = tail[begin + 1 : end]
        try:
            number = json.loads(line)["number"]
        except _NO_ENTRY as error:
            raise IndexCorrupt(
                f"{self._path}: the last line cannot be read; put the file aside as evidence, and "
                "a new log will begin"
            ) from error
        return self._entry(number, line)

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


def _label(number: int) -> bytes:
    return f"audit/{number}".encode()
