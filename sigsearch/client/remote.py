"""An index behind a service."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from sigsearch import errors
from sigsearch.client.alone import alone
from sigsearch.client.forms import Form, file_of, place_of, questioned, search, stated
from sigsearch.client.revival import fault_of, revived
from sigsearch.client.transport import Transport
from sigsearch.documents.findings import FoundDocument
from sigsearch.engine.amounts import amount_of, plain_text
from sigsearch.engine.judge import Rates
from sigsearch.engine.mandates import MandateAnswer
from sigsearch.engine.results import Enrolment, Identification, Verification
from sigsearch.imaging.several import several
from sigsearch.index.records import Writer
from sigsearch.index.results import Receipt
from sigsearch.server.answers import (
    BatchLine,
    EnrolledReference,
    EnrolledWriter,
    EnrolmentReport,
    Identified,
    MandateChecked,
    Verified,
    WriterPage,
)

if TYPE_CHECKING:
    from sigsearch.imaging import ImageSource

_BATCH = 50


def connect(address: str, key: str, timeout: float = 120) -> RemoteIndex:
    """The index behind a service at `address`, such as "http://127.0.0.1:8470", asked with `key`
    ("sgs_..."). Raises ServiceFault where nobody answers, NotSignedIn for a key that is not known.
    """
    remote = RemoteIndex(Transport(address, key, timeout))
    remote.page(limit=1)
    return remote


class RemoteIndex:
    """What `SignatureIndex` can do, done by a service; safe to use from several threads."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def __enter__(self) -> RemoteIndex:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Hang up; the next question calls again."""
        self._transport.close()

    def page(self, cursor: str | None = None, limit: int = 1000) -> WriterPage:
        """Some of the writers; `next` of one page is the `cursor` of the next."""
        asked = {"limit": str(limit)} | ({"cursor": cursor} if cursor else {})
        return revived(WriterPage, self._transport.json("GET", f"/v1/writers?{urlencode(asked)}"))

    def writers(self) -> Iterator[Writer]:
        """Everybody, in order of first enrolment."""
        cursor: str | None = None
        while True:
            page = self.page(cursor)
            yield from page.writers
            cursor = page.next
            if cursor is None:
                return

    def references(self, writer: str) -> list[EnrolledReference]:
        """What a writer has enrolled, oldest first. Raises WriterUnknown."""
        found = revived(EnrolledWriter, self._transport.json("GET", place_of(writer)))
        return list(found.references)

    def enrol(
        self,
        writer: str,
        images: Iterable[ImageSource] | ImageSource,
        metadata: Mapping[str, str] | None = None,
        keep_images: bool = True,
    ) -> Enrolment:
        """Enrol references of one writer; what cannot be used is reported, not raised."""
        form: Form = [("metadata", json.dumps(dict(metadata or {})))]
        form += [("keep_images", str(keep_images).lower())]
        form += [("images", file_of(image)) for image in several(images)]
        again = {"Idempotency-Key": secrets.token_hex(16)}
        status, body = self._transport.ask("PUT", f"{place_of(writer)}/references", form, again)
        document = json.loads(body)
        if status == 422 and "report" in document:
            document = document["report"]
        elif status >= 400:
            raise fault_of(document)
        done = revived(EnrolmentReport, document)
        return Enrolment(done.enrolled, done.known, 0, 1, done.refused, elsewhere=done.elsewhere)

    def forget(self, writer: str) -> int:
        """Drop a writer; how many references there were. Raises WriterUnknown or WriterNamed."""
        return int(self._transport.json("DELETE", place_of(writer))["removed"])

    def erase(self, writer: str) -> Receipt:
        """`forget`, with proof that nothing is left. Raises ErasureIncomplete too."""
        return revived(Receipt, self._transport.json("DELETE", f"{place_of(writer)}?proof=true"))

    def remove(self, writer: str, reference: str) -> EnrolledReference:
        """Take out one reference, by number, source or SHA-256; which it was."""
        place = f"{place_of(writer)}/references/{quote(reference, safe='')}"
        found = revived(EnrolledReference, self._transport.json("GET", place))
        self._transport.json("DELETE", f"{place_of(writer)}/references/{found.id}")
        return found

    def rename(self, writer: str, new: str) -> int:
        """Call a writer otherwise; how many references there are."""
        return len(self._transport.json("PATCH", place_of(writer), {"name": new})["references"])

    def identify_kept(
        self,
        image: ImageSource,
        k: int = 5,
        fpir: float = 0.01,
        candidates: int = 50,
        where: Mapping[str, str] | None = None,
        rates: Rates | None = None,
    ) -> Identified:
        """`identify`, with the id of the evidence."""
        form = [*questioned(image), *search(k, fpir, candidates, where), *stated(rates)]
        return revived(Identified, self._transport.json("POST", "/v1/identify", form))

    identify = alone(identify_kept, "Who signed `image`? As `SignatureIndex.identify`.")

    def identify_many(
        self,
        images: Iterable[ImageSource] | ImageSource,
        k: int = 5,
        fpir: float = 0.01,
        candidates: int = 50,
        where: Mapping[str, str] | None = None,
        rates: Rates | None = None,
    ) -> Iterator[Identification | errors.SigsearchError]:
        """`identify` for many, in their order; one that cannot be read yields its error."""
        common = [*search(k, fpir, candidates, where), *stated(rates)]
        given = list(several(images))
        for at in range(0, len(given), _BATCH):
            files = [("images", file_of(one)) for one in given[at : at + _BATCH]]
            status, body = self._transport.ask("POST", "/v1/identify/batch", [*files, *common])
            if status >= 400:
                raise fault_of(json.loads(body))
            for row in body.splitlines():
                line = revived(BatchLine, json.loads(row))
                if line.answer is not None:
                    yield line.answer
                elif line.error is not None:
                    yield fault_of({"code": line.error.code, "detail": line.error.message})

    def verify_kept(self, image: ImageSource, writer: str, rates: Rates | None = None) -> Verified:
        """`verify`, with the id of the evidence."""
        form = [*questioned(image), ("writer", writer), *stated(rates)]
        return revived(Verified, self._transport.json("POST", "/v1/verify", form))

    verify = alone(verify_kept, "Is `image` truly by `writer`? As `SignatureIndex.verify`.")

    def compare(
        self,
        image: ImageSource,
        references: Iterable[ImageSource] | ImageSource,
        rates: Rates | None = None,
    ) -> Verification:
        """Is `image` by the hand that wrote the references? As `sigsearch.verify`."""
        others = [("references", file_of(one)) for one in several(references)]
        form = [*questioned(image), *others, *stated(rates)]
        return revived(Verified, self._transport.json("POST", "/v1/verify", form)).answer

    def check_mandate(
        self,
        images: Iterable[ImageSource] | ImageSource,
        account: str,
        amount: Decimal | int | str | None = None,
        rates: Rates | None = None,
    ) -> MandateAnswer:
        """Do the signatures on these images satisfy a rule of the account? Raises ArgumentRefused
        for what is no amount."""
        stated_amount = None if amount is None else plain_text(amount_of(amount))
        form: Form = [("image", file_of(one)) for one in several(images)]
        form += [("account", account), *([("amount", stated_amount)] if stated_amount else [])]
        answer = self._transport.json("POST", "/v1/verify", [*form, *stated(rates)])
        return revived(MandateChecked, answer).answer

    def find(self, document: ImageSource) -> FoundDocument:
        """Where on a document did somebody sign?"""
        return revived(
            FoundDocument, self._transport.json("POST", "/v1/find", questioned(document))
        )

    def evidence(self, number: str, format: str = "pdf") -> bytes:
        """What is kept of an answer: its sheet ("pdf", "html"), or "json"."""
        place = f"/v1/evidence/{quote(number, safe='')}?{urlencode({'format': format})}"
        status, body = self._transport.ask("GET", place)
        if status >= 400:
            raise fault_of(json.loads(body))
        return body
