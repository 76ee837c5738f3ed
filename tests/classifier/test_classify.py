"""The classifier at run time: probabilities, names for everybody, refusals that say what to do."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from sigsearch.classifier import Classifier, Likely
from sigsearch.classifier.split import Split
from sigsearch.encoder import Encoder
from sigsearch.errors import ClassifierError, ImageMissing
from sigsearch.synthesis import Writer


def test_probabilities_are_shared_out_among_the_writers(classifier: Classifier, split: Split):
    shares = classifier.probabilities([s.source for s in split.test])
    assert shares.shape == (12, 6)
    np.testing.assert_allclose(shares.sum(axis=1), 1, atol=1e-5)
    assert classifier.probabilities([]).shape == (0, 6)


def test_it_learnt_its_writers(classifier: Classifier, split: Split):
    answers = [classifier.classify(s.source, k=2) for s in split.train + split.test]
    right = [a.writer == s.writer for a, s in zip(answers, split.train + split.test, strict=True)]
    assert sum(right) >= 16  # of 24; chance is 4
    for answer in answers:
        assert len(answer.candidates) == 2
        assert answer.candidates[0].probability >= answer.candidates[1].probability
        assert answer.to_dict()["writer_count"] == 6


def test_a_stranger_gets_a_name_all_the_same(classifier: Classifier):
    answer = classifier.classify(Writer.from_seed(500).specimen(0).page)
    assert answer.writer in classifier.card.writers


def test_a_name_reads_as_people_expect():
    assert str(Likely("58", 0.51523)) == "writer 58 (51.52 %)"


def test_no_torch_is_needed(model: Path, references: Path):
    code = (
        "import sys\nfrom sigsearch.classifier import Classifier\n"
        f"print(Classifier.load({str(model)!r}).classify({str(references / 'bo' / '0.png')!r}))\n"
        "assert not {'torch', 'onnx', 'matplotlib'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


def test_an_unknown_writer_is_refused(classifier: Classifier):
    with pytest.raises(ClassifierError, match=r"'nobody' is not among the 6 .*anna, bo"):
        classifier.knows("nobody")


def test_a_missing_image_is_named(classifier: Classifier, tmp_path: Path):
    with pytest.raises(ImageMissing, match="gone"):
        classifier.classify(tmp_path / "gone.png")


def test_a_folder_of_another_kind_is_refused(encoder: Encoder, tmp_path: Path):
    with pytest.raises(ClassifierError, match=r"another kind \(encoder\)"):
        Classifier.load(encoder.folder)
    with pytest.raises(ClassifierError, match=r"card\.json is missing"):
        Classifier.load(tmp_path)
    (tmp_path / "a-file").write_text("no folder")
    with pytest.raises(ClassifierError, match="no classifier here"):
        Classifier.load(tmp_path / "a-file")
    for text in ("no json", "[]", '{"kind": "writer-classifier"}'):
        (tmp_path / "card.json").write_text(text)
        with pytest.raises(ClassifierError, match="not a classifier's card"):
            Classifier.load(tmp_path)


def test_altered_files_are_refused(model: Path, tmp_path: Path):
    copy = tmp_path / "model"
    shutil.copytree(model, copy)
    network = copy / "classifier.onnx"
    network.write_bytes(network.read_bytes()[:-1] + b"\0")
    with pytest.raises(ClassifierError, match="altered or cut short"):
        Classifier.load(copy)
    network.unlink()
    with pytest.raises(ClassifierError, match="cannot be read"):
        Classifier.load(copy)


def test_another_preprocessing_is_refused(model: Path, tmp_path: Path):
    copy = tmp_path / "model"
    shutil.copytree(model, copy)
    card = json.loads((copy / "card.json").read_text())
    (copy / "card.json").write_text(json.dumps({**card, "preprocessing_version": 99}))
    with pytest.raises(ClassifierError, match="preprocessing 99"):
        Classifier.load(copy)
