"""The command line, as a user calls it."""

from __future__ import annotations

import sys

import pytest

from sigsearch.cli import main


def sigsearch(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    """The exit code."""
    monkeypatch.setattr(sys, "argv", ["sigsearch", *map(str, arguments)])
    try:
        main()
    except SystemExit as end:
        return int(end.code or 0)
    return 0
