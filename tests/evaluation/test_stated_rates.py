"""What is stated, measured: by hand where a hand can, and as a user asks for it."""

from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from as_a_user import sigsearch

from sigsearch.calibration import try_writers
from sigsearch.calibration.fit import comparisons_of
from sigsearch.datasets import Dataset, Protocol, read_dataset
from sigsearch.encoder import Encoder
from sigsearch.engine.judge import Judge
from sigsearch.errors import DatasetError
from sigsearch.evaluation.stated_rates import Asked, StatedRates, measure_stated_rates
from sigsearch.evaluation.stated_rates.galleries import SMALL, galleries_of, invented_galleries
from sigsearch.evaluation.stated_rates.recaptured import WAYS
from sigsearch.evaluation.stated_rates.swapped_labels import swapped_labels
from sigsearch.evaluation.stated_rates.verification_rates import verification_rates
from sigsearch.imaging import read_signature
from sigsearch.imaging.fingerprint import fingerprint, is_copy
from sigsearch.synthesis.export import write_dataset
from sigsearch.synthesis.order import Order
from sigsearch.trials.readings import read_embeddings

ASKED = Asked(
    fmr=0.1,
    fpir=0.2,
    references=(1, 3),
    draws=2,
    gallery_references=2,
    invented=(4,),
    invented_strangers=10,
    copies=4,
)
WRITERS = 14


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    out = tmp_path_factory.mktemp("stated") / "drawn"
    write_dataset(out, Order(WRITERS, genuine=5, forgeries=2, seed=3))
    return read_dataset(out)


@pytest.fixture(scope="module")
def measured(drawn: Dataset, encoder: Encoder) -> StatedRates:
    return measure_stated_rates([drawn], encoder, Protocol.load("unseen-writers-1"), ASKED)


def test_the_rates_are_those_of_the_comparisons_at_the_stated_threshold(
    drawn: Dataset, encoder: Encoder
):
    judge = Judge.of(encoder)
    used, readings = read_embeddings(drawn, encoder)
    trials = list(try_writers(used, readings, judge.matcher))
    lines = list(verification_rates("drawn", trials, judge.calibrations, (1, 3), 0.1))
    assert {(v.reference_count, v.against) for v in lines} == {
        (count, against) for count in (1, 3) for against in ("skilled", "random")
    }
    for v in lines:
        mated, others = comparisons_of(
            trials, v.against, v.reference_count, judge.calibrations.fusion
        )
        threshold = judge.calibrations.choose(v.against, v.reference_count).threshold_at_fmr(0.1)
        assert v.fmr.value == np.mean(others.values >= threshold)
        assert v.fnmr.value == np.mean(mated.values < threshold)
        assert v.fmr.low <= v.fmr.value <= v.fmr.high
        assert v.writer_count == WRITERS
        assert v.cllr_min <= v.cllr


def test_galleries_of_real_and_of_invented_writers_are_asked(measured: StatedRates):
    real = [g for g in measured.galleries if g.set == "drawn"]
    invented = [g for g in measured.galleries if g.set == "invented writers"]
    assert {g.writer_count for g in real} == {round(WRITERS * 2 / 3)}
    assert {(g.writer_count, g.galleries) for g in invented} == {(4, 2)}
    for g in measured.galleries:
        assert (g.reference_count, g.stated_fpir) == (2, 0.2)
        assert g.strangers > 0
        assert g.lowest <= g.fpir.value <= g.highest
        assert g.unknown.value <= g.fnir.value


def test_nobody_asks_as_a_stranger_who_is_enrolled(drawn: Dataset):
    for gallery in galleries_of(drawn, 2, draws=3, writers=SMALL):
        enrolled = {drawn.samples[row].hand for row in gallery.references}
        assert len(enrolled) == gallery.writers == SMALL
        assert not enrolled & {drawn.samples[row].hand for row in gallery.strangers}
        asked = {row for row, _ in gallery.mates} | set(gallery.strangers)
        assert not asked & set(gallery.references)
        assert all(drawn.samples[row].writer == name for row, name in gallery.mates)


def test_invented_galleries_share_no_writer():
    first, second = invented_galleries(size=3, references=2, strangers=5, galleries=2)
    for rows in ("references", "strangers"):
        assert not set(getattr(first, rows)) & set(getattr(second, rows))
    assert max(second.references) < 5 * 2 + 2 * 3 * 3


def test_every_way_of_copying_is_tried_and_every_pair_looked_at(
    measured: StatedRates, drawn: Dataset
):
    assert [c.way for c in measured.copies] == list(WAYS)
    assert all(c.copies == 4 for c in measured.copies)
    assert next(c for c in measured.copies if c.way == "shifted").found.value == 1.0
    (alarms,) = measured.false_alarms
    assert alarms.pairs == WRITERS * 10
    prints = {s.id: fingerprint(read_signature(s.source)) for s in drawn.genuine()}
    pairs = [p for w in drawn.writers for p in combinations([s.id for s in drawn.genuine(w)], 2)]
    assert set(alarms.alarms) == {(a, b) for a, b in pairs if is_copy(prints[a], prints[b])}


def test_swapped_labels_are_found(drawn: Dataset, encoder: Encoder):
    used, readings = read_embeddings(drawn, encoder)
    found = swapped_labels(used, readings, Judge.of(encoder).matcher)
    assert found is not None
    assert found.reference_count == WRITERS * 5
    assert 0 < found.swapped <= 4
    assert found.swapped_mislabelled + found.swapped_inconsistent > 0


def test_few_writers_are_those_the_set_has_twice_as_many_of(measured: StatedRates):
    assert {f.writer_count for f in measured.few_writers} == {5}
    assert {f.others for f in measured.few_writers} == {WRITERS - 5}
    assert all(f.fmr <= f.fmr_as_seen for f in measured.few_writers)


def test_what_a_set_cannot_show_is_said(drawn: Dataset, encoder: Encoder):
    few = drawn.only(lambda s: s.genuine and s.writer in drawn.writers[:2] and s.number < 3)
    found = measure_stated_rates([few], encoder, None, Asked(references=(1,), draws=1, copies=1))
    told = "; ".join(found.notes)
    assert "no skilled forgeries" in told
    assert "no gallery" in told
    assert {v.against for v in found.verification} == {"random"}
    with pytest.raises(DatasetError, match="nothing to measure"):
        measure_stated_rates([], encoder)


OPTIONS = ("--stated-rates", "--fmr", "0.1", "--fpir", "0.2", "--references", "1", "--draws", "1")


def test_as_a_user_asks_for_it(
    references: Path, encoder: Encoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
):
    monkeypatch.setattr(Encoder, "load", lambda _folder=None, **_more: encoder)
    assert sigsearch(monkeypatch, "evaluate", references, *OPTIONS, "-o", tmp_path) == 0
    shown = capsys.readouterr()
    for title in ("Verification at the stated FMR", "Copies of a reference", "Swapped labels"):
        assert title in shown.out
    assert "in no protocol" in shown.err
    kept = json.loads((tmp_path / "stated_rates.json").read_text(encoding="utf-8"))
    assert sigsearch(monkeypatch, "evaluate", references, *OPTIONS, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["verification"] == kept["verification"]
    parts = {"verification", "galleries", "few_writers", "copies", "false_alarms", "audit"}
    assert set(told) == {"about", "datasets", "notes"} | parts


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--fmr", "2"), "between 0 and 1"),
        (("--invented", "many"), "--invented 'many'"),
        (("--encoder", "hog"), "only what has a calibration states a rate"),
        (("--peers", "hog"), "no --peers"),
    ],
)
def test_what_cannot_be_asked_is_refused(
    arguments: tuple[str, ...], message: str, references: Path, monkeypatch, capsys
):
    assert sigsearch(monkeypatch, "evaluate", references, "--stated-rates", *arguments) == 2
    assert message in " ".join(capsys.readouterr().err.split())
