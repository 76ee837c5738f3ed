from __future__ import annotations

import re
from html.parser import HTMLParser

import numpy as np
import pytest
from small_matcher import drifting_readings, small_matcher

from sigsearch.audit import Audit, Enrolled, Finding
from sigsearch.calibration.logistic import fit_calibration
from sigsearch.engine.judge import Judge
from sigsearch.engine.results import ReferenceScore, Verification
from sigsearch.imaging import signature_from_ink
from sigsearch.matching.calibration import CalibrationSet
from sigsearch.matching.decision import decide
from sigsearch.matching.fusion import FusionWeights
from sigsearch.matching.rates import Comparisons
from sigsearch.report.audit_page import audit_page
from sigsearch.report.evidence import Case, ShownReference, evidence_sheet
from sigsearch.report.pictures import QUESTIONED, REFERENCE, overlay_picture
from sigsearch.report.regions import extremes, region_evidence
from sigsearch.synthesis import Writer

HOSTILE = "<script>alert(1)</script>"


def invented_calibrations() -> CalibrationSet:
    random = np.random.default_rng(0)
    writers, ones = np.repeat(np.arange(20), 20), np.ones(400)
    near = Comparisons(random.normal(1, 1, 400), writers, ones)
    far = Comparisons(random.normal(-1, 1, 400), writers, ones)
    parts = [
        fit_calibration(near, far, population="invented", proposition=p, references=1)
        for p in ("skilled", "random")
    ]
    return CalibrationSet("invented", "fake", FusionWeights(), tuple(parts))


def case(score: float, copy: str | None = None, shown: bool = True) -> Case:
    writer = Writer.from_seed(3)
    inks = [signature_from_ink(writer.specimen(n).mask, f"{n}.png") for n in range(3)]
    judge = Judge(small_matcher(), invented_calibrations())
    verdict = decide(score, judge.calibrations.choose("skilled", 2), 0.05, 0.05)
    scores = tuple(ReferenceScore(f"{n}.png", score) for n in (1, 2))
    answer = Verification(HOSTILE, "anna", verdict, scores, "model-1", ("simple",), copy)
    readings = drifting_readings(1, 3)
    references = [
        ShownReference(f"{n}.png", f"{n:064x}", score, inks[n] if shown else None) for n in (1, 2)
    ]
    return Case(answer, inks[0], readings[0], references, readings[1:], judge, {"model": "model-1"})


class Balance(HTMLParser):
    """Every tag that is opened is closed, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in ("meta", "img", "line", "polygon"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in ("meta", "img", "line", "polygon"):
            assert self.open.pop() == tag


def check_page(text: str) -> None:
    parser = Balance()
    parser.feed(text)
    assert parser.open == []
    assert not re.search(r'(?:src|href)="(?!data:)', text)
    assert "http" not in text.replace("http-equiv", "")


@pytest.mark.parametrize(("score", "decision"), [(3.0, "match"), (-3.0, "non_match")])
def test_the_sheet_tells_the_decision_and_what_it_rests_on(score, decision):
    text = evidence_sheet(case(score))
    check_page(text)
    assert f"<b>{decision}</b>" in text
    for said in ("invented", "log10 likelihood ratio", "simple", f"{1:064x}", "model-1"):
        assert said in text
    assert HOSTILE not in text
    assert "suspected" not in text.lower()
    assert "forged" not in text.replace("no finding that a signature was forged", "")


@pytest.mark.parametrize("score", [-15.7, -15.1, -8.0, 19.2])
def test_no_number_on_the_axis_is_cut_by_the_edge(score):
    text = evidence_sheet(case(score))
    places = re.findall(r'<text x="([\d.-]+)" y="\d+" text-anchor="middle">-?\d', text)
    assert len(places) > 2
    assert all(14 <= float(x) <= 720 - 14 for x in places)


def test_a_suspected_copy_is_an_alarm_on_the_sheet():
    assert "Suspected copy" in evidence_sheet(case(3.0, copy="1.png"))


def test_references_whose_images_are_gone_are_named_without_a_picture():
    text = evidence_sheet(case(3.0, shown=False))
    check_page(text)
    assert text.count("image not at hand") == 3


def test_the_overlay_is_dark_where_both_have_ink():
    ink = signature_from_ink(Writer.from_seed(3).specimen(0).mask)
    same = overlay_picture(ink, ink).astype(int)
    inked = same.sum(axis=2) < 300
    assert inked.any()
    for colour in (QUESTIONED, REFERENCE):
        pure = np.abs(same - np.array(colour)).sum(axis=2) < 30
        assert pure.sum() < 0.02 * inked.sum()


def test_regions_are_measured_against_the_references_among_themselves():
    readings = drifting_readings(1, 4)
    readings.tokens[0, 30:34] *= -1
    evidence, relative = region_evidence(readings[0], readings[1:], small_matcher())
    assert relative
    worst, best = extremes(evidence)
    assert worst[0] in [divmod(n, 14) for n in range(30, 34)]
    assert evidence[worst[0]] < 0 < evidence[best[0]]


def test_the_audit_page_shows_every_kind_that_was_found():
    readings = drifting_readings(2, 2)
    enrolled = Enrolled(
        ["a", "a", HOSTILE, HOSTILE], ["gone.png"] * 4, ["0" * 64] * 4, [()] * 4, [None] * 4,
        readings,
    )  # fmt: skip
    found = Audit(2, 4, (
        Finding("mislabelled", "a", "gone.png", HOSTILE, 1.0, 0),
        Finding("copied", "a", "gone.png", "gone.png", 0.0, 1, 0),
        Finding("few_references", HOSTILE, "", "2"),
    ))  # fmt: skip
    text = audit_page(found, enrolled, "an index")
    check_page(text)
    assert HOSTILE not in text
    for heading in ("Mislabelled (1)", "Copied (1)", "Few references (1)"):
        assert heading in text
    assert "Simple (" not in text
