"""CSV files as spreadsheets write them: rows with the lines that they begin on, and the images that
they name."""

from __future__ import annotations

import csv
import io
import os
import stat
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from sigsearch.errors import DatasetError
from sigsearch.names import as_text, one_form

_DELIMITERS = ",;\t|"
Fields = dict[str, str]
Find = Callable[[Path, str], tuple[Path, str]]
"""The folder of a manifest and what a row names -> the image, and what is wrong with it."""


def rows(
    path: Path, required: Sequence[str], known: Sequence[str]
) -> Iterator[tuple[int, Fields, str]]:
    """The line on which each row begins, its cells by column, and what is wrong with its shape. A
    column's name may be in capitals if it is `known`. Raises DatasetError for what is no CSV file,
    or lacks a column that is `required`."""
    text = _text(path)
    told, skipped = _told_delimiter(text)
    text = text[skipped:]
    header = text.lstrip().partition("\n")[0]
    delimiter = told or max(_DELIMITERS, key=header.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    columns: list[str] = []
    before = int(skipped > 0)
    begins, offset = 1, before
    try:
        for cells in reader:
            line, begins = begins + offset, reader.line_num + 1
            if not any(cell.strip() for cell in cells):
                continue
            if not columns:
                columns = _columns(path, cells, required, known)
                continue
            yield line, *_fields(columns, cells)
    except csv.Error as error:
        raise DatasetError(
            f"{as_text(path)}: line {reader.line_num + offset} cannot be read as CSV ({error})"
        ) from error
    if not columns:
        raise DatasetError(f"{as_text(path)}: {_missing(required, (), required)}")


def _text(path: Path) -> str:
    """The file's text, in UTF-8 or, as spreadsheets save "Unicode text", UTF-16."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DatasetError(f"{as_text(path)}: cannot be read ({error.strerror})") from error
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise DatasetError(
            f"{as_text(path)}: not UTF-8 text (line {line}); save the file as UTF-8"
        ) from error


def _told_delimiter(text: str) -> tuple[str, int]:
    """What a spreadsheet's first line `sep=;` tells, and how long that line is."""
    first = text[: text.find("\n") + 1]
    told = first.strip("\r\n").strip('"')
    if told.lower().startswith("sep=") and len(told) == 5:
        return told[4], len(first)
    return "", 0


def _columns(
    path: Path, cells: list[str], required: Sequence[str], known: Sequence[str]
) -> list[str]:
    names = [one_form(cell.strip()) for cell in cells]
    columns = [name.lower() if name.lower() in known else name for name in names]
    missing = [name for name in required if name not in columns]
    if missing:
        raise DatasetError(f"{as_text(path)}: {_missing(missing, columns, required)}")
    twice = sorted({name for name in columns if name and columns.count(name) > 1})
    if twice:
        raise DatasetError(f"{as_text(path)}: two columns are called {', '.join(twice)}")
    return columns


def _missing(missing: Sequence[str], columns: Sequence[str], required: Sequence[str]) -> str:
    return (
        f"no column {', '.join(missing)}; the file needs {','.join(required)}, "
        f"this one has {', '.join(columns) or 'none'}"
    )


def _fields(columns: list[str], cells: list[str]) -> tuple[Fields, str]:
    fields = {name: cell.strip() for name, cell in zip(columns, cells, strict=False) if name}
    if any(cell.strip() for cell in cells[len(columns) :]):
        reason = f"{len(cells)} values for {len(columns)} columns; put one that holds a delimiter "
        return fields, reason + "in quotation marks"
    return fields, ""


def find_image(folder: Path, given: str) -> tuple[Path, str]:
    """The image that a row names, and what is wrong with it."""
    from sigsearch.documents.addresses import Address

    for text in _spellings(given):
        image = folder / text
        try:
            found = os.stat(Address.of(image).source)
        except (OSError, ValueError):  # nothing there; too long a name, or one that holds a NUL
            continue
        if stat.S_ISDIR(found.st_mode):
            return image, "a folder, not an image"
        if not stat.S_ISREG(found.st_mode):
            return image, "not a file but a pipe or a device"
        return image, "" if found.st_size else "an empty file"
    return folder / given, "no such file"


def _spellings(given: str) -> Iterator[str]:
    """A path as it is given, and as another system would have written it."""
    forms = (given, unicodedata.normalize("NFC", given), unicodedata.normalize("NFD", given))
    yield from dict.fromkeys((*forms, *(form.replace("\\", "/") for form in forms)))
