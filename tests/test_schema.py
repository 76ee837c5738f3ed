"""Results are their JSON, and choices are the library's own."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Any, ClassVar, get_args

import numpy as np
import pytest

from sigsearch.audit.findings import AuditReport
from sigsearch.calibration.refit import RefitReport
from sigsearch.classifier.answers import Classification, WriterCheck
from sigsearch.comparison.outcome import Comparison
from sigsearch.datasets import LAYOUTS, Summary
from sigsearch.engine.pair import verify
from sigsearch.engine.results import Enrolment, Identification, Verification
from sigsearch.engine.signature_index import SignatureIndex
from sigsearch.engine.verdict import Verdict
from sigsearch.index.care.integrity import Health
from sigsearch.index.care.repair import Repair
from sigsearch.index.records import Writer
from sigsearch.index.results import IndexInfo, LogEntry, Receipt
from sigsearch.matching.population import Population
from sigsearch.schema import Jsonable, Layout, places
from sigsearch.synthesis.order import Written

RESULTS = (
    AuditReport, Classification, Comparison, Enrolment, Health, Identification, IndexInfo, LogEntry,
    Population, Receipt, RefitReport, Repair, Summary, Verification, Writer, WriterCheck, Written,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Inner:
    share: float


@dataclass(frozen=True, slots=True)
class Outer(Jsonable):
    path: Path
    rough: float
    exact: float = field(metadata=places(None))
    rows: tuple[Inner, ...]
    grid: np.ndarray[Any, Any] = field(metadata=places(1))
    named: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Whole(Outer):
    decimals: ClassVar[int | None] = None


def test_a_result_is_its_fields_rounded():
    given = (Path("a.png"), 0.123456, 0.123456, (Inner(0.123456),), np.array([[0.25, 1.04]]))
    told = Outer(*given, {"x": 0.55558}).to_dict()
    assert list(told) == [f.name for f in fields(Outer)]
    assert told == json.loads(json.dumps(told)) == {
        "path": "a.png", "rough": 0.1235, "exact": 0.123456, "rows": [{"share": 0.1235}],
        "grid": [[0.2, 1.0]], "named": {"x": 0.5556},
    }  # fmt: skip
    assert Whole(*given).to_dict()["rows"] == [{"share": 0.123456}]


def kinds_within(kind: Any) -> set[type]:
    """A result type and all those that its fields name."""
    import typing

    found = {kind} if is_dataclass(kind) else set()
    inner = typing.get_type_hints(kind).values() if found else get_args(kind)
    return found.union(*(kinds_within(one) for one in inner if one is not kind))


@pytest.mark.parametrize("kind", RESULTS)
def test_one_word_means_one_thing(kind: type[Jsonable]):
    import typing

    assert kind.to_dict is Jsonable.to_dict
    for part in kinds_within(kind):
        hints = typing.get_type_hints(part)
        for name, hint in hints.items():
            assert not (name in ("references", "writers") and hint in (int, int | None)), part
            assert not (name == "population" and hint in (str, str | None)), part
            assert name != "verdict" or hint is Verdict, part


def test_answers_have_the_fields_of_their_types(encoder, references: Path, tmp_path: Path):
    def same_keys(result: Any, document: Any) -> None:
        if is_dataclass(result):
            assert list(document) == [f.name for f in fields(result)]
            for f in fields(result):
                same_keys(getattr(result, f.name), document[f.name])
        elif isinstance(result, tuple):
            for one, told in zip(result, document, strict=True):
                same_keys(one, told)

    images = [references / "bo" / f"{n}.png" for n in range(3)]
    with SignatureIndex.create(tmp_path / "index", encoder) as index:
        index.enrol("bo", images[1:])
        answers = [index.identify(images[0]), index.verify(images[0], "bo"), index.info()]
    for answer in [*answers, verify(*images[:2], encoder)]:
        same_keys(answer, json.loads(json.dumps(answer.to_dict())))


def test_every_layout_can_be_chosen():
    assert set(get_args(Layout)) == {"auto", *LAYOUTS}
