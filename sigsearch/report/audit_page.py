"""The audit as a page with pictures."""

from __future__ import annotations

from collections.abc import Iterator

from sigsearch.audit.enrolled import Enrolled
from sigsearch.audit.findings import ADVICE, MEANINGS, Audit, Finding, Kind
from sigsearch.engine.source_image import original
from sigsearch.report.page import figure, heading, no_figure, page, paragraph, table
from sigsearch.report.pictures import data_uri, ink_picture

_MOST = 60  # findings of a kind that are shown with pictures
_OTHERS = 3  # pictures of the other writer beside a mislabelled reference


def audit_page(audit: Audit, enrolled: Enrolled, title: str) -> str:
    """One HTML document; images that are no longer where they were enrolled from are left out."""
    return page(title, _body(audit, enrolled, title))


def _body(audit: Audit, enrolled: Enrolled, title: str) -> Iterator[str]:
    yield f"<h1>Enrolment audit</h1>{paragraph(title)}"
    yield paragraph(f"{audit.writers} writers, {audit.references} references.")
    rows = [(kind.replace("_", " "), audit.counts[kind], MEANINGS[kind]) for kind in MEANINGS]
    yield table(("finding", "number", "meaning"), rows)
    for kind in MEANINGS:
        found = [f for f in audit.findings if f.kind == kind]
        if found:
            yield from _section(kind, found, enrolled)


def _section(kind: Kind, found: list[Finding], enrolled: Enrolled) -> Iterator[str]:
    yield heading(f"{kind.replace('_', ' ').capitalize()} ({len(found)})")
    yield paragraph(f"{MEANINGS[kind].capitalize()}. What to do: {ADVICE[kind]}.")
    if kind in ("few_references", "inseparable"):
        columns = ("writer", "other writer" if kind == "inseparable" else "references")
        yield table(columns, [(f.writer, f.other) for f in found])
        return
    for finding in found[:_MOST]:
        pictures = "".join(_pictures(finding, enrolled))
        yield f'<div class="group"><div class="grid">{pictures}</div></div>'
    if len(found) > _MOST:
        yield paragraph(f"and {len(found) - _MOST} more; see the table or the JSON", "quiet")


def _pictures(finding: Finding, enrolled: Enrolled) -> Iterator[str]:
    yield _picture(enrolled, finding.reference, f"{finding.writer}: {finding.source}")
    if finding.other_at >= 0:
        yield _picture(enrolled, finding.other_at, finding.other)
        return
    same = [n for n, name in enumerate(enrolled.names) if name == finding.writer]
    for row in [n for n in same if n != finding.reference][:_OTHERS]:
        yield _picture(enrolled, row, f"also enrolled for {finding.writer}")
    if finding.kind == "mislabelled":
        theirs = [n for n, name in enumerate(enrolled.names) if name == finding.other]
        for row in theirs[:_OTHERS]:
            yield _picture(enrolled, row, f"enrolled for {finding.other}")


def _picture(enrolled: Enrolled, row: int, caption: str) -> str:
    signature = original(enrolled.sources[row], enrolled.hashes[row])
    if signature is None:
        return no_figure("image not at hand", caption)
    return figure(data_uri(ink_picture(signature, 320)), caption)
