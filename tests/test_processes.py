"""What a program does with results, errors and open objects: pickles, copies, booleans, lists."""

from __future__ import annotations

import copy
import io
import pickle
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import sigsearch
from sigsearch import Rates, SignatureIndex, SigsearchError, errors, verify
from sigsearch.encoder import Encoder
from sigsearch.errors import ArgumentRefused, CalibrationError, ErasureIncomplete, NotPicklable
from sigsearch.imaging import read_signature, read_signatures
from sigsearch.imaging.several import several
from sigsearch.synthesis import Writer


@pytest.fixture(scope="module")
def index(tmp_path_factory, references: Path, encoder: Encoder) -> Iterator[SignatureIndex]:
    built, _ = SignatureIndex.build(references, tmp_path_factory.mktemp("i") / "index", encoder)
    yield built
    built.close()


def kinds(kind: type[SigsearchError]) -> Iterator[type[SigsearchError]]:
    yield kind
    for below in kind.__subclasses__():
        yield from kinds(below)


@pytest.mark.parametrize("kind", sorted(set(kinds(SigsearchError)), key=lambda k: k.__name__))
@pytest.mark.parametrize(
    "again", [lambda e: pickle.loads(pickle.dumps(e)), copy.copy, copy.deepcopy]
)
def test_errors_can_be_pickled_and_copied(kind, again) -> None:
    more = ({"complete": False},) if kind is ErasureIncomplete else ()
    fault = kind("scan.png: no such file", *more)
    fault.path = "scan.png"  # type: ignore[attr-defined]
    found = again(fault)
    assert type(found) is kind
    assert (str(found), found.code, found.__dict__) == (str(fault), kind.code, fault.__dict__)


def test_every_error_has_a_code_of_its_own() -> None:
    codes = [kind.code for kind in set(kinds(SigsearchError)) if "code" in vars(kind)]
    assert len(codes) == len(set(codes))
    assert errors.NotPicklable in set(kinds(SigsearchError))


@pytest.mark.parametrize("again", [pickle.dumps, copy.copy, copy.deepcopy])
def test_what_holds_files_open_is_not_pickled_and_says_what_to_do(
    again, index: SignatureIndex, encoder: Encoder
) -> None:
    with pytest.raises(NotPicklable, match="open it") as told:
        again(index)
    assert f"SignatureIndex.open({str(index.index.path)!r})" in str(told.value)
    with pytest.raises(TypeError) as told:  # what pickle's callers expect
        again(encoder)
    assert f"Encoder.load({str(encoder.folder)!r})" in str(told.value)


def test_results_are_pickled_and_mean_accepted(index: SignatureIndex, references: Path) -> None:
    bo, anna = references / "bo" / "4.png", references / "anna" / "4.png"
    answers = [
        index.verify(Writer.from_seed(42).specimen(7).page, "chidi"), index.verify(anna, "bo"),
        index.identify(bo), index.identify(anna, fpir=1e-9),
    ]  # fmt: skip
    for answer in answers:
        assert bool(answer) == answer.accepted
        assert pickle.loads(pickle.dumps(answer)) == answer
    assert {bool(answer) for answer in answers} == {True, False}


def test_dir_shows_the_public_names() -> None:
    assert set(dir(sigsearch)) == {*sigsearch.__all__, "__version__"}
    for name in dir(sigsearch):
        assert getattr(sigsearch, name) is not None


@pytest.mark.parametrize("wrong", [{"k": 0}, {"k": -1}, {"candidates": 0}])
def test_no_candidates_at_all_are_refused(wrong, index: SignatureIndex, references: Path) -> None:
    with pytest.raises(ArgumentRefused, match="1 or more"):
        index.identify(references / "bo" / "4.png", **wrong)
    with pytest.raises(ValueError, match="1 or more"):
        next(index.identify_many([references / "bo" / "4.png"], **wrong))


@pytest.mark.parametrize("rate", [2, 1, 0, -0.1, float("nan"), float("inf")])
def test_rates_that_are_none_are_refused(
    rate: float, index: SignatureIndex, references: Path
) -> None:
    for make in (lambda: Rates(fmr=rate), lambda: Rates(fnmr=rate)):
        with pytest.raises(CalibrationError, match="between 0 and 1"):
            make()
    with pytest.raises(CalibrationError, match="between 0 and 1"):
        index.identify(references / "bo" / "4.png", fpir=rate)
    with pytest.raises(CalibrationError, match="between 0 and 1"):
        index.verify(references / "bo" / "4.png", "bo", Rates(rate, 0.05, "skilled"))


@pytest.mark.parametrize("form", ["path", "text", "bytes", "array", "image", "stream", "read"])
def test_one_image_is_a_list_of_one(
    form: str, tmp_path: Path, references: Path, encoder: Encoder
) -> None:
    path = references / "bo" / "0.png"
    make = {
        "path": lambda: path,
        "text": lambda: str(path),
        "bytes": path.read_bytes,
        "array": lambda: np.asarray(Image.open(path)),
        "image": lambda: Image.open(path),
        "stream": lambda: io.BytesIO(path.read_bytes()),
        "read": lambda: read_signature(path),
    }[form]
    with SignatureIndex.create(tmp_path / "index", encoder) as index:
        report = index.enrol("bo", make())
        assert (report.enrolled, report.refused) == (1, ())
        assert len(list(index.identify_many(make()))) == 1
    assert len(encoder.embed(make())) == 1
    assert len(list(encoder.embed_each(make()))) == 1
    assert len(list(read_signatures(make()))) == 1


def test_lists_of_all_kinds_stay_lists(references: Path) -> None:
    paths = sorted((references / "bo").glob("[0-9].png"))
    arrays = np.array([str(path) for path in paths])
    for given in (paths, tuple(paths), iter(paths), arrays, arrays.astype(object)):
        assert len(list(several(given))) == len(paths)


def test_a_pair_is_accepted_or_not(references: Path, encoder: Encoder) -> None:
    first, second = references / "chidi" / "0.png", references / "chidi" / "1.png"
    assert bool(verify(first, second, encoder)) is True
    assert bool(verify(first, first, encoder)) is False
