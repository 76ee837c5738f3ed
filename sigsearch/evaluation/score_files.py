"""Raw scores on disk: CSV (gzipped if named so) or Parquet, and reading anyone's back."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterable, Sequence
from dataclasses import fields
from pathlib import Path
from typing import IO, Any

import numpy as np

from sigsearch.arrays import AnyArray, Floats
from sigsearch.errors import DatasetError
from sigsearch.evaluation.score_table import KINDS, Labels, ScoreTable, SearchTable
from sigsearch.evaluation.session import Drawn

_NAMES = ("dataset", "role", "kind", "writer", "hand", "questioned", "group", "script")
_NUMBERS = ("draw", "references")
_DEFAULTS = {"dataset": "scores", "role": "test", "draw": "0", "references": "1"}
_REQUIRED = ("kind", "score")
_LEADS = {"lead": "score", "other_lead": "other"}
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")
"""What a formula begins with, in one spreadsheet or another, and what tells that it is none."""


def write_scores(table: ScoreTable, path: Path) -> None:
    """Columns as in `ScoreTable`; `score` is by `scorer`, the first; others are `score[name]`."""
    heads = ["score", *(f"score[{name}]" for name in table.scorers[1:])]
    columns: dict[str, Any] = {name: getattr(table, name) for name in (*_NAMES, *_NUMBERS)}
    columns["scorer"] = Labels.constant(table.scorers[0], len(table))
    columns |= dict(zip(heads, table.scores.values(), strict=True))
    _write(path, columns)


def write_searches(table: SearchTable, path: Path) -> None:
    """Columns as in `SearchTable`."""
    _write(path, {f.name: getattr(table, f.name) for f in fields(table)})


def write_drawn(drawn: Iterable[Drawn], path: Path) -> None:
    """Which references were drawn: `dataset,role,draw,writer,position,reference`."""
    with _text(path, "w") as file:
        rows = csv.writer(file, lineterminator="\n")
        names = [f.name for f in fields(Drawn)]
        rows.writerow(names)
        rows.writerows([_cell(getattr(one, name)) for name in names] for one in drawn)


def read_scores(path: Path) -> ScoreTable:
    """Read scores of anyone's. Columns `kind` and `score` are needed; the others are made up.

    `kind` is genuine, skilled or random. Without `writer` there are no intervals and no per-writer
    figures; without `role` all rows are test rows. Further columns `score[name]` are further
    scorers. Raises DatasetError that names the columns there are, or the row that is wrong.
    """
    columns = _columns(path)
    missing = [name for name in _REQUIRED if name not in columns]
    if missing:
        raise DatasetError(
            f"{path}: no column {', '.join(missing)}; scores need kind (genuine, skilled or "
            f"random) and score; this file has {', '.join(columns) or 'no columns'}"
        )
    length = len(columns["score"])
    if not length:
        raise DatasetError(f"{path}: no scores in it")
    names: dict[str, Sequence[str]] = {}
    for name in _NAMES:
        default = [_DEFAULTS.get(name, "")] * length
        names[name] = columns.get(
            name, columns["writer"] if name == "hand" and "writer" in columns else default
        )
    unknown = sorted(set(names["kind"]) - set(KINDS))
    if unknown:
        raise DatasetError(f"{path}: kind {unknown[0]!r}; it must be one of {', '.join(KINDS)}")
    scorer = columns["scorer"][0] if "scorer" in columns else "score"
    scores = {
        scorer if name == "score" else name[6:-1]: _floats(path, name, columns[name])
        for name in columns
        if name == "score" or (name.startswith("score[") and name.endswith("]"))
    }
    numbers = {
        name: _floats(path, name, columns.get(name, [_DEFAULTS[name]] * length)).astype(np.int32)
        for name in _NUMBERS
    }
    labels = {name: Labels.of(values) for name, values in names.items()}
    labels["kind"] = _kinds(names["kind"])
    return ScoreTable(**labels, **numbers, scores=scores)  # type: ignore[arg-type]


def read_searches(path: Path) -> SearchTable:
    """Read searches that `write_searches` wrote; in files from before there were leads, the scores
    stand for them. Raises DatasetError for other files."""
    columns = _columns(path)
    for lead, score in _LEADS.items():
        columns.setdefault(lead, columns.get(score, ()))
    wanted = [f.name for f in fields(SearchTable)]
    missing = [name for name in wanted if name not in columns]
    if missing:
        raise DatasetError(f"{path}: no column {', '.join(missing)}; not a file of searches")
    values: dict[str, Any] = {}
    for name in wanted:
        if name in (*_LEADS, *_LEADS.values()):
            values[name] = _floats(path, name, columns[name])
        elif name in ("references", "gallery", "rank"):
            values[name] = _floats(path, name, columns[name]).astype(np.int32)
        else:
            values[name] = Labels.of(columns[name])
    values["kind"] = _kinds(columns["kind"])
    return SearchTable(**values)


def _kinds(values: Sequence[str]) -> Labels:
    return Labels(np.array([KINDS.index(kind) for kind in values], np.int32), KINDS)


def _columns(path: Path) -> dict[str, Sequence[str]]:
    if not path.is_file():
        raise DatasetError(f"{path}: no such file of scores")
    if path.suffix == ".parquet":
        return _parquet_columns(path)
    try:
        with _text(path, "r") as file:
            rows = csv.reader(file)
            heads = [name.strip() for name in next(rows, [])]
            body = [row for row in rows if row]
    except (OSError, UnicodeDecodeError, EOFError) as error:
        raise DatasetError(f"{path}: cannot be read as CSV ({error})") from error
    for number, row in enumerate(body, start=2):
        if len(row) != len(heads):
            raise DatasetError(f"{path}: row {number} has {len(row)} cells, not {len(heads)}")
    cells = [list(map(_as_written, column)) for column in zip(*body, strict=True)]
    return dict(zip(heads, cells or [[]] * len(heads), strict=True))


def _floats(path: Path, name: str, values: Sequence[str]) -> Floats:
    try:
        return np.array([float(value) if value else np.nan for value in values])
    except ValueError as error:
        raise DatasetError(f"{path}: column {name}: {error}") from error


def _write(path: Path, columns: dict[str, Any]) -> None:
    if path.suffix == ".parquet":
        _write_parquet(path, columns)
        return
    with _text(path, "w") as file:
        file.write(",".join(_quoted(name) for name in columns) + "\n")
        length = len(next(iter(columns.values())))
        for start in range(0, length, 50_000):
            part = slice(start, start + 50_000)
            cells = [_cells(column, part) for column in columns.values()]
            file.writelines(",".join(row) + "\n" for row in zip(*cells, strict=True))


def _cells(column: Labels | AnyArray, part: slice) -> Iterable[str]:
    if isinstance(column, Labels):
        quoted = [_quoted(harmless(name)) for name in column.names]
        return [quoted[code] for code in column.codes[part].tolist()]
    values = column[part].tolist()
    if column.dtype.kind == "f":
        # Nine digits give every float32 back, so that no tie is made or broken.
        return ["" if value != value else f"{value:.9g}" for value in values]
    return map(str, values)


def harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula: an apostrophe goes before what could be one;
    `_as_written` takes it off."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _as_written(text: str) -> str:
    return text[1:] if text.startswith("'") and text[1:].startswith(_FORMULA) else text


def _cell(value: object) -> object:
    return harmless(value) if isinstance(value, str) else value


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if set(text) & set(',"\n\r') else text


def _text(path: Path, mode: str) -> IO[str]:
    if path.suffix == ".gz":
        # No time stamp inside, so that the same run gives the same file.
        binary = gzip.GzipFile("", mode + "b", 4, path.open(mode + "b"), mtime=0)
        return io.TextIOWrapper(binary, encoding="utf-8", newline="")
    return path.open(mode, encoding="utf-8", newline="")


def _write_parquet(path: Path, columns: dict[str, Any]) -> None:
    arrow, parquet = _pyarrow(path)
    arrays = {
        name: arrow.DictionaryArray.from_arrays(column.codes, list(column.names))
        if isinstance(column, Labels)
        else column
        for name, column in columns.items()
    }
    parquet.write_table(arrow.table(arrays), path)


def _parquet_columns(path: Path) -> dict[str, Sequence[str]]:
    _, parquet = _pyarrow(path)
    table = parquet.read_table(path)
    return {
        name: ["" if value is None else str(value) for value in table[name].to_pylist()]
        for name in table.column_names
    }


def _pyarrow(path: Path) -> tuple[Any, Any]:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise DatasetError(
            f"{path}: Parquet needs pyarrow: pip install 'sigsearch[parquet]'; or use a .csv or "
            ".csv.gz file"
        ) from error
    return pyarrow, pyarrow.parquet
