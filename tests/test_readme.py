"""The thirty seconds of the README run as they stand."""

from __future__ import annotations

from pathlib import Path

import pytest
from user_pages import ROOT, blocks, run_lines

from sigsearch import SignatureIndex


def test_the_thirty_seconds_of_the_readme(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.chdir(tmp_path)
    (commands,) = blocks("README.md", "sh")
    run_lines(commands, tmp_path)
    (code,) = blocks("README.md", "python")
    exec(code, {})
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "writer_0004"
    assert said[1].startswith("1 writer_0004 ")
    assert said[4] == "non_match rejected"
    with SignatureIndex.open("indexes/drawn", read_only=True) as index:
        assert [w.name for w in index.writers()] == [f"writer_{n:04}" for n in range(1, 13)]


def test_the_two_commands_of_the_readme_are_in_the_makefile():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for verb in ("demo", "test"):
        assert f"\nmake {verb}  " in readme
        assert f"\n{verb}: " in makefile
