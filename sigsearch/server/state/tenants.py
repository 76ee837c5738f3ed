"""The tenants: each has an index, keys and evidence of its own."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import Any, Literal, get_args

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from sigsearch.errors import ArgumentRefused, TenantUnknown
from sigsearch.schema import Jsonable
from sigsearch.server.state.database import Database
from sigsearch.server.state.tables import tenants

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")  # it becomes the name of a folder


DeskOrder = Literal["own-opinion-first", "answer-first", "as-service"]
"""When the desk shows the machine's answer: after one's own opinion, at once, or as the service was
started."""
ORDERS: tuple[DeskOrder, ...] = get_args(DeskOrder)
AS_SERVICE: DeskOrder = "as-service"


@dataclass(frozen=True, slots=True)
class TenantEntry(Jsonable):
    """at: when it was added, in seconds since 1970."""

    name: str
    at: float
    desk: DeskOrder = AS_SERVICE


class TenantBook:
    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, name: str, desk: DeskOrder = AS_SERVICE) -> TenantEntry:
        """Raises ArgumentRefused for a name that cannot be used, or is in use."""
        if not _NAME.fullmatch(name):
            raise ArgumentRefused(
                f"{name!r} cannot be a tenant's name; use a-z, 0-9, - and _, 63 at most"
            )
        entry = TenantEntry(name, time.time(), _order(desk))
        try:
            with self._database.begin() as connection:
                connection.execute(insert(tenants).values(**entry.to_dict()))
        except IntegrityError:
            raise ArgumentRefused(f"there is already a tenant {name!r}") from None
        return entry

    def all(self) -> list[TenantEntry]:
        with self._database.connect() as connection:
            found = connection.execute(select(tenants).order_by(tenants.c.at)).mappings()
            return [_entry(row) for row in found]

    def find(self, name: str) -> TenantEntry:
        """Raises TenantUnknown."""
        with self._database.connect() as connection:
            asked = select(tenants).where(tenants.c.name == name)
            row = connection.execute(asked).mappings().first()
        if row is None:
            raise TenantUnknown(
                f"there is no tenant {name!r}; `sigsearch serve tenants add` makes one"
            )
        return _entry(row)

    def change(self, name: str, desk: DeskOrder) -> TenantEntry:
        """Raises TenantUnknown, or ArgumentRefused."""
        with self._database.begin() as connection:
            changed = update(tenants).where(tenants.c.name == name).values(desk=_order(desk))
            connection.execute(changed)
        return self.find(name)


def _order(desk: str) -> DeskOrder:
    found = next((one for one in ORDERS if one == desk), None)
    if found is None:
        raise ArgumentRefused(f"desk is one of {', '.join(ORDERS)}, not {desk!r}")
    return found


def _entry(row: Any) -> TenantEntry:
    return TenantEntry(row["name"], row["at"], row["desk"] or AS_SERVICE)
