"""An index that measures its own population, on invented writers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from sigsearch import Rates, SignatureIndex
from sigsearch.encoder import Encoder
from sigsearch.engine.enrolment import Specimen
from sigsearch.engine.survey import SETTING, measure_population, read_population
from sigsearch.imaging import signature_from_ink
from sigsearch.index.local.writer_index import WriterIndex
from sigsearch.index.search.cache import Cache
from sigsearch.index.search.structures.protocol import CLUSTERS
from sigsearch.matching.calibration import CalibrationSet
from sigsearch.synthesis import Writer

WRITERS, EACH = 12, 3


def signatures(seed: int, count: int = EACH) -> list:
    writer = Writer.from_seed(seed)
    return [signature_from_ink(writer.specimen(n).mask) for n in range(count)]


def stored(index: SignatureIndex):
    return read_population(index.index.setting(SETTING), index.judge.calibrations)


def fewer(calibrations: CalibrationSet) -> CalibrationSet:
    """Another calibration than this."""
    return replace(calibrations, calibrations=calibrations.calibrations[:-1])


@pytest.fixture(scope="module")
def drawn() -> dict[str, list]:
    return {f"w{n}": signatures(700 + n) for n in range(2 * WRITERS)}


@pytest.fixture
def index(tmp_path: Path, encoder: Encoder, drawn: dict[str, list]):
    with SignatureIndex.create(tmp_path / "index", encoder, sync="lazy") as made:
        for name in list(drawn)[:WRITERS]:
            made.enrol(name, drawn[name])
        yield made


def test_it_is_measured_as_the_index_grows_and_kept(index, encoder: Encoder, drawn):
    early = index.judge.population
    assert early is not None  # from the tenth writer on
    assert early.writer_count == 10
    assert stored(index) == early
    for name in list(drawn)[WRITERS : 2 * WRITERS]:
        index.enrol(name, drawn[name])
    later = index.judge.population
    assert later.writer_count == 23  # grown by half twice: 15, 23
    assert later.asked + later.set_aside == 23 * EACH
    index.close()
    with SignatureIndex.open(index.index.path, encoder, read_only=True) as again:
        assert again.judge.population == later


def test_a_build_that_was_killed_while_measuring_measures_when_it_is_repeated(
    tmp_path: Path, encoder: Encoder, drawn, monkeypatch
):
    def killed(*_):
        raise KeyboardInterrupt

    specimens = [Specimen(name, one) for name in list(drawn)[:WRITERS] for one in drawn[name]]
    with SignatureIndex.create(tmp_path / "index", encoder, sync="lazy") as index:
        with monkeypatch.context() as patched:
            patched.setattr("sigsearch.engine.index_judge.measure_population", killed)
            with pytest.raises(KeyboardInterrupt):
                index.enrol_all(specimens)
        assert (index.judge.population, stored(index)) == (None, None)
        report = index.enrol_all(specimens)
        assert (report.enrolled, report.known) == (0, WRITERS * EACH)
        assert stored(index).writer_count == WRITERS


def test_a_large_index_is_measured_with_the_clusters_that_suit_it(
    tmp_path: Path, encoder: Encoder, drawn, monkeypatch
):
    monkeypatch.setattr("sigsearch.index.search.structures.choice.NUMPY_UP_TO", 1)
    monkeypatch.setattr("sigsearch.index.search.structures.choice.EXACT_UP_TO", 2)
    monkeypatch.setattr("sigsearch.index.search.searcher.SNAPSHOT_FROM", 1)
    monkeypatch.setattr(Cache, "at_once", lambda *_: pytest.fail("searched without clusters"))
    specimens = [Specimen(name, one) for name in list(drawn)[:WRITERS] for one in drawn[name]]
    with SignatureIndex.create(tmp_path / "index", encoder, sync="lazy") as index:
        index.enrol_all(specimens)
        assert index.judge.population.asked > 0
        assert index.info().structure == CLUSTERS


def test_nothing_is_encoded_for_it(index, monkeypatch):
    monkeypatch.setattr(index.encoder, "embed", lambda *_: pytest.fail("encoded again"))
    assert index.measure_population().writer_count == WRITERS


def test_answers_rest_on_it_and_say_so(index):
    stranger = signatures(991, 1)[0]
    measured = index.measure_population()
    with_it = index.identify(stranger)
    judge = replace(index.judge, population=None)
    own = index._own_judge
    own._weighing = replace(own._weighing, judge=judge)
    without = index.identify(stranger)
    assert with_it.gallery.threshold_from == measured.name
    assert with_it.to_dict()["gallery"]["fnir"] == pytest.approx(with_it.gallery.fnir, abs=1e-4)
    assert without.gallery.threshold_from == index.judge.calibrations.calibrated_on
    assert without.to_dict()["gallery"]["fnir"] is None
    assert [c.score for c in with_it.candidates] == [c.score for c in without.candidates]
    assert with_it.candidates[0].threshold != without.candidates[0].threshold


def test_whoever_asks_for_one_candidate_is_told_of_no_other_threshold(index):
    stranger = signatures(991, 1)[0]
    index.measure_population()
    few, many = (index.identify(stranger, k=1, candidates=n).candidates[0] for n in (1, 6))
    assert few.threshold == many.threshold


def test_verification_against_random_forgeries_rests_on_it(index, drawn):
    index.measure_population()
    rates = Rates(fmr=0.05, fnmr=0.05, against="random")
    answer = index.verify(drawn["w1"][0], "w1", rates)
    assert answer.evidence.threshold_from == index.judge.population.name
    skilled = index.verify(drawn["w1"][0], "w1", replace(rates, against="skilled"))
    assert skilled.evidence.threshold_from == skilled.evidence.calibrated_on


def test_another_calibration_makes_it_void(index, encoder: Encoder):
    assert index.measure_population() is not None
    changed = replace(index.judge.calibrations, encoder="another")
    assert read_population(index.index.setting(SETTING), changed) is None
    index.recalibrate(fewer(index.judge.calibrations))
    assert index.judge.population is None
    assert index.measure_population() is not None
    index.close()
    with SignatureIndex.open(index.index.path, encoder, read_only=True) as again:
        assert again.judge.population is not None


def test_an_index_that_stays_open_follows_what_others_calibrate(index, encoder: Encoder, drawn):
    path, stranger = index.index.path, signatures(991, 1)[0]
    before = index.identify(stranger)
    with SignatureIndex.open(path, encoder) as other:
        other.recalibrate(fewer(replace(other.judge.calibrations, calibrated_on="one's own scans")))
        assert index.identify(stranger).gallery.threshold_from == "one's own scans"
        measured = other.measure_population()
    assert index.judge.population == measured
    assert index.identify(stranger).gallery.threshold_from == measured.name
    assert index.identify(stranger).gallery.fnir != before.gallery.fnir
    index.enrol("late", drawn["w20"])
    assert stored(index) == measured  # not measured by the calibration of old


def test_a_query_reads_no_settings_that_have_not_changed(index, monkeypatch):
    stranger = signatures(991, 1)[0]
    index.identify(stranger)
    monkeypatch.setattr(index.index, "setting", lambda _: pytest.fail("read again"))
    index.identify(stranger)
    index.verify(stranger, "w1")


def test_what_was_measured_by_a_former_calibration_is_not_kept(
    index, encoder: Encoder, monkeypatch
):
    changed = fewer(index.judge.calibrations)

    def measure_and_interfere(*given):
        found = measure_population(*given)
        with SignatureIndex.open(index.index.path, encoder) as other:
            other.recalibrate(changed)
        return found

    monkeypatch.setattr("sigsearch.engine.index_judge.measure_population", measure_and_interfere)
    before = index.index.setting(SETTING)
    assert index.measure_population() is None
    assert index.index.setting(SETTING) == before
    assert index.judge.calibrations.identity == changed.identity


def test_what_another_version_wrote_is_passed_over(index):
    index.index.put_setting(SETTING, {"kind": "from the future"})
    assert stored(index) is None
    assert index.judge.population is None


def test_too_few_writers_show_nothing(tmp_path: Path, encoder: Encoder, drawn):
    with SignatureIndex.create(tmp_path / "few", encoder, sync="lazy") as few:
        few.enrol("w0", drawn["w0"])
        assert few.measure_population() is None
        assert few.index.setting(SETTING) is None


def test_a_verify_only_index_is_not_gone_through(index, tmp_path: Path, encoder: Encoder, drawn):
    shut = WriterIndex.create(tmp_path / "shut", index.index.identity, verify_only=True)
    with SignatureIndex(shut, encoder) as closed:
        for name in list(drawn)[:WRITERS]:
            closed.enrol(name, drawn[name])
        assert closed.judge.population is None
        assert shut.setting(SETTING) is None

        def weigh(questioned, enrolled) -> float:
            return float(index._own_judge.scores(index.judge, questioned, enrolled)[0][0])

        assert measure_population(shut, encoder.card, index.judge.calibrations, weigh) is None


def test_a_copy_under_another_name_is_set_aside(index, drawn):
    before = index.measure_population()
    index.enrol("double of w3", [drawn["w3"][0]])
    after = index.measure_population()
    assert after.asked + after.set_aside == before.asked + before.set_aside + 1
    assert after.set_aside > before.set_aside
