"""The questions of one caller, put to the tenant's index; what is answered is kept as evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sigsearch.documents.intake import signature_to_enrol, signatures_together
from sigsearch.engine.judge import Rates
from sigsearch.engine.pair import examine
from sigsearch.engine.signature_index import SignatureIndex
from sigsearch.server import evidence
from sigsearch.server.answers import Identified, MandateChecked, Verified
from sigsearch.server.service import Service
from sigsearch.server.state.keys import KeyEntry
from sigsearch.server.uploads import Place, Upload


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks, and whom."""

    service: Service
    caller: KeyEntry

    @property
    def index(self) -> SignatureIndex:
        return self.service.of(self.caller).asked_by(self.caller.person)


@dataclass(frozen=True, slots=True)
class Search:
    """How to identify, as `SignatureIndex.identify` takes it."""

    k: int
    fpir: float
    candidates: int
    where: Mapping[str, str]
    rates: Rates | None


def identify(asked: Asking, upload: Upload, place: Place, search: Search) -> Identified:
    """Raises ImageError or CalibrationError."""
    index, signature = asked.index, upload.signature(place)
    answer = index.identify(
        signature, search.k, search.fpir, search.candidates, search.where or None, search.rates
    )
    best = answer.verification
    hashes: tuple[str, ...] = ()
    rates = search.rates
    if best is not None and not search.where:
        hashes = tuple(one.content_hash for one in index.references(str(best.writer)))
        kept = best.evidence
        rates = Rates(kept.fmr, kept.fnmr, kept.against, kept.strength)
    named = best.writer if best is not None and not search.where else None
    kept_as = evidence.keep(
        asked.service, asked.caller, "identify", answer, evidence.asked_for(place, rates, named),
        hashes, [one.writer for one in answer.candidates], [upload],
    )  # fmt: skip
    return Identified(answer, kept_as)


def verify(asked: Asking, upload: Upload, place: Place, writer: str, rates: Rates) -> Verified:
    """Against an enrolled writer. Raises WriterUnknown, ImageError or CalibrationError."""
    examined = asked.index.examine(upload.signature(place), writer, rates)
    answer = examined.answer
    kept_as = evidence.keep(
        asked.service, asked.caller, "verify", answer,
        evidence.asked_for(place, rates, answer.writer), examined.content_hashes,
        [str(answer.writer)], [upload],
    )  # fmt: skip
    return Verified(answer, kept_as)


def compare(
    asked: Asking, upload: Upload, place: Place, others: Sequence[Upload], rates: Rates
) -> Verified:
    """Against images of one writer. Raises ImageError or CalibrationError."""
    references = [signature_to_enrol(one.data, one.name) for one in others]
    examined = examine(upload.signature(place), references, asked.service.encoder, rates)
    kept_as = evidence.keep(
        asked.service, asked.caller, "compare", examined.answer, evidence.asked_for(place, rates),
        examined.content_hashes, [], [upload, *others],
    )  # fmt: skip
    return Verified(examined.answer, kept_as)


def mandate(
    asked: Asking,
    given: Sequence[Upload],
    place: Place,
    account: str,
    amount: Decimal | None,
    rates: Rates,
) -> MandateChecked:
    """Do the signatures satisfy a rule of the account? Raises AccountUnknown too."""
    signatures, _ = signatures_together((one.address(place), one.name) for one in given)
    answer = asked.index.check_mandate(signatures, account, amount, rates)
    told = {**evidence.asked_for(place, rates), "account": account}
    kept_as = evidence.keep(
        asked.service, asked.caller, "mandate", answer, told, [], answer.writers, given
    )
    return MandateChecked(answer, kept_as)
