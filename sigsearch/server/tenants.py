"""The indexes of the tenants, opened when they are first asked for."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache, partial
from pathlib import Path

from sigsearch.encoder import Encoder
from sigsearch.engine.accounts import refuse_named
from sigsearch.engine.enrolment import Specimen, enrol_specimens
from sigsearch.engine.held_names import HeldNames
from sigsearch.engine.log_entries import note_enrolled
from sigsearch.engine.results import Enrolment
from sigsearch.engine.signature_index import SignatureIndex
from sigsearch.index.results import Receipt
from sigsearch.server.settings import Settings
from sigsearch.server.state.state import State

_KEPT_VIEWS = 64  # people whose view of an index is kept


class Tenant:
    """The index of one tenant. Changes are made one after another; questions at any time."""

    def __init__(self, name: str, opened: SignatureIndex, growing: ThreadPoolExecutor) -> None:
        self.name = name
        self.index = opened.index
        self._opened = opened
        self._growing = growing
        self._changing = threading.Lock()
        self._view = lru_cache(_KEPT_VIEWS)(self._made_for)
        growing.submit(opened.follow_growth)  # which a kill may have kept it from

    def asked_by(self, person: str) -> SignatureIndex:
        """The index, with `person` in its decision log as the one who asks."""
        return self._view(person)

    def _made_for(self, person: str) -> SignatureIndex:
        return SignatureIndex(self.index, self._opened.encoder, self._opened.log, person)

    def enrol(
        self, person: str, specimens: Sequence[Specimen], keep_images: bool
    ) -> tuple[Enrolment, int]:
        """What was done, and the generation that it led to. The population is measured later."""
        tell = partial(note_enrolled, self.index, by=person) if self._opened.log else None
        with self._changing:
            report = enrol_specimens(
                self.index, self._opened.encoder, specimens, 0, keep_images, tell
            )
            generation = self.index.state().generation
        self._growing.submit(self._opened.follow_growth)
        return report, generation

    def changing(self) -> threading.Lock:
        """Held while a writer is changed otherwise."""
        return self._changing

    def held_name(self, writer: str) -> str:
        """The writer's name as the index holds it."""
        return HeldNames(self.index).find(writer)

    def erase(self, person: str, writer: str, receipt: Path | None = None) -> Receipt:
        """Forget a writer with proof. Raises as `Index.erase` does, or WriterNamed."""
        with self._changing:
            refuse_named(self.index, writer)
            return self.index.erase(self.held_name(writer), receipt)

    def close(self) -> None:
        self._opened.close()


class Tenants:
    def __init__(self, settings: Settings, state: State, encoder: Encoder) -> None:
        self._settings, self._state, self._encoder = settings, state, encoder
        self._lock = threading.Lock()
        self._open: dict[str, Tenant] = {}
        self._growing = ThreadPoolExecutor(1, "growth")

    def open(self, name: str) -> Tenant:
        """The index of a tenant, made if it has none yet. Raises TenantUnknown, and what opening an
        index raises."""
        with self._lock:
            if name not in self._open:
                self._state.tenants.find(name)
                place = self._settings.index_of(name)
                if isinstance(place, Path):
                    place.parent.mkdir(parents=True, exist_ok=True)
                opened = SignatureIndex.create(
                    place, self._encoder, exist_ok=True,
                    key=self._settings.key, log=self._settings.log,
                )  # fmt: skip
                self._open[name] = Tenant(name, opened, self._growing)
            return self._open[name]

    def close(self) -> None:
        self._growing.shutdown(wait=True, cancel_futures=True)
        for tenant in self._open.values():
            tenant.close()
