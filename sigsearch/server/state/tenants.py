"""The tenants: each has an index, keys and evidence of its own."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass

from sqlalchemy import Engine, insert, select
from sqlalchemy.exc import IntegrityError

from sigsearch.errors import ArgumentRefused, TenantUnknown
from sigsearch.schema import Jsonable
from sigsearch.server.state.tables import tenants

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")  # it becomes the name of a folder


@dataclass(frozen=True, slots=True)
class TenantEntry(Jsonable):
    """at: when it was added, in seconds since 1970."""

    name: str
    at: float


class TenantBook:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, name: str) -> TenantEntry:
        """Raises ArgumentRefused for a name that cannot be used, or is in use."""
        if not _NAME.fullmatch(name):
            raise ArgumentRefused(
                f"{name!r} cannot be a tenant's name; use a-z, 0-9, - and _, 63 at most"
            )
        entry = TenantEntry(name, time.time())
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(tenants).values(name=name, at=entry.at))
        except IntegrityError:
            raise ArgumentRefused(f"there is a tenant {name!r} already") from None
        return entry

    def all(self) -> list[TenantEntry]:
        with self._engine.connect() as connection:
            found = connection.execute(select(tenants).order_by(tenants.c.at)).mappings()
            return [TenantEntry(**row) for row in found]

    def must_be(self, name: str) -> None:
        """Raises TenantUnknown."""
        with self._engine.connect() as connection:
            if connection.execute(select(tenants).where(tenants.c.name == name)).first() is None:
                raise TenantUnknown(
                    f"there is no tenant {name!r}; `sigsearch serve tenants add` makes one"
                )
