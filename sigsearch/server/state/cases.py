"""Cases: a questioned signature, the writer it is said to be by, and what people think of it.

Two people who agree decide. Where they do not, a third does; nobody is asked twice.
"""

from __future__ import annotations

import secrets
import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from sqlalchemy import Connection, delete, insert, or_, select, update

from sigsearch.errors import CaseRefused, EvidenceGone, EvidenceUnknown
from sigsearch.server.state.database import Database
from sigsearch.server.state.tables import cases, documents, images, opinions

OpinionWord = Literal["match", "inconclusive", "non_match"]
OPINIONS: tuple[OpinionWord, ...] = get_args(OpinionWord)
LEASE_SECONDS = 15 * 60
_AGREED, _MOST = 2, 3


@dataclass(frozen=True, slots=True)
class Opinion:
    """saw_answer: whether the machine's answer was shown before."""

    case: str
    person: str
    opinion: OpinionWord
    reasons: tuple[str, ...]
    remark: str
    saw_answer: bool
    at: float


@dataclass(frozen=True, slots=True)
class Case:
    """answer: the machine's; shown: captions of the references, whose pictures are kept with it."""

    id: str
    tenant: str
    person: str
    name: str
    writer: str
    document: str
    state: str
    at: float
    evidence: str | None
    answer: Mapping[str, Any]
    shown: Sequence[str]
    decision: str | None
    decided_at: float | None
    leased_by: str | None
    leased_until: float | None
    opinions: tuple[Opinion, ...] = ()

    def leased_to_another(self, person: str) -> bool:
        return bool(
            self.leased_by and self.leased_by != person and (self.leased_until or 0) > time.time()
        )

    def has_opinion_of(self, person: str) -> bool:
        return any(one.person == person for one in self.opinions)


class CaseBook:
    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self,
        tenant: str,
        person: str,
        name: str,
        writer: str,
        document: str,
        evidence: str | None,
        answer: Mapping[str, Any],
        shown: Sequence[str],
        pictures: Mapping[int, bytes],
    ) -> str:
        """Its id."""
        number = secrets.token_urlsafe(9)
        files = [
            {"owner": number, "number": at, "name": "", "data": data}
            for at, data in pictures.items()
        ]
        with self._database.begin() as connection:
            connection.execute(
                insert(cases).values(
                    id=number, tenant=tenant, person=person, name=name, writer=writer,
                    document=document, state="open", at=time.time(), evidence=evidence,
                    answer=dict(answer), shown=list(shown),
                )
            )  # fmt: skip
            connection.execute(insert(images), files)
        return number

    def find(self, tenant: str, number: str) -> Case:
        """Raises EvidenceUnknown, also where it is another tenant's, or EvidenceGone."""
        with self._database.connect() as connection:
            return self._find(connection, tenant, number)

    def _find(self, connection: Connection, tenant: str, number: str) -> Case:
        ours = (cases.c.id == number) & (cases.c.tenant == tenant)
        row = connection.execute(select(cases).where(ours)).mappings().first()
        if row is None:
            raise EvidenceUnknown(f"there is no case {number!r}")
        if row["state"] == "erased":
            raise EvidenceGone(f"the case {number!r} was erased or has expired")
        return _cases(connection, [row])[0]

    def queue(self, tenant: str, most: int = 200) -> list[Case]:
        """Those that are open, the oldest first, and then the last that were decided."""
        ours = (cases.c.tenant == tenant) & (cases.c.state != "erased")
        wanted = select(cases).where(ours)
        with self._database.connect() as connection:
            waiting = wanted.where(cases.c.state == "open").order_by(cases.c.at).limit(most)
            done = wanted.where(cases.c.state == "decided")
            done = done.order_by(cases.c.decided_at.desc()).limit(most // 4)
            rows = [*connection.execute(waiting).mappings(), *connection.execute(done).mappings()]
            return _cases(connection, rows)

    def next(self, tenant: str, person: str) -> str | None:
        """The oldest case that this person may judge, now leased to them."""
        given = select(opinions.c.case).where(opinions.c.person == person)
        free = or_(cases.c.leased_by.is_(None), cases.c.leased_by == person,
                   cases.c.leased_until < time.time())  # fmt: skip
        ours = (cases.c.tenant == tenant) & (cases.c.state == "open") & free
        wanted = select(cases.c.id).where(ours & cases.c.id.not_in(given)).order_by(cases.c.at)
        with self._database.connect() as connection:
            found = list(connection.execute(wanted.limit(20)).scalars())
        return next((number for number in found if self.lease(tenant, number, person)), None)

    def lease(self, tenant: str, number: str, person: str) -> bool:
        """Hold a case, or hold it longer; whether that could be."""
        now = time.time()
        free = or_(cases.c.leased_by.is_(None), cases.c.leased_by == person,
                   cases.c.leased_until < now)  # fmt: skip
        ours = (cases.c.id == number) & (cases.c.tenant == tenant) & (cases.c.state == "open")
        with self._database.begin() as connection:
            held = connection.execute(
                update(cases)
                .where(ours & free)
                .values(leased_by=person, leased_until=now + LEASE_SECONDS)
            )
            return bool(held.rowcount)

    def release(self, tenant: str, number: str, person: str) -> None:
        ours = (cases.c.id == number) & (cases.c.tenant == tenant) & (cases.c.leased_by == person)
        with self._database.begin() as connection:
            free = {"leased_by": None, "leased_until": None}
            connection.execute(update(cases).where(ours).values(**free))

    def give(self, tenant: str, given: Opinion) -> Case:
        """An opinion, and what that makes of the case. Raises CaseRefused where this person may not
        give one."""
        if given.opinion not in OPINIONS:
            raise CaseRefused(f"an opinion is one of {', '.join(OPINIONS)}")
        with self._database.begin() as connection:
            # Written first, so that two who give theirs at once come one after the other.
            whole = (cases.c.id == given.case) & (cases.c.tenant == tenant)
            connection.execute(update(cases).where(whole).values(state=cases.c.state))
            case = self._find(connection, tenant, given.case)
            _refuse(case, given.person)
            connection.execute(
                insert(opinions).values(
                    case=given.case, person=given.person, opinion=given.opinion,
                    reasons=list(given.reasons), remark=given.remark,
                    saw_answer=int(given.saw_answer), at=given.at,
                )
            )  # fmt: skip
            decision = decided([*case.opinions, given])
            change: dict[str, Any] = {"leased_by": None, "leased_until": None}
            if decision is not None:
                change |= {"state": "decided", "decision": decision, "decided_at": given.at}
            connection.execute(update(cases).where(cases.c.id == given.case).values(**change))
            return self._find(connection, tenant, given.case)

    def erase(self, tenant: str, writer: str) -> None:
        """All cases about a writer."""
        self._erase((cases.c.tenant == tenant) & (cases.c.writer == writer))

    def expire(self, before: float) -> None:
        """What was decided before that time."""
        self._erase((cases.c.state == "decided") & (cases.c.decided_at < before))

    def _erase(self, which: Any) -> None:
        with self._database.begin() as connection:
            numbers = select(cases.c.id).where(which)
            put = select(cases.c.document).where(which)
            connection.execute(delete(documents).where(documents.c.id.in_(put)))
            gone = or_(images.c.owner.in_(numbers), images.c.owner.in_(put))
            connection.execute(delete(images).where(gone))
            connection.execute(delete(opinions).where(opinions.c.case.in_(numbers)))
            connection.execute(
                update(cases)
                .where(which)
                .values(state="erased", writer="", name="", answer={}, shown=[], person="")
            )


def decided(given: Sequence[Opinion]) -> str | None:
    """What the opinions come to; None where another is needed."""
    counts = Counter(one.opinion for one in given).most_common()
    if counts and counts[0][1] >= _AGREED:
        return counts[0][0]
    return "inconclusive" if len(given) >= _MOST else None


def _refuse(case: Case, person: str) -> None:
    if case.state != "open":
        raise CaseRefused("the case has already been decided")
    if case.has_opinion_of(person):
        raise CaseRefused("you have given your opinion; somebody else will review the case")
    if case.leased_to_another(person):
        raise CaseRefused(f"{case.leased_by} is working on this case")


def _cases(connection: Connection, rows: Sequence[Any]) -> list[Case]:
    """With what people think of them, asked for all at once."""
    wanted = select(opinions).where(opinions.c.case.in_([row["id"] for row in rows]))
    given: dict[str, list[Opinion]] = defaultdict(list)
    for one in connection.execute(wanted.order_by(opinions.c.at)).mappings():
        told = {**one, "reasons": tuple(one["reasons"]), "saw_answer": bool(one["saw_answer"])}
        given[one["case"]].append(Opinion(**told))
    return [Case(**row, opinions=tuple(given[row["id"]])) for row in rows]
