"""A writer's name as an index holds it, whatever form it was typed in."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from contextlib import suppress

from sigsearch.errors import VerifyOnly
from sigsearch.index.index import Index
from sigsearch.names import one_form


class HeldNames:
    """Finds the names of an index that an older release stored as they came.

    Names are enrolled in the form NFC. Others are looked for as they were given, in NFD, and at
    last among all writers, which a verify-only index cannot go through.
    """

    def __init__(self, index: Index) -> None:
        self._index = index
        self._others: dict[str, str] | None = None

    def find(self, name: str) -> str:
        """The name as the index holds it; in NFC where it holds none."""
        wanted = one_form(name)
        if wanted.isascii():
            return wanted
        return next((form for form in self._forms(name, wanted) if self._holds(form)), wanted)

    def _forms(self, name: str, wanted: str) -> Iterator[str]:
        yield from dict.fromkeys((wanted, name, unicodedata.normalize("NFD", wanted)))
        if self._others is None:
            self._others = {}
            with suppress(VerifyOnly):
                for writer in self._index.writers():
                    if not unicodedata.is_normalized("NFC", writer.name):
                        self._others[one_form(writer.name)] = writer.name
        if wanted in self._others:
            yield self._others[wanted]

    def _holds(self, name: str) -> bool:
        try:
            name.encode("utf-8")
        except UnicodeEncodeError:
            return False
        return self._index.numbers([name])[0] is not None
