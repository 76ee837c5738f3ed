"""What was asked and answered, with the images that a sheet needs, for as long as is set."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, insert, select, update

from sigsearch.errors import EvidenceGone, EvidenceUnknown
from sigsearch.server.state.database import Database
from sigsearch.server.state.tables import evidence, images, named

Image = tuple[str, bytes]
"""What it is called, and its bytes."""
_GONE = {"asked": None, "answer": None, "references": None}


@dataclass(frozen=True, slots=True)
class Piece:
    """asked: the parameters of the question; references: SHA-256 of the references compared;
    images: the questioned one first, none where they are not kept."""

    id: str
    tenant: str
    at: float
    person: str
    kind: str
    asked: Mapping[str, Any]
    answer: Mapping[str, Any]
    references: Sequence[str]
    images: Sequence[Image] = ()


class EvidenceBook:
    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(
        self,
        tenant: str,
        person: str,
        kind: str,
        asked: Mapping[str, Any],
        answer: Mapping[str, Any],
        references: Sequence[str],
        writers: Iterable[str],
        shown: Sequence[Image],
    ) -> str:
        """Its id."""
        number = secrets.token_urlsafe(12)
        names = [{"evidence": number, "tenant": tenant, "writer": one} for one in set(writers)]
        files = [
            {"owner": number, "number": at, "name": name, "data": data}
            for at, (name, data) in enumerate(shown)
        ]
        with self._database.begin() as connection:
            connection.execute(
                insert(evidence).values(
                    id=number, tenant=tenant, at=time.time(), person=person, kind=kind,
                    asked=dict(asked), answer=dict(answer), references=list(references),
                )
            )  # fmt: skip
            if names:
                connection.execute(insert(named), names)
            if files:
                connection.execute(insert(images), files)
        return number

    def find(self, tenant: str, number: str) -> Piece:
        """Raises EvidenceUnknown, also where it is another tenant's, or EvidenceGone."""
        ours = (evidence.c.id == number) & (evidence.c.tenant == tenant)
        with self._database.connect() as connection:
            row = connection.execute(select(evidence).where(ours)).mappings().first()
            if row is None:
                raise EvidenceUnknown(f"there is no evidence {number!r}")
            if row["erased_at"] is not None:
                raise EvidenceGone(f"the evidence {number!r} was erased or has expired")
            held = select(images.c.name, images.c.data).where(images.c.owner == number)
            files = [(n, d) for n, d in connection.execute(held.order_by(images.c.number))]
        kept = {name: row[name] for name in Piece.__slots__ if name != "images"}
        return Piece(**kept, images=files)

    def erase(self, tenant: str, writer: str) -> int:
        """All that names `writer`; how many pieces that were."""
        found = select(named.c.evidence).where(
            (named.c.tenant == tenant) & (named.c.writer == writer)
        )
        return self._erase(found)

    def expire(self, before: float) -> int:
        """All that is older than that time."""
        return self._erase(
            select(evidence.c.id).where((evidence.c.at < before) & evidence.c.erased_at.is_(None))
        )

    def _erase(self, wanted: Any) -> int:
        with self._database.begin() as connection:
            numbers = list(connection.execute(wanted).scalars())
            for at in range(0, len(numbers), 500):
                some = numbers[at : at + 500]
                connection.execute(delete(images).where(images.c.owner.in_(some)))
                connection.execute(delete(named).where(named.c.evidence.in_(some)))
                connection.execute(
                    update(evidence)
                    .where(evidence.c.id.in_(some))
                    .values(erased_at=time.time(), **_GONE)
                )
        return len(numbers)
