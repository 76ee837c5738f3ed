"""What an enrolment audit finds."""

from __future__ import annotations

import shlex
from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

from sigsearch.schema import Jsonable, places

Kind = Literal[
    "mislabelled", "inconsistent", "same_file", "copied", "inseparable", "few_references", "simple"
]
MEANINGS: dict[Kind, str] = {
    "mislabelled": "nearer to another writer's references than to its own writer's",
    "inconsistent": "no more like its writer's other references than a stranger's is",
    "same_file": "the same image is enrolled more than once",
    "copied": "a shifted, scaled or recompressed copy of another reference",
    "inseparable": "two writers whose references look the same",
    "few_references": "too few references to know how much the writer varies",
    "simple": "so little ink that anyone could imitate it",
}
_COMMANDS: dict[Kind, str] = {
    "mislabelled": "index move {writer} {source} {other}",
    "inconsistent": "index remove {writer} {source}",
    "same_file": "index remove {writer} {source}",
    "copied": "index remove {writer} {source}",
    "few_references": "index add {writer} IMAGES",
    "simple": "index replace {writer} {source} IMAGE",
}
"""What does as the advice says; two names of one person have to be looked at first."""
ADVICE: dict[Kind, str] = {
    "mislabelled": "look at both; enrol it under the right name",
    "inconsistent": "look at it; forget it if it is not genuine, or enrol more like it",
    "same_file": "keep one; two writers cannot share an image",
    "copied": "ask for a new signature",
    "inseparable": "one person under two names, or a name to be watched",
    "few_references": "enrol at least 3, better 8",
    "simple": "ask for the full signature; treat a match with care",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to look at. reference: number of the reference in the audit's order, -1 for
    findings about a writer; other: the other writer or reference concerned, in words; other_at:
    its number, or -1; strength: how far beyond the limit, in the units of the kind."""

    kind: Kind
    writer: str
    source: str = ""
    other: str = ""
    strength: float = 0.0
    reference: int = -1
    other_at: int = -1

    def command(self, index: str) -> str:
        """The command that does as the advice says; empty where a person must choose."""
        if self.kind not in _COMMANDS:
            return ""
        named = {"writer": self.writer, "source": self.source, "other": self.other}
        quoted = {name: shlex.quote(value) for name, value in named.items()}
        words = [quoted.get(word.strip("{}"), word) for word in _COMMANDS[self.kind].split()]
        return " ".join(["sigsearch", *words, "--index", shlex.quote(index)])

    def reported(self, index: str) -> ReportedFinding:
        return ReportedFinding(
            kind=self.kind,
            writer=self.writer,
            source=self.source,
            other=self.other,
            strength=self.strength,
            meaning=MEANINGS[self.kind],
            advice=ADVICE[self.kind],
            command=self.command(index),
        )


@dataclass(frozen=True, slots=True)
class ReportedFinding(Jsonable):
    """A finding as programs get it, with what its kind means, what to do, and the command that does
    it, with a word in capitals where an image is to be named; empty where a person must choose."""

    kind: Kind
    writer: str
    source: str
    other: str
    strength: float = field(metadata=places(3))
    meaning: str
    advice: str
    command: str


@dataclass(frozen=True, slots=True)
class AuditReport(Jsonable):
    """An audit as programs get it; `counts`: findings of each kind."""

    writer_count: int
    reference_count: int
    counts: dict[Kind, int]
    findings: tuple[ReportedFinding, ...]


@dataclass(frozen=True, slots=True)
class Audit:
    """All findings, the worst kinds first, and how much was looked at."""

    writer_count: int
    reference_count: int
    findings: tuple[Finding, ...]

    @property
    def counts(self) -> dict[Kind, int]:
        """Findings of each kind, also of those that were not found."""
        found = Counter(f.kind for f in self.findings)
        return {kind: found[kind] for kind in MEANINGS}

    def report(self, index: str) -> AuditReport:
        """`index`: where it lies, for the commands."""
        return AuditReport(
            writer_count=self.writer_count,
            reference_count=self.reference_count,
            counts=self.counts,
            findings=tuple(finding.reported(index) for finding in self.findings),
        )
