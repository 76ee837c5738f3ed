"""Copies of vectors on this machine, in memory and in the cache folder, that are older than an
erasure by whichever machine: looked for now and then, deleted, and made anew."""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from sigsearch.errors import IndexFault
from sigsearch.index.postgres.ledger import PostgresLedger
from sigsearch.index.search.snapshot import build_lock, drop_snapshot, snapshot_state

if TYPE_CHECKING:
    from sigsearch.index.postgres.store import PostgresStore
    from sigsearch.index.search.searcher import Searcher

EVERY = 1800.0
"""Seconds between two looks of a process that searches; the receipt of an erasure names them."""


class Renewal:
    """Of one open index; looks in a thread of its own once the index has been searched."""

    def __init__(self, store: PostgresStore, searcher: Searcher) -> None:
        self._store, self._searcher = store, searcher
        self._thread: threading.Thread | None = None
        self._process = os.getpid()
        self._ended = threading.Event()

    def begin(self) -> None:
        """Look now and then from now on."""
        if self._thread is None or self._process != os.getpid():  # no thread outlives a fork
            self._process, self._ended = os.getpid(), threading.Event()
            self._thread = threading.Thread(target=self._run, daemon=True)
            self._thread.start()

    def end(self) -> None:
        self._ended.set()
        if self._thread is not None and self._process == os.getpid():
            self._thread.join()

    def look(self) -> None:
        """Let go of what is older than the last erasure, and make it anew where that is allowed."""
        generation = self.drop_files()
        if generation:
            self._searcher.renew_since(generation)

    def drop_files(self) -> int:
        """Delete the search structure in the cache folder if it is older than the last erasure,
        whose generation is returned; 0 if there was none. A locked one is left to the next look."""
        generation = self._store.read(PostgresLedger.last_erasure)
        if self._store.address.cache is not None:
            root = self._store.environment.root
            saved = snapshot_state(root)
            if saved is not None and saved.generation < generation:
                with suppress(IndexFault), build_lock(root).held(wait=0.0):
                    drop_snapshot(root)
        return generation

    def _run(self) -> None:
        while not self._ended.wait(EVERY):
            with suppress(IndexFault):  # a database that is away is asked the next time
                self.look()
