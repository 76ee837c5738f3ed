"""The audit as a page with pictures."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sigsearch.audit.enrolled import Enrolled
from sigsearch.audit.findings import ADVICE, MEANINGS, Audit, Finding, Kind
from sigsearch.engine.source_image import original
from sigsearch.report.page import Picture, render
from sigsearch.report.pictures import data_uri, ink_picture

HEADINGS: dict[Kind, str] = {
    "mislabelled": "Mislabelled",
    "inconsistent": "Inconsistent",
    "same_file": "Same file",
    "copied": "Copied",
    "inseparable": "Inseparable",
    "few_references": "Few references",
    "simple": "Simple",
}
CONCERNS: dict[Kind, str] = {"inseparable": "other writer", "few_references": "references"}
"""Kinds of finding about a writer, which are listed and not shown; and what `other` holds."""
_MOST = 60  # findings of a kind that are shown with pictures
_OTHERS = 3  # pictures of the other writer beside a mislabelled reference


def audit_page(audit: Audit, enrolled: Enrolled, title: str) -> str:
    """One HTML document; images that are no longer where they were enrolled from are left out."""
    album = _Album.of(enrolled)
    kinds = [(kind, [f for f in audit.findings if f.kind == kind]) for kind in MEANINGS]
    return render(
        "audit.html",
        title=f"Enrolment audit of {title}",
        index=title,
        audit=audit,
        summary=[(HEADINGS[kind], len(found), MEANINGS[kind]) for kind, found in kinds],
        sections=[_section(kind, found, album) for kind, found in kinds if found],
    )


def _section(kind: Kind, found: list[Finding], album: _Album) -> dict[str, Any]:
    listed = kind in CONCERNS
    return {
        "heading": f"{HEADINGS[kind]} ({len(found)})",
        "meaning": MEANINGS[kind],
        "advice": ADVICE[kind],
        "columns": ("writer", CONCERNS[kind]) if listed else (),
        "rows": [(f.writer, f.other) for f in found] if listed else [],
        "groups": [] if listed else [list(album.of_finding(f)) for f in found[:_MOST]],
        "more": 0 if listed else max(len(found) - _MOST, 0),
    }


@dataclass(frozen=True, slots=True)
class _Album:
    """Pictures of the enrolled references; `members` are the rows of each writer."""

    enrolled: Enrolled
    members: dict[str, list[int]]

    @classmethod
    def of(cls, enrolled: Enrolled) -> _Album:
        members = defaultdict(list)
        for row, name in enumerate(enrolled.names):
            members[name].append(row)
        return cls(enrolled, members)

    def of_finding(self, finding: Finding) -> Iterator[Picture]:
        yield self._picture(finding.reference, f"{finding.writer}: {finding.source}")
        if finding.other_at >= 0:
            yield self._picture(finding.other_at, finding.other)
            return
        same = [n for n in self.members[finding.writer] if n != finding.reference]
        for row in same[:_OTHERS]:
            yield self._picture(row, f"also enrolled for {finding.writer}")
        if finding.kind == "mislabelled":
            for row in self.members[finding.other][:_OTHERS]:
                yield self._picture(row, f"enrolled for {finding.other}")

    def _picture(self, row: int, caption: str) -> Picture:
        signature = original(self.enrolled.sources[row], self.enrolled.hashes[row])
        return Picture(caption, data_uri(ink_picture(signature, 320)) if signature else "")
