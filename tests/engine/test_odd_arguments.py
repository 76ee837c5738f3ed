"""Arguments that mean nothing get an error with a name, from the index and from the four verbs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sigsearch import SignatureIndex
from sigsearch.encoder import Encoder
from sigsearch.errors import ArgumentRefused, SigsearchError
from sigsearch.index.opening import create_index, open_index
from sigsearch.synthesis import Writer

ODD: tuple[Any, ...] = (
    None, True, -1, 0, 1 << 70, 1.5, float("nan"), "", "x", "\0", "\ud800", "x" * 100_000, b"x", [],
    [None], {}, {"a": 1}, {1: "a"}, object(), Path("/nowhere/at/all"), [[1, 2], [3]],
)  # fmt: skip
HASH = "0" * 64
Call = Callable[[SignatureIndex, Any], object]
INDEX: dict[str, Call] = {
    "search vectors": lambda s, o: s.index.search(o, 1),
    "search k": lambda s, o: s.index.search(np.ones(s.index.identity.dimensions), o),
    "search where": lambda s, o: s.index.search(np.ones(s.index.identity.dimensions), 1, o),
    "enrol": lambda s, o: s.index.enrol(o),
    "enrol one": lambda s, o: s.index.enrol([o]),
    "forget": lambda s, o: s.index.forget(o),
    "references": lambda s, o: s.index.references(o),
    "references of": lambda s, o: s.index.references_of(o),
    "references where": lambda s, o: s.index.references_of(["bo"], o),
    "has": lambda s, o: s.index.has(o),
    "has writer": lambda s, o: s.index.has(HASH, o),
    "numbers": lambda s, o: s.index.numbers(o),
    "setting": lambda s, o: s.index.setting(o),
    "put name": lambda s, o: s.index.put_setting(o, {}),
    "put document": lambda s, o: s.index.put_setting("a", o),
    "note": lambda s, o: s.index.note(o, {}),
    "note facts": lambda s, o: s.index.note("a", o),
    "note writers": lambda s, o: s.index.note("a", {}, o),
    "take in": lambda s, o: s.index.take_in(o),
    "erase": lambda s, o: s.index.erase(o),
    "erase receipt": lambda s, o: s.index.erase("nobody", o),
    "open key": lambda s, o: open_index(s.index.path, key=o),
    "create": lambda s, o: create_index(s.index.path, o),
}
VERBS: dict[str, Call] = {
    "identify": lambda s, o: s.identify(o),
    "identify k": lambda s, o: s.identify(page(), o),
    "identify fpir": lambda s, o: s.identify(page(), 1, o),
    "identify candidates": lambda s, o: s.identify(page(), 1, 0.01, o),
    "identify where": lambda s, o: s.identify(page(), 1, 0.01, 5, o),
    "verify": lambda s, o: s.verify(o, "bo"),
    "verify writer": lambda s, o: s.verify(page(), o),
    "verify rates": lambda s, o: s.verify(page(), "bo", o),
    "enrol": lambda s, o: s.enrol(o, [page()]),
    "enrol images": lambda s, o: s.enrol("z", o),
    "enrol metadata": lambda s, o: s.enrol("z", [page()], o),
    "forget": lambda s, o: s.forget(o),
    "recalibrate": lambda s, o: s.recalibrate(o),
    "open": lambda s, o: SignatureIndex.open(o, s.encoder),
    "open key": lambda s, o: SignatureIndex.open(s.index.path, s.encoder, key=o),
}


def page() -> Any:
    return Writer.from_seed(3).specimen(0).page


@pytest.fixture(scope="module")
def signatures(
    encoder: Encoder, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SignatureIndex]:
    with SignatureIndex.create(tmp_path_factory.mktemp("odd") / "index", encoder) as index:
        index.enrol("bo", [Writer.from_seed(3).specimen(number).page for number in range(3)])
        yield index


@pytest.mark.parametrize("calls", [INDEX, VERBS], ids=["index", "verbs"])
def test_whatever_is_given_has_an_answer_or_an_error_with_a_name(
    signatures: SignatureIndex, calls: dict[str, Call]
) -> None:
    raw = []
    for name, call in calls.items():
        for odd in ODD:
            try:
                call(signatures, odd)
            except SigsearchError:
                pass
            except Exception as fault:
                raw.append(f"{name}({str(odd)[:20]!a}): {type(fault).__name__}: {fault}")
    assert raw == []


def test_the_error_says_which_argument_and_what_it_should_be(signatures: SignatureIndex) -> None:
    with pytest.raises(
        ArgumentRefused, match="identify: k is a whole number of 1 or more, not 'five'"
    ):
        signatures.identify(page(), k="five")  # type: ignore[arg-type]
    with pytest.raises(ArgumentRefused, match="references: writer is a text of Unicode, not 3"):
        signatures.index.references(3)  # type: ignore[arg-type]
