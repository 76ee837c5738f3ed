"""The one sink of the command line: data on stdout, talk on stderr, progress on a terminal only."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any

from sigsearch.cli.progress import aside, progress, working
from sigsearch.cli.streams import harmless, harmless_json, takes_any_text

__all__ = ["emit", "line", "progress", "say", "table", "working"]

ACCEPTED, NOT_ACCEPTED, FAILED = 0, 1, 2
"""Exit codes: a match or an identified writer; neither; an error."""


def emit(document: Any, indent: int | None = 1) -> None:
    """One JSON document on stdout; `indent=None` for one line."""
    plain = not takes_any_text(sys.stdout)
    text = harmless_json(json.dumps(document, ensure_ascii=plain, indent=indent))
    with aside(answering=True):
        sys.stdout.write(text + "\n")
        sys.stdout.flush()


def line(text: str = "") -> None:
    """A line of the answer, on stdout."""
    with aside(answering=True):
        sys.stdout.write(harmless(text) + "\n")


def say(text: str) -> None:
    """A line of talk that is not part of the answer, on stderr. Nobody needs to hear it."""
    with aside(), suppress(OSError):
        sys.stderr.write(harmless(text) + "\n")


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]], title: str = "") -> None:
    """A table for people, on stdout."""
    from sigsearch.cli.tables import show_table

    show_table(columns, rows, title)
