"""A few rounds of `scripts/reliability/moves.py`, which moves an index in every way at once."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from outside import LONGEST, RELIABILITY


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize("seed", [11, 12])
def test_nothing_is_lost_and_nothing_comes_back(seed: int) -> None:
    pytest.importorskip("pyarrow")
    words = [str(RELIABILITY / "moves.py"), "--rounds", "3", "--steps", "6", "--seed", str(seed)]
    done = subprocess.run([sys.executable, *words], capture_output=True, text=True, timeout=LONGEST)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["rounds"], told["faults"]) == (3, 0)
    assert sum(told["happened"].values()) > 40
