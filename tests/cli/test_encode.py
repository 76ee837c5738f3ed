"""`sigsearch encode` shares its work out in batches."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from sigsearch.cli.app import app
from sigsearch.encoder import Encoder


def test_images_are_encoded_in_batches(
    encoder: Encoder, references: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    sizes, network = [], encoder._network

    class Counting:
        def run(self, outputs: None, feeds: dict[str, Any]) -> Any:
            sizes.append(len(feeds["canvases"]))
            return network.run(outputs, feeds)

    counting = Encoder(encoder.card, encoder.folder, Counting(), threads=2)
    monkeypatch.setattr(Encoder, "load", lambda *_: counting)
    images = sorted(references.rglob("[0-9].png"))
    bad = tmp_path / "bad.png"
    bad.write_text("no picture")
    out = tmp_path / "v.npy"
    words = ["encode", *map(str, [*images[:3], bad, *images[3:]]), "-o", str(out)]
    done = CliRunner().invoke(app, words, catch_exceptions=False)
    assert done.exit_code == 2
    assert f"{bad}" in done.stderr
    assert sorted(sizes) == [7, 7, 8, 8]
    vectors = np.load(out)
    assert np.isnan(vectors[3]).all()
    expected = encoder.embed(images).vectors
    np.testing.assert_allclose(np.delete(vectors, 3, axis=0), expected, atol=1e-6)
