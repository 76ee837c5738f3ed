"""The one sink of the command line: data on stdout, talk on stderr, progress on a terminal only."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

from sigsearch.errors import NotWritable

Item = TypeVar("Item")

ACCEPTED, NOT_ACCEPTED, FAILED = 0, 1, 2
"""Exit codes: a match or an identified writer; neither; an error."""


def emit(document: Any, indent: int | None = 1) -> None:
    """One JSON document on stdout; `indent=None` for one line."""
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=indent) + "\n")
    sys.stdout.flush()


def must_be_writable(path: Path) -> None:
    """Refuse a place for a file before any work is done for it.

    Raises:
        NotWritable: there is no such folder, or it or the file takes no writing.
    """
    folder = path.parent
    if not folder.is_dir():
        raise NotWritable(f"{path}: there is no folder {folder}; make it first")
    if path.is_dir():
        raise NotWritable(f"{path} is a folder; give a file")
    if not os.access(path if path.exists() else folder, os.W_OK):
        raise NotWritable(f"{path} cannot be written; choose another place")


def line(text: str = "") -> None:
    """A line of the answer, on stdout."""
    sys.stdout.write(text + "\n")


def say(text: str) -> None:
    """Talk that is not part of the answer, on stderr."""
    sys.stderr.write(text + "\n")


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]], title: str = "") -> None:
    """A table for people on stdout; columns whose cells are all numbers are set right."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    cells = [[_cell(value) for value in row] for row in rows]
    grid = Table(title=title or None, box=box.SIMPLE_HEAD, title_justify="left")
    for at, name in enumerate(columns):
        numeric = bool(cells) and all(_is_number(row[at]) for row in cells)
        grid.add_column(name, justify="right" if numeric else "left", overflow="fold")
    for row in cells:
        grid.add_row(*row)
    # Markup off: a writer may be called [bold].
    console = Console(markup=False, highlight=False, width=None if sys.stdout.isatty() else 120)
    console.print(grid)


def progress(items: Iterable[Item], label: str, total: int | None = None) -> Iterator[Item]:
    """`items` with a progress bar on stderr when that is a terminal."""
    if not sys.stderr.isatty():
        yield from items
        return
    from rich.console import Console
    from rich.progress import track

    yield from track(items, label, total=total, console=Console(stderr=True), transient=True)


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    return "" if value is None else str(value)


def _is_number(text: str) -> bool:
    return not text or text.lstrip("-+").replace(".", "", 1).replace("e-", "", 1).isdigit()
