"""Signatures put to an index that holds one writer's references under two names."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from drawn_pages import printed, put
from PIL import Image

from sigsearch import SignatureIndex
from sigsearch.documents.addresses import Address
from sigsearch.documents.cutting import ink_corner
from sigsearch.documents.intake import signature_from
from sigsearch.encoder import Encoder
from sigsearch.engine.accounts import set_account
from sigsearch.engine.mandates import MandateAnswer, Rule
from sigsearch.engine.repeated import repeated_among
from sigsearch.errors import ArgumentRefused
from sigsearch.imaging import Signature
from sigsearch.synthesis import Writer

ANNA, X, Y = Writer.from_seed(11, "latin"), 150, 1100


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SignatureIndex]:
    path = tmp_path_factory.mktemp("twice") / "index"
    with SignatureIndex.create(path, Encoder.load()) as index:
        for name in ("anna", "anna2"):
            index.enrol(name, [ANNA.specimen(number).page for number in range(4)])
        set_account(index.index, "D", [Rule.parse("any two of anna, anna2")])
        set_account(index.index, "X", [Rule.parse("anna alone up to 100")])
        yield index


def crop(number: int, name: str = "one") -> Signature:
    return signature_from(ANNA.specimen(number).page, name)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "page.png"
    Image.fromarray(put(printed(lines=20), ANNA.specimen(5).page, X, Y)).save(path)
    return path


def boxed(page: Path, widen: int = 0, share: float = 1.0) -> Signature:
    """Anna's signature in a box, of which only a `share` from the left may be seen."""
    height, width = ANNA.specimen(5).page.shape
    box = X - widen, Y - widen, round(share * width) + 2 * widen, height + 2 * widen
    return signature_from(Address(str(page), box=box))


def twice(answer: MandateAnswer) -> list[tuple[str, str]]:
    return [(one.signature, one.same_as) for one in answer.repeated]


def test_the_same_image_counts_once(index: SignatureIndex):
    answer = index.check_mandate([crop(5), crop(5, "again")], "D")
    assert (answer.answer, twice(answer)) == ("rejected", [("again", "one")])
    assert len(answer.rules[0].counted) == 1


def test_a_copy_counts_once(index: SignatureIndex):
    small = Image.fromarray(ANNA.specimen(5).page)
    small = small.resize((small.width * 4 // 5, small.height * 4 // 5), Image.Resampling.BOX)
    answer = index.check_mandate([crop(5), signature_from(np.asarray(small), "copy")], "D")
    assert answer.answer == "rejected"
    assert len(answer.repeated) == 1


def test_another_box_around_it_counts_once(index: SignatureIndex, page: Path):
    answer = index.check_mandate([boxed(page), boxed(page, widen=12)], "D")
    assert answer.answer == "rejected"
    assert twice(answer) == [(boxed(page, widen=12).name, boxed(page).name)]


@pytest.mark.parametrize("share", [0.8, 0.6, 0.4])
def test_a_box_around_a_part_of_it_is_no_other_signature(page: Path, share: float):
    assert repeated_among([boxed(page), boxed(page, share=share)], [1, 0]) == {0: 1}


def test_two_signatures_of_one_hand_are_two(index: SignatureIndex):
    answer = index.check_mandate([crop(5), crop(6)], "D")
    assert (answer.answer, answer.repeated) == ("accepted", ())


def test_where_the_ink_lies_on_the_page(page: Path):
    whole, wide = boxed(page), boxed(page, widen=12)
    assert np.abs(np.subtract(ink_corner(whole), ink_corner(wide))).max() <= 1
    box = crop(5).box
    assert np.abs(np.subtract(ink_corner(whole), (X + box[0], Y + box[1]))).max() <= 3


@pytest.mark.parametrize("amount", [Decimal(-5), Decimal("NaN"), "12.500", "x", True, 1.5])
def test_what_is_no_amount_is_refused_here_too(index: SignatureIndex, amount):
    with pytest.raises(ArgumentRefused, match="is not an amount"):
        index.check_mandate([crop(5)], "X", amount)


@pytest.mark.parametrize(
    ("amount", "answer"), [(100, "accepted"), ("100.00", "accepted"), ("1,000", "rejected")]
)
def test_amounts_may_be_texts_and_whole_numbers(index: SignatureIndex, amount, answer: str):
    assert index.check_mandate([crop(5)], "X", amount).answer == answer


def test_it_says_of_each_signature_for_whom_it_is_and_where_it_lies(
    index: SignatureIndex, page: Path
):
    stranger = signature_from(Writer.from_seed(12, "latin").specimen(5).page, "other")
    mine, other = index.check_mandate([boxed(page), stranger], "X", 5).looked_at
    height, width = ANNA.specimen(5).page.shape
    assert (mine.writer, mine.answer, mine.decision) == ("anna", "accepted", "match")
    assert (mine.page, mine.box) == (1, (X, Y, width, height))
    assert (other.signature, other.answer, other.box) == ("other", "rejected", None)
    assert other.reasons == ("non_match",)


def test_what_is_in_review_says_why(index: SignatureIndex):
    copy = signature_from(ANNA.specimen(0).page, "copy")
    answer = index.check_mandate([copy], "X", 5)
    (seen,) = answer.looked_at
    assert (answer.answer, seen.answer, seen.reasons) == ("review", "review", ("suspected_copy",))
    assert "copy of a reference" in seen.sentence


def test_the_decision_on_an_account_is_logged(tmp_path: Path, index: SignatureIndex):
    with SignatureIndex.create(tmp_path / "log", index.encoder, log=True, by="clerk 7") as logged:
        logged.enrol("anna", [ANNA.specimen(number).page for number in range(4)])
        set_account(logged.index, "ACME", [Rule.parse("anna alone up to 100")])
        asked = crop(5)
        logged.check_mandate([asked], "ACME", "12.50")
        entry = list(logged.index.decisions())[-1]
        assert (entry.event, logged.index.names(entry.writers)) == ("mandate", ["anna"])
        assert entry.facts == {
            "account": "ACME",
            "amount": "12.50",
            "verdict": "accepted",
            "questioned_sha256": [asked.content_hash],
            "by": "clerk 7",
        }
