"""A CSV manifest: columns `path,writer`, and if wanted `kind,split,group,script,number,hand,text`.

Paths are taken from the manifest's own folder, and may end in `#page=N`; `kind` is `genuine` (which
it is without the column) or `forgery`. With `sheet` and `name` instead of `hand` and `text` the
hand is a sheet of names by one person. Every other column is kept as metadata.
"""

from __future__ import annotations

import csv
import io
import os
import stat
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from sigsearch.datasets.layouts.shape import FileLayout
from sigsearch.datasets.samples import Kind, LeftOut, Sample
from sigsearch.errors import DatasetError
from sigsearch.names import as_text, one_form

_REQUIRED = ("path", "writer")
_KNOWN = (*_REQUIRED, "kind", "split", "group", "script", "number", "hand", "text", "sheet")
_KINDS: dict[str, Kind] = {
    "genuine": "genuine",
    "g": "genuine",
    "original": "genuine",
    "forgery": "forgery",
    "forged": "forgery",
    "skilled": "forgery",
    "f": "forgery",
}
_SPLITS = ("", "train", "validation", "test")
_DELIMITERS = ",;\t|"
Fields = dict[str, str]


def read(path: Path) -> tuple[list[Sample], list[LeftOut]]:
    samples: list[Sample] = []
    left_out: list[LeftOut] = []
    for line, fields, fault in _rows(path):
        image, wrong = _find(path.parent, fields.get("path", ""))
        reason = fault or _wrong(fields) or wrong
        if reason:
            left_out.append(LeftOut(image, reason, line, failed=True))
        else:
            samples.append(_sample(image, fields, line))
    return samples, left_out


def _rows(path: Path) -> Iterator[tuple[int, Fields, str]]:
    """The line on which each row begins, its cells by column, and what is wrong with its shape."""
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
                columns = _columns(path, cells)
                continue
            yield line, *_fields(columns, cells)
    except csv.Error as error:
        raise DatasetError(
            f"{as_text(path)}: line {reader.line_num + offset} cannot be read as CSV ({error})"
        ) from error
    if not columns:
        raise DatasetError(f"{as_text(path)}: {_missing(_REQUIRED, ())}")


def _text(path: Path) -> str:
    """The manifest's text, in UTF-8 or, as spreadsheets save "Unicode text", UTF-16."""
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
            f"{as_text(path)}: not UTF-8 text (line {line}); save the manifest as UTF-8"
        ) from error


def _told_delimiter(text: str) -> tuple[str, int]:
    """What a spreadsheet's first line `sep=;` tells, and how long that line is."""
    first = text[: text.find("\n") + 1]
    told = first.strip("\r\n").strip('"')
    if told.lower().startswith("sep=") and len(told) == 5:
        return told[4], len(first)
    return "", 0


def _columns(path: Path, cells: list[str]) -> list[str]:
    names = [one_form(cell.strip()) for cell in cells]
    columns = [name.lower() if name.lower() in _KNOWN else name for name in names]
    missing = [name for name in _REQUIRED if name not in columns]
    if missing:
        raise DatasetError(f"{as_text(path)}: {_missing(missing, columns)}")
    twice = sorted({name for name in columns if name and columns.count(name) > 1})
    if twice:
        raise DatasetError(f"{as_text(path)}: two columns are called {', '.join(twice)}")
    return columns


def _missing(missing: tuple[str, ...] | list[str], columns: tuple[str, ...] | list[str]) -> str:
    return (
        f"no column {', '.join(missing)}; a manifest needs {','.join(_REQUIRED)}, "
        f"this one has {', '.join(columns) or 'none'}"
    )


def _fields(columns: list[str], cells: list[str]) -> tuple[Fields, str]:
    fields = {name: cell.strip() for name, cell in zip(columns, cells, strict=False) if name}
    if any(cell.strip() for cell in cells[len(columns) :]):
        reason = f"{len(cells)} values for {len(columns)} columns; put one that holds a delimiter "
        return fields, reason + "in quotation marks"
    return fields, ""


def _wrong(fields: Fields) -> str:
    """What is wrong with a row's values; empty when nothing is."""
    if not fields.get("writer") or not fields.get("path"):
        return "a row without a path or a writer"
    if "kind" in fields and fields["kind"].lower() not in _KINDS:
        return f"kind is neither genuine nor forgery: {fields['kind']!r}"
    if fields.get("split", "").lower() not in _SPLITS:
        return f"split is none of train, validation and test: {fields['split']!r}"
    number = fields.get("number", "")
    if number and not (number.isascii() and number.isdecimal() and len(number) < 19):
        return f"number is no number: {number!r}"
    return ""


def _find(folder: Path, given: str) -> tuple[Path, str]:
    """The image that a row names, and what is wrong with it."""
    from sigsearch.imaging.sources import file_and_page

    for text in _spellings(given):
        image = folder / text
        try:
            found = os.stat(file_and_page(str(image))[0])
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


def _sample(image: Path, fields: Fields, line: int) -> Sample:
    extra = {name: one_form(value) for name, value in fields.items() if name not in _KNOWN}
    sheet = fields.get("sheet", "")
    name = extra.pop("name", "") if sheet else ""
    return Sample(
        image,
        fields["writer"],
        _KINDS[fields.get("kind", "genuine").lower()],
        number=int(fields.get("number") or 0),
        group=fields.get("group", ""),
        id=fields["path"],
        hand=fields.get("hand", "") or sheet,
        text=fields.get("text", "") or name,
        script=fields.get("script", ""),
        split=fields.get("split", "").lower(),
        metadata=tuple((name, value) for name, value in extra.items() if value),
        line=line,
    )


LAYOUT = FileLayout("csv", __doc__, (".csv", ".tsv"), read)
