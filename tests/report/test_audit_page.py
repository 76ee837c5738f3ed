from __future__ import annotations

from pathlib import Path

from html_checks import HOSTILE, check_escaped, check_page
from PIL import Image
from small_matcher import drifting_readings

from sigsearch.audit import Audit, Enrolled, Finding
from sigsearch.audit.findings import MEANINGS
from sigsearch.imaging import read_signature
from sigsearch.report.audit import HEADINGS, audit_page
from sigsearch.synthesis import Writer


def enrolled_as(name: str, source: str = "gone.png", digest: str = "0" * 64) -> Enrolled:
    names, sources, hashes = ["a", "a", name, name], [source] * 4, [digest] * 4
    return Enrolled(names, sources, hashes, [()] * 4, [None] * 4, drifting_readings(2, 2))


def found_about(name: str, source: str = "gone.png") -> Audit:
    return Audit(2, 4, (
        Finding("mislabelled", "a", source, name, 1.0, 0),
        Finding("copied", "a", source, source, 0.0, 1, 0),
        Finding("few_references", name, "", "2"),
    ))  # fmt: skip


def test_the_audit_page_shows_every_kind_that_was_found():
    text = audit_page(found_about(HOSTILE), enrolled_as(HOSTILE), "an index")
    check_page(text)
    assert HOSTILE not in text
    for heading in ("Mislabelled (1)", "Copied (1)", "Few references (1)"):
        assert heading in text
    assert "Simple (" not in text


def test_every_kind_has_a_heading():
    assert set(HEADINGS) == set(MEANINGS)


def test_names_and_paths_are_text_on_the_page():
    def page(name: str) -> str:
        return audit_page(found_about(name, name), enrolled_as(name, name), name)

    check_escaped(page("anna"), page(HOSTILE))


def test_images_that_are_still_there_are_shown(tmp_path: Path):
    path = tmp_path / "0.png"
    Image.fromarray(Writer.from_seed(3).specimen(0).page).save(path)
    enrolled = enrolled_as("b", str(path), read_signature(path).content_hash)
    text = audit_page(found_about("b", str(path)), enrolled, "an index")
    # The mislabelled one beside its writer's other and the other writer's two; the copied pair.
    assert len(check_page(text).fetched) == 4 + 2


def test_findings_beyond_those_shown_are_counted():
    def page(number: int) -> str:
        findings = tuple(Finding("simple", "a", "gone.png", "", 1.0, 0) for _ in range(number))
        return audit_page(Audit(2, 4, findings), enrolled_as("b"), "an index")

    assert page(62).count('class="group"') == page(60).count('class="group"') == 60
    assert "and 2 more" in page(62)
    assert "more, which" not in page(60)


def test_an_index_without_findings_says_so():
    assert "Nothing was found" in audit_page(Audit(2, 4, ()), enrolled_as("b"), "an index")
