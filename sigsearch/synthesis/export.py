"""Synthetic writers as files, in the layouts that the dataset readers know."""

from __future__ import annotations

import csv
import signal
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from threading import current_thread, main_thread

from sigsearch.errors import DatasetError
from sigsearch.synthesis.capture import capture
from sigsearch.synthesis.order import Order, Written
from sigsearch.synthesis.stream import forgery, writer_seed
from sigsearch.synthesis.writer import Writer

MANIFEST = "manifest.csv"
_BLOCK = 256  # writers handed out at a time, so that memory stays flat for a million

Watch = Callable[[Iterable[int]], Iterable[int]]


def write_dataset(
    out: Path, order: Order, *, workers: int = 1, watch: Watch | None = None
) -> Written:
    """Write an order to `out`; every byte depends on the order only, not on `workers`.

    `watch` may wrap the stream of finished writers, for a progress bar. Raises DatasetError when
    `out` is not an empty or a new folder.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise DatasetError(f"{out} is not an empty folder; choose a new one or empty it first")
    out.mkdir(parents=True, exist_ok=True)
    finished: Iterable[int] = _each(out, order, workers)
    for _ in watch(finished) if watch else finished:
        pass
    if order.layout == "csv":
        _write_manifest(out, order)
    genuine, forgeries = order.writers * order.genuine, order.writers * order.forgeries
    return Written(out, order.layout, order.writers, genuine, forgeries)


Task = tuple[Path, Order, int]


def _each(out: Path, order: Order, workers: int) -> Iterator[int]:
    tasks = ((out, order, index) for index in range(order.writers))
    if workers <= 1 or order.writers == 1:
        yield from map(_write_writer, tasks)
        return
    with _stops_ignored():
        made = get_context("spawn").Pool(min(workers, order.writers))
    with made as pool:
        while block := list(islice(tasks, _BLOCK)):
            yield from pool.imap_unordered(_write_writer, block)


@contextmanager
def _stops_ignored() -> Iterator[None]:
    """Processes that are started meanwhile leave Ctrl-C to the one that started them."""
    if current_thread() is not main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _write_writer(task: Task) -> int:
    from PIL import Image

    out, order, index = task
    writer = Writer.from_seed(writer_seed(order.seed, index), order.script)
    for kind, number in _specimens(order):
        if kind == "genuine":
            specimen = writer.specimen(number, order.dpi)
        else:
            specimen = forgery(writer, number, order.dpi)
        shot = capture(specimen, order.style, order.seed)
        path = out / _place(order, index, kind, number)
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(shot.image).save(path, dpi=(shot.dpi, shot.dpi), compress_level=3)
    return index


def _specimens(order: Order) -> Iterator[tuple[str, int]]:
    for kind, count in (("genuine", order.genuine), ("forgery", order.forgeries)):
        for number in range(count):
            yield kind, number


def _place(order: Order, index: int, kind: str, number: int) -> str:
    """The path of a specimen below the root; writers and numbers are counted from 1."""
    writer, number = index + 1, number + 1
    genuine = kind == "genuine"
    if order.layout == "cedar":
        stem = "full_org/original" if genuine else "full_forg/forgeries"
        return f"{stem}_{writer}_{number}.png"
    folder = f"images/writer_{writer:04d}" if order.layout == "csv" else f"writer_{writer:04d}"
    return f"{folder}/{'' if genuine else 'forgery_'}{number:02d}.png"


def _write_manifest(out: Path, order: Order) -> None:
    with (out / MANIFEST).open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["path", "writer", "kind"])
        for index in range(order.writers):
            for kind, number in _specimens(order):
                place = _place(order, index, kind, number)
                table.writerow([place, f"writer_{index + 1:04d}", kind])
