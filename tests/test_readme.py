"""The Python of the README runs as it stands."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from sigsearch.synthesis import Writer

README = Path(__file__).parent.parent / "README.md"


def test_the_example_in_the_readme(
    references: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (code,) = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.S)
    shutil.copytree(references, tmp_path / "refs")
    monkeypatch.chdir(tmp_path)
    anna = Writer.from_seed(40)
    for number, name in enumerate(("anna-7.png", "cheque.png", "a.png", "b.png")):
        Image.fromarray(anna.specimen(number + 5).page).save(name)
    found: dict[str, Any] = {}
    exec(code, found)
    assert found["answer"].candidates[0].writer == "anna"
    assert "anna" not in [w.name for w in found["index"].writers()]
