"""A short run of the suite that alters every kind of file (`scripts/reliability/enemies.py`)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from outside import RELIABILITY

pytest.importorskip("pyarrow")
pytest.importorskip("cryptography")


@pytest.mark.skipif(sys.platform == "win32", reason="makes links and FIFOs")
def test_what_an_enemy_alters_is_answered_or_named(tmp_path: Path) -> None:
    suite = RELIABILITY / "enemies.py"
    asked = [sys.executable, suite, "--mutations", "60", "--seed", "500000", "--names-only"]
    done = subprocess.run(asked, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
