"""Tables for people, readable however narrow the terminal is."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from sigsearch.cli.progress import aside
from sigsearch.cli.streams import harmless

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

_NARROWEST = 16  # a column of text is not folded to fewer characters


def show_table(columns: Sequence[str], rows: Iterable[Sequence[Any]], title: str = "") -> None:
    """A table on stdout; columns whose cells are all numbers are set right. Text is folded where
    the terminal is narrow; where that does not help either, each row becomes a block of lines."""
    from rich.console import Console

    cells = [[harmless(_cell(value)) for value in row] for row in rows]
    names = [harmless(name) for name in columns]
    # Markup off: a writer may be called [bold].
    console = Console(
        file=sys.stdout,
        markup=False,
        highlight=False,
        width=shutil.get_terminal_size((80, 24)).columns,
    )
    grid = _grid(names, cells, harmless(title))
    with aside(answering=True):
        if not cells or _width(names, cells) <= console.width:
            console.print(grid)
        else:
            _print_blocks(console, names, cells, harmless(title))


def _grid(names: Sequence[str], cells: Sequence[Sequence[str]], title: str) -> Table:
    from rich import box
    from rich.table import Table

    grid = Table(
        title=title or None,
        title_justify="left",
        box=box.SIMPLE_HEAD,
        show_edge=False,
        show_header=any(names),
        padding=(0, 1, 0, 0),
    )
    for at, name in enumerate(names):
        numeric = bool(cells) and _is_numeric(cells, at)
        grid.add_column(
            name,
            justify="right" if numeric else "left",
            overflow="fold",
            no_wrap=numeric,
            min_width=_least(name, cells, at),
        )
    for row in cells:
        grid.add_row(*row)
    return grid


def _width(names: Sequence[str], cells: Sequence[Sequence[str]]) -> int:
    """What the columns take at least, with two characters between them."""
    return sum(_least(name, cells, at) + 2 for at, name in enumerate(names))


def _least(name: str, cells: Sequence[Sequence[str]], at: int) -> int:
    """The narrowest that a column can be read at."""
    from rich.cells import cell_len

    widest = max((cell_len(row[at]) for row in cells), default=0)
    if _is_numeric(cells, at):
        return max(widest, cell_len(name))
    head = max((cell_len(word) for word in name.split()), default=0)
    return max(min(widest, _NARROWEST), head)


def _print_blocks(
    console: Console, names: Sequence[str], cells: Sequence[Sequence[str]], title: str
) -> None:
    from rich.table import Table

    if title:
        console.print(title)
    for row in cells:
        block = Table.grid(padding=(0, 2))
        block.add_column(no_wrap=True)
        block.add_column(overflow="fold")
        for name, value in zip(names, row, strict=True):
            block.add_row(name, value)
        console.print(block)
        console.print()


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    return "" if value is None else str(value)


def _is_numeric(cells: Sequence[Sequence[str]], at: int) -> bool:
    return all(_is_number(row[at]) for row in cells)


def _is_number(text: str) -> bool:
    return not text or text.lstrip("-+").replace(".", "", 1).replace("e-", "", 1).isdigit()
