"""The one sink of the command line: answers on stdout, talk on stderr, progress on a terminal."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Any

from sigsearch.cli.progress import aside, hush, progress, working
from sigsearch.cli.streams import harmless, harmless_json, takes_any_text

__all__ = ["complain", "counted", "line", "progress", "say", "sink", "table", "working"]

ACCEPTED, NOT_ACCEPTED, FAILED = 0, 1, 2
"""Exit codes: accepted; sent to review or rejected; an error."""


class Sink:
    """Takes what a command has to say, and knows how the user wants it: as text for people, as JSON
    for programs, or, if quiet, not at all. The options `--json` and `--quiet` set it."""

    def __init__(self) -> None:
        self.json = False
        self._quiet = False

    @property
    def quiet(self) -> bool:
        return self._quiet

    @quiet.setter
    def quiet(self, wanted: bool) -> None:
        self._quiet = wanted
        hush(wanted)

    def answer(self, result: Any, show: Callable[[], None], among: int = 1) -> None:
        """What was asked for: `result` (with `to_dict`, or fit for JSON) for programs; `show`
        prints it for people. One `among` several takes one line."""
        if self._quiet:
            return
        if self.json:
            document = result.to_dict() if hasattr(result, "to_dict") else result
            _emit(document, indent=1 if among == 1 else None)
        else:
            show()

    def failed(self, code: str, message: str, **about: Any) -> None:
        """An error; `about` says of what, where others go on."""
        complain(f"error: {message}")
        if self.json:
            _emit({**about, "error": {"code": code, "message": message}}, indent=None)


sink = Sink()


def _emit(document: Any, indent: int | None) -> None:
    """One JSON document on stdout; `indent=None` for one line."""
    plain = not takes_any_text(sys.stdout)
    text = harmless_json(json.dumps(document, ensure_ascii=plain, indent=indent))
    with aside(answering=True):
        sys.stdout.write(text + "\n")
        sys.stdout.flush()


def line(text: str = "") -> None:
    """A line of the answer for people, on stdout."""
    with aside(answering=True):
        sys.stdout.write(harmless(text) + "\n")


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]], title: str = "") -> None:
    """A table of the answer for people, on stdout."""
    from sigsearch.cli.tables import show_table

    show_table(columns, rows, title)


def say(text: str) -> None:
    """A line of talk that is not part of the answer, on stderr. Nobody needs to hear it."""
    if not sink.quiet:
        complain(text)


def complain(text: str) -> None:
    """A line that is said even if quiet, on stderr."""
    with aside(), suppress(OSError):
        sys.stderr.write(harmless(text) + "\n")


def counted(number: int, one: str, many: str | None = None) -> str:
    """`1 writer`, `12 writers`."""
    return f"{number} {one if number == 1 else many or one + 's'}"
