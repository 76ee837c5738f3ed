from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from small_matcher import drifting_readings, small_matcher

from sigsearch.audit import Audit, Enrolled, audit
from sigsearch.audit.index_audit import audit_index
from sigsearch.encoder import Embeddings, Encoder
from sigsearch.engine.signature_index import SignatureIndex
from sigsearch.errors import IndexBusy
from sigsearch.imaging import signature_from_ink
from sigsearch.imaging.fingerprint import fingerprint
from sigsearch.synthesis import Writer

WRITERS, EACH = 8, 6


def enrolled_names(swapped: Sequence[tuple[int, int]] = ()) -> list[str]:
    names = [f"w{n // EACH}" for n in range(WRITERS * EACH)]
    for a, b in swapped:
        names[a], names[b] = names[b], names[a]
    return names


def look(names: Sequence[str] | None = None, drift: float = 0.25, **changes: object) -> Audit:
    readings = drifting_readings(WRITERS, EACH, drift=drift)
    count = len(readings)
    given = {
        "names": names or enrolled_names(),
        "sources": [f"{n}.png" for n in range(count)],
        "hashes": [f"{n:064x}" for n in range(count)],
        "warnings": [()] * count,
        "fingerprints": [None] * count,
        "readings": readings,
    } | changes
    return audit(Enrolled(**given), small_matcher())  # type: ignore[arg-type]


def test_a_clean_index_has_nothing_to_look_at():
    assert look().findings == ()


def test_swapped_labels_are_found_and_named_with_their_true_writer():
    found = look(enrolled_names([(0, 13), (20, 44)])).findings
    assert {(f.reference, f.other) for f in found} == {
        (0, "w0"), (13, "w2"), (20, "w3"), (44, "w7"),
    }  # fmt: skip
    assert {f.kind for f in found} == {"mislabelled"}


def test_one_person_under_two_names_is_one_finding():
    names = ["w0" if n % 2 else "twin" for n in range(EACH)] + enrolled_names()[EACH:]
    found = [f for f in look(names, drift=0.6).findings if f.kind != "few_references"]
    assert {f.kind for f in found} <= {"inseparable", "mislabelled"}
    assert all({f.writer, f.other} == {"w0", "twin"} for f in found)
    assert found


def test_what_is_unlike_everybody_is_inconsistent():
    readings = drifting_readings(WRITERS, EACH)
    readings.tokens[17] = np.random.default_rng(9).permutation(readings.tokens[17])
    readings.vectors[17] *= -1
    found = look(readings=readings).findings
    assert [(f.kind, f.reference) for f in found] == [("inconsistent", 17)]


def test_same_files_and_copies_are_told_apart():
    hashes = [f"{n:064x}" for n in range(WRITERS * EACH)]
    hashes[1] = hashes[0]
    ink = Writer.from_seed(3).specimen(0).mask
    prints: list[bytes | None] = [None] * len(hashes)
    prints[8] = fingerprint(signature_from_ink(ink))
    prints[9] = fingerprint(signature_from_ink(ink[:, ::-1][:, ::-1]))
    prints[10] = fingerprint(signature_from_ink(Writer.from_seed(3).specimen(1).mask))
    found = look(hashes=hashes, fingerprints=prints, drift=0.05).findings
    assert [(f.kind, f.reference, f.other_at) for f in found] == [
        ("same_file", 1, 0), ("copied", 9, 8),
    ]  # fmt: skip


def test_few_references_and_simple_signatures_are_named():
    names = ["lonely", *enrolled_names()[1:]]
    warnings = [()] * len(names)
    warnings[12] = ("simple",)  # type: ignore[call-overload]
    counts = look(names, warnings=warnings).counts
    assert counts["few_references"] == 1
    assert counts["simple"] == 1


def test_an_audit_is_fit_for_json():
    told = json.loads(json.dumps(look(enrolled_names([(0, 13)])).report("my index").to_dict()))
    assert told["writer_count"] == WRITERS
    assert told["counts"]["mislabelled"] == len(told["findings"]) == 2
    assert told["findings"][0]["advice"]


def test_an_empty_index_has_nothing_to_look_at():
    nothing = drifting_readings(1, 1)[:0]
    assert audit(Enrolled([], [], [], [], [], nothing), small_matcher()).findings == ()


def test_one_writer_alone_is_not_judged_by_others():
    assert look(["w0"] * (WRITERS * EACH)).findings == ()


class Counting:
    """Readings that note how many are asked for at once."""

    def __init__(self, readings: Embeddings) -> None:
        self.readings, self.most = readings, 0

    def __getitem__(self, rows: np.ndarray) -> Embeddings:
        self.most = max(self.most, len(rows))
        return self.readings[rows]


def test_given_a_search_no_reference_is_compared_with_all():
    count = 60 * EACH
    names = [f"w{n // EACH}" for n in range(count)]
    names[3], names[200] = names[200], names[3]
    facts = [f"{n}.png" for n in range(count)], [f"{n:064x}" for n in range(count)]
    readings = drifting_readings(60, EACH)
    plain = Enrolled(names, *facts, [()] * count, [None] * count, readings)

    def near(vectors: np.ndarray, k: int) -> list[list[str]]:
        order = np.argsort(-vectors @ readings.vectors.T, axis=1)
        return [list(dict.fromkeys(names[n] for n in row))[:k] for row in order]

    counting = Counting(readings)
    searched = audit(replace(plain, readings=counting, near=near), small_matcher())
    assert searched == audit(plain, small_matcher())
    assert {f.reference for f in searched.findings} == {3, 200}
    assert counting.most < count


def test_an_index_is_read_as_it_is_needed_and_found_the_same(
    encoder: Encoder, references: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("sigsearch.audit.index_audit._KEPT", 2)
    steps: dict[str, int] = {}

    def watch(numbers: range, label: str) -> range:
        steps[label] = len(numbers)
        return numbers

    with SignatureIndex.create(tmp_path / "index", encoder) as index:
        for at, folder in enumerate(sorted(references.iterdir()) * 2):
            ways = at // 6  # the second time under another name, and other specimens
            images = [folder / f"{n}.png" for n in range(5) if n % 2 == ways]
            index.enrol(f"{folder.name} {ways}", images)
        index.enrol("copyist", [references / "bo" / "2.png"])
        found, enrolled = audit_index(index, watch)
        rows = np.arange(len(index))
        prints = [enrolled.fingerprints[row] for row in rows.tolist()]
        at_hand = replace(
            enrolled, near=None, readings=enrolled.readings[rows], fingerprints=prints
        )
        assert found == audit(at_hand, index.judge.matcher)
        assert [f.writer for f in found.findings if f.kind == "same_file"] == ["copyist"]
        assert steps["comparing"] == steps["reading"] + 18 == len(index) == 31
        index.forget("bo 0")
        with pytest.raises(IndexBusy, match="'bo 0' was forgotten"):
            audit(enrolled, index.judge.matcher)


def test_a_copy_is_found_among_many_that_lie_near():
    ink = Writer.from_seed(3)
    prints = [fingerprint(signature_from_ink(ink.specimen(n).mask)) for n in range(3)]
    count = WRITERS * EACH
    given: list[bytes | None] = [prints[0], *[prints[1]] * (count - 2), prints[0]]
    readings = drifting_readings(1, count, drift=0.05)
    readings.vectors[-1] = readings.vectors[0]
    found = look(["w0"] * count, readings=readings, fingerprints=given).findings
    assert (found[-1].reference, found[-1].other_at) == (count - 1, 0)
