"""How well a writer's references agree is kept with them when they are enrolled."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sigsearch import SignatureIndex
from sigsearch.encoder import Encoder
from sigsearch.encoder.encoder import MATCHER
from sigsearch.engine import agreement, judge
from sigsearch.engine.agreement import agreement_of, keep_agreement
from sigsearch.engine.template import (
    check_template,
    kept_agreement,
    readings_of,
    scan_kept,
    with_agreement,
)
from sigsearch.errors import ReferenceRefused
from sigsearch.index import Reference


@pytest.fixture
def index(tmp_path: Path, references: Path, encoder: Encoder) -> Iterator[SignatureIndex]:
    """Anna has five references from three enrolments, Bo one."""
    with SignatureIndex.create(tmp_path / "index", encoder) as index:
        for numbers in ((0,), (1, 2), (3, 4)):
            index.enrol("anna", [references / "anna" / f"{n}.png" for n in numbers])
        index.enrol("bo", [references / "bo" / "0.png"])
        yield index


def held(index: SignatureIndex) -> list[Reference]:
    return index.index.references("anna")


def test_it_is_what_a_comparison_finds(index: SignatureIndex, encoder: Encoder):
    kept = agreement_of(held(index), encoder.card)
    compared = index.judge.own_scores(readings_of(held(index), encoder.card))
    np.testing.assert_allclose(kept, compared, atol=1e-4)
    some = held(index)[1::2]
    np.testing.assert_allclose(agreement_of(some, encoder.card), compared[1::2, 1::2], atol=1e-4)
    twice = [held(index)[0], held(index)[1], replace(held(index)[2], content_hash="00" * 32),
             replace(held(index)[3], content_hash="00" * 31 + "01")]  # fmt: skip
    assert np.isnan(agreement_of(twice, encoder.card)[0, 1]).all()
    assert agreement_of(index.index.references("bo"), encoder.card).tolist() == [[[0, 0, 0]]]


def test_a_question_compares_the_questioned_signature_alone(
    index: SignatureIndex, references: Path, monkeypatch: pytest.MonkeyPatch
):
    compared: list[int] = []
    likenesses = judge.likenesses

    def counted(questioned, others, matcher):
        compared.append(len(questioned) * len(others))
        return likenesses(questioned, others, matcher)

    monkeypatch.setattr(judge, "likenesses", counted)
    index.verify(references / "anna" / "4.png", "anna")
    assert set(compared) == {5}
    compared.clear()
    index.identify(references / "anna" / "4.png")
    assert set(compared) == {6, 5}  # all candidates at once, and the best again


def test_what_is_not_kept_is_compared(
    index: SignatureIndex, encoder: Encoder, references: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(agreement, "MOST", 5)
    (new,) = keep_agreement(index.index, encoder, [replace(held(index)[0], content_hash="0" * 64)])
    assert kept_agreement(new, encoder.card) == kept_agreement(held(index)[0], encoder.card) == b""
    known = agreement_of([*held(index), new], encoder.card)
    assert np.isnan(known[5, :5]).all()
    whole = index.judge.own_scores(readings_of([*held(index), new], encoder.card), known)
    assert np.isfinite(whole).all()
    assert (whole == whole.swapaxes(0, 1)).all()


def test_another_comparisons_and_damaged_ones_are_of_no_use(
    index: SignatureIndex, encoder: Encoder
):
    first, second = held(index)[:2]
    other = replace(encoder.card, files={**encoder.card.files, MATCHER: "ab" * 32})
    assert np.isnan(agreement_of([first, second], other)[0, 1]).all()
    good = kept_agreement(second, encoder.card)
    infinite = good[:-4] + np.float32(np.inf).tobytes()
    for bad in (b"", good[:-1], infinite, b"x" * len(good)):
        spoilt = with_agreement(second, bad, encoder.card)
        assert kept_agreement(spoilt, encoder.card) == bad
        assert np.isnan(agreement_of([first, spoilt], encoder.card)[0, 1]).all()


def test_it_lies_between_the_fingerprint_and_the_scan(
    tmp_path: Path, encoder: Encoder, references: Path
):
    with SignatureIndex.create(tmp_path / "scans", encoder) as index:
        for number in range(3):
            index.enrol("anna", [references / "anna" / f"{number}.png"], keep_images=True)
        for one in held(index):
            check_template(one, encoder.card)
            assert scan_kept(one, encoder.card) is not None
        last = held(index)[2]
        assert len(kept_agreement(last, encoder.card)) == 8 + 2 * 20
        with pytest.raises(ReferenceRefused):
            check_template(replace(last, local=last.local[:-100]), encoder.card)
