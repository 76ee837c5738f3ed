"""Documents that were put down at the desk, until cases are made of them."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, delete, insert, select

from sigsearch.errors import EvidenceUnknown
from sigsearch.server.state.database import Database
from sigsearch.server.state.tables import cases, documents, images


@dataclass(frozen=True, slots=True)
class Put:
    """found: what `find` answers of it; writer: whose it is said to be, if that was said."""

    id: str
    tenant: str
    person: str
    name: str
    found: Mapping[str, Any]
    at: float
    writer: str | None


class DocumentBook:
    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(
        self,
        tenant: str,
        person: str,
        name: str,
        found: Mapping[str, Any],
        files: Sequence[bytes],
        writer: str | None = None,
    ) -> str:
        """`files`: the document, and its pages as pictures. Its id."""
        number = secrets.token_urlsafe(12)
        rows = [
            {"owner": number, "number": at, "name": name, "data": data}
            for at, data in enumerate(files)
        ]
        with self._database.begin() as connection:
            connection.execute(
                insert(documents).values(
                    id=number, tenant=tenant, person=person, name=name, found=dict(found),
                    at=time.time(), writer=writer,
                )
            )  # fmt: skip
            connection.execute(insert(images), rows)
        return number

    def find(self, tenant: str, number: str) -> Put:
        """Raises EvidenceUnknown, also where it is another tenant's."""
        ours = (documents.c.id == number) & (documents.c.tenant == tenant)
        with self._database.connect() as connection:
            row = connection.execute(select(documents).where(ours)).mappings().first()
        if row is None:
            raise EvidenceUnknown("there is no such document, or it has expired")
        return Put(**row)

    def without_case(self, tenant: str, most: int = 200) -> list[Put]:
        """The oldest first."""
        used = select(cases.c.document).where(cases.c.tenant == tenant)
        free = (documents.c.tenant == tenant) & documents.c.id.not_in(used)
        with self._database.connect() as connection:
            rows = connection.execute(select(documents).where(free).order_by(documents.c.at))
            return [Put(**row) for row in rows.mappings().fetchmany(most)]

    def erase(self, tenant: str, writer: str) -> None:
        """Those that are said to be by a writer."""
        self._erase((documents.c.tenant == tenant) & (documents.c.writer == writer))

    def image(self, owner: str, number: int) -> bytes:
        """Of a document or a case that was found to be ours. Raises EvidenceUnknown."""
        ours = (images.c.owner == owner) & (images.c.number == number)
        with self._database.connect() as connection:
            data = connection.execute(select(images.c.data).where(ours)).scalar()
        if data is None:
            raise EvidenceUnknown("there is no such picture")
        return bytes(data)

    def expire(self, before: float) -> int:
        return self._erase(documents.c.at < before)

    def drop(self, tenant: str, number: str) -> None:
        """One of which no case is to be made."""
        self._erase((documents.c.tenant == tenant) & (documents.c.id == number))

    def _erase(self, which: ColumnElement[bool]) -> int:
        with self._database.begin() as connection:
            gone = select(documents.c.id).where(which)
            connection.execute(delete(images).where(images.c.owner.in_(gone)))
            return connection.execute(delete(documents).where(which)).rowcount
