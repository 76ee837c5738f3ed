"""How far a command is, on stderr when that is a terminal, and gone when anything else is shown."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

Item = TypeVar("Item")
Tell = Callable[[str, int, int], None]

_PATIENCE = 0.7  # seconds: what takes no longer needs no bar


def progress(items: Iterable[Item], label: str, total: int | None = None) -> Iterator[Item]:
    """`items`, with a bar that counts them."""
    with working(label, total) as tell:
        for done, item in enumerate(items, start=1):
            yield item
            tell(label, done, total or 0)


@contextmanager
def working(label: str, total: int | None = None) -> Iterator[Tell]:
    """Show that something is going on, for how long, and, when told `(label, done, whole)`, how far
    it is; one within another is shown in its place."""
    if not _on_terminal():
        yield lambda *_: None
        return
    bar = _Bar(label, total)
    with _LOCK:
        outer = _BARS[-1] if _BARS else None
        if outer:
            outer.hide()
        _BARS.append(bar)
    bar.begin()
    try:
        yield bar.tell
    finally:
        bar.end()
        with _LOCK:
            _BARS.remove(bar)
            if outer:
                outer.show()


@contextmanager
def aside(answering: bool = False) -> Iterator[None]:
    """Take the bar off the terminal while something is written there. After an answer, on stdout,
    the outermost does not come back."""
    if not _BARS or (answering and not sys.stdout.isatty()):
        yield
        return
    with _LOCK:
        if answering:
            _BARS[0].ended = True
        _BARS[-1].hide()
        try:
            yield
        finally:
            _BARS[-1].show()


def hush(wanted: bool) -> None:
    """From now on show no bar, or show them again."""
    global _HUSHED
    _HUSHED = wanted


class _Bar:
    """A bar that appears when patience is over."""

    def __init__(self, label: str, total: int | None) -> None:
        self.label, self.total, self.done = label, total, 0
        self.due = self.ended = False
        self._timer = threading.Timer(_PATIENCE, self._fall_due)
        self._timer.daemon = True
        self._shown: Progress | None = None
        self._task: TaskID | None = None

    def begin(self) -> None:
        self._timer.start()

    def _fall_due(self) -> None:
        with _LOCK:
            self.due = True
            if _BARS and _BARS[-1] is self:
                self.show()

    def tell(self, label: str, done: int, whole: int) -> None:
        self.label, self.done, self.total = label, done, whole or None
        with _LOCK:
            if self._shown is not None and self._task is not None:
                self._shown.update(
                    self._task, description=self._text(), completed=done, total=self.total
                )

    def _text(self) -> str:
        return f"{self.label} {self.done}/{self.total}" if self.total else self.label

    def show(self) -> None:
        if _HUSHED or not self.due or self.ended:
            return
        if self._shown is None:
            self._shown = _rich_progress(bool(self.total))
            self._task = self._shown.add_task(self._text(), total=self.total, completed=self.done)
        self._shown.start()

    def hide(self) -> None:
        if self._shown is not None:
            self._shown.stop()

    def end(self) -> None:
        self._timer.cancel()
        with _LOCK:
            self.ended = True
            self.hide()


_LOCK = threading.RLock()
_BARS: list[_Bar] = []  # the innermost last
_HUSHED = False


def _on_terminal() -> bool:
    return sys.stderr is not None and sys.stderr.isatty()


def _rich_progress(counted: bool) -> Progress:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        Progress,
        SpinnerColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    text = TextColumn("{task.description}", markup=False)
    parts = (BarColumn(20), TimeRemainingColumn()) if counted else (TimeElapsedColumn(),)
    # Nothing but the bar may go where it goes: answers are redirected to files.
    return Progress(
        SpinnerColumn(), text, *parts, console=Console(stderr=True), transient=True,
        redirect_stdout=False, redirect_stderr=False,
    )  # fmt: skip
