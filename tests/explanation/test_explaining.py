"""Feature maps of a network, and the regions that make two signatures alike or different."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sigsearch.encoder import Encoder
from sigsearch.engine.judge import Judge
from sigsearch.errors import EncoderError
from sigsearch.explanation import compare_regions, draw_maps, draw_pair, feature_maps
from sigsearch.imaging import read_signature, signature_from_ink


def test_maps_of_the_shipped_encoder_shrink_layer_by_layer(references: Path, tmp_path: Path):
    pytest.importorskip("onnx")
    signature = read_signature(references / "bo" / "0.png")
    name, maps = feature_maps(signature)
    assert name == Encoder.load().card.id
    assert len(maps) >= 5
    heights = [layer.values.shape[1] for layer in maps]
    assert heights == sorted(heights, reverse=True)
    assert all(layer.values.min() >= 0 for layer in maps)
    assert any(layer.values.std() > 0 for layer in maps)
    draw_maps(signature, maps, tmp_path / "maps.png", columns=4)
    width, height = Image.open(tmp_path / "maps.png").size
    assert (width, height) == (4 * 174 + 6, (len(maps) + 1) * 94 + 6)


def test_the_loudest_channels_come_first(references: Path):
    pytest.importorskip("onnx")
    _, maps = feature_maps(read_signature(references / "bo" / "0.png"))
    spread = maps[0].values.std(axis=(1, 2))[maps[0].loudest(5)]
    assert list(spread) == sorted(spread, reverse=True)


def test_a_folder_without_a_model_is_refused(references: Path, tmp_path: Path):
    with pytest.raises(EncoderError, match="no encoder here"):
        feature_maps(read_signature(references / "bo" / "0.png"), tmp_path)


def test_what_was_changed_is_where_the_pair_differs(
    references: Path, encoder: Encoder, tmp_path: Path
):
    original = read_signature(references / "bo" / "0.png")
    ink = original.ink.copy()
    third = ink.shape[1] // 3
    # The right third is turned upside down: the same ink, in another shape.
    ink[:, -third:] = ink[::-1, -third:]
    changed = signature_from_ink(ink, "changed")
    regions = compare_regions(original, changed, encoder, Judge.of(encoder))
    evidence = regions.evidence[0]
    assert evidence.shape == encoder.card.token_shape[:2]
    assert np.abs(evidence).max() <= 1
    where = np.argwhere(evidence != 0)
    left, right = where[:, 1].min(), where[:, 1].max()
    edge = right - (right - left) / 3
    columns = np.arange(evidence.shape[1])
    assert evidence[:, columns > edge].sum() < 0 < evidence[:, columns <= edge].sum()
    assert all(column >= edge - 2 for _, column in regions.different[:1])
    draw_pair(original, changed, regions, tmp_path / "pair.png")
    picture = np.asarray(Image.open(tmp_path / "pair.png").convert("RGB")).astype(int)
    assert (picture[..., 2] - picture[..., 0]).max() > 20  # blue somewhere
    assert (picture[..., 0] - picture[..., 2]).max() > 20  # and orange
