from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from html_checks import HOSTILE, check_escaped, check_page
from small_matcher import drifting_readings, small_matcher

from sigsearch.calibration.logistic import fit_calibration
from sigsearch.engine.examination import verification
from sigsearch.engine.judge import Judge
from sigsearch.engine.weighing import Weighed
from sigsearch.imaging import signature_from_ink
from sigsearch.matching.calibration import CalibrationSet
from sigsearch.matching.decision import decide
from sigsearch.matching.fusion import FusionWeights
from sigsearch.metrics import Comparisons
from sigsearch.report.case import About, Case, ShownReference
from sigsearch.report.evidence import evidence_sheet
from sigsearch.report.overlay import overlay_picture, way_between
from sigsearch.report.pictures import QUESTIONED, REFERENCE
from sigsearch.report.regions import extremes, region_evidence
from sigsearch.synthesis import Writer


def invented_calibrations(population: str = "invented") -> CalibrationSet:
    random = np.random.default_rng(0)
    writers, ones = np.repeat(np.arange(20), 20), np.ones(400)
    near = Comparisons(random.normal(1, 1, 400), writers, ones)
    far = Comparisons(random.normal(-1, 1, 400), writers, ones)
    parts = [
        fit_calibration(near, far, population=population, proposition=p, references=1)
        for p in ("skilled", "random")
    ]
    return CalibrationSet(population, "fake", FusionWeights(), tuple(parts))


def case(score: float, copy: str | None = None, shown: bool = True, name: str = HOSTILE) -> Case:
    """`name` is whatever somebody else may choose."""
    writer = Writer.from_seed(3)
    inks = [signature_from_ink(writer.specimen(n).mask, f"{name}{n}.png") for n in range(3)]
    judge = Judge(small_matcher(), invented_calibrations(f"invented {name}"))
    judged = decide(score, judge.calibrations.choose("skilled", 2), 0.05, 0.05)
    questioned = replace(inks[0], name=name, warnings=("simple", name))
    weighed = Weighed(questioned, judged, (score, score), (), ())
    sources = [f"{name}{n}.png" for n in (1, 2)]
    answer = verification(questioned, name, weighed, sources, copy, "model-1")
    readings = drifting_readings(1, 3)
    references = [
        ShownReference(f"{name}{n}.png", f"{n:064x}", score, inks[n] if shown else None)
        for n in (1, 2)
    ]
    identity = {"model": "model-1", "index": name}
    about = About(case_number=name, examiner=name)
    return Case(answer, inks[0], readings[0], references, readings[1:], judge, identity, about)


ANSWERS = [
    (3.0, "accepted", "match"), (0.0, "review", "inconclusive"), (-3.0, "rejected", "non_match"),
]  # fmt: skip


@pytest.mark.parametrize(("score", "answer", "decision"), ANSWERS)
def test_the_sheet_tells_the_verdict_and_what_it_rests_on(score, answer, decision):
    text = evidence_sheet(case(score))
    check_page(text)
    assert f"<b>{answer}</b>" in text
    assert f">{decision}</td>" in text
    for said in ("invented", "log10 likelihood ratio", "so little ink", f"{1:064x}", "model-1"):
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


def test_names_and_paths_are_text_on_the_sheet():
    check_escaped(
        evidence_sheet(case(3.0, copy="anna", name="anna")),
        evidence_sheet(case(3.0, copy=HOSTILE, name=HOSTILE)),
    )


def test_a_suspected_copy_is_an_alarm_on_the_sheet():
    text = evidence_sheet(case(3.0, copy=f"{HOSTILE}1.png"))
    assert text.index("Suspected copy") < text.index("<b>review</b>")
    assert "suspected original" in text


def test_references_whose_images_are_gone_are_named_without_a_picture():
    text = evidence_sheet(case(3.0, shown=False))
    check_page(text)
    assert text.count("image not at hand") == 3


def test_the_overlay_is_dark_where_both_have_ink():
    ink = signature_from_ink(Writer.from_seed(3).specimen(0).mask)
    same = overlay_picture(ink, ink, way_between(ink, ink)).astype(int)
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
