from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

Draw = Callable[..., Path]


@pytest.fixture
def draw(tmp_path: Path) -> Draw:
    """`draw("001/a.png")` makes a small image there; its pixels follow from the name or `seed`."""

    def make(*names: str, seed: int | None = None) -> Path:
        for name in names:
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            noise = np.random.default_rng(seed if seed is not None else sum(map(ord, name)))
            Image.fromarray(noise.integers(0, 256, (12, 20), dtype=np.uint8)).save(path)
        return tmp_path

    return make
