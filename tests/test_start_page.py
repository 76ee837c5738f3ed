"""Every line of docs/start.md runs, and answers what the page says."""

from __future__ import annotations

from pathlib import Path

import pytest
from user_pages import blocks, run_lines

PAGE = "docs/start.md"


def test_every_line_of_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for block in blocks(PAGE, "sh"):
        run_lines(block, tmp_path)
    assert "<html" in (tmp_path / "sheet.html").read_text(encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    for code in blocks(PAGE, "python"):
        exec(code, {})


def test_a_line_that_fails_or_answers_otherwise_is_found(tmp_path: Path):
    with pytest.raises(AssertionError, match="no-such-command"):
        run_lines("sigsearch no-such-command", tmp_path)
    run_lines("echo non_match: a false match   # non_match", tmp_path)
    for expected in ("match", "identified"):
        with pytest.raises(AssertionError, match=expected):
            run_lines(f"echo a.png: non_match, a false match   # {expected}", tmp_path)
