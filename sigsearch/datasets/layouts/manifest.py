"""A CSV manifest: columns `path,writer,kind`, and if wanted `split,group,script,number,hand,text`.

With `sheet` and `name` instead of `hand` and `text` the hand is a sheet of names by one person.
Paths are taken from the manifest's own folder; `kind` is `genuine` or `forgery`.
"""

from __future__ import annotations

import csv
from pathlib import Path

from sigsearch.datasets.layouts.shape import FileLayout
from sigsearch.datasets.samples import Kind, LeftOut, Sample
from sigsearch.errors import DatasetError

_REQUIRED = ("path", "writer", "kind")
_KINDS: dict[str, Kind] = {
    "genuine": "genuine",
    "g": "genuine",
    "original": "genuine",
    "forgery": "forgery",
    "forged": "forgery",
    "skilled": "forgery",
    "f": "forgery",
}


def read(path: Path) -> tuple[list[Sample], list[LeftOut]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise DatasetError(f"{path}: not UTF-8 text; save the manifest as UTF-8") from error
    lines = text.splitlines()
    header = lines[0] if lines else ""
    delimiter = max(",;\t", key=header.count)
    rows = csv.DictReader(lines, delimiter=delimiter)
    columns = [(name or "").strip().lower() for name in rows.fieldnames or ()]
    missing = [name for name in _REQUIRED if name not in columns]
    if missing:
        raise DatasetError(
            f"{path}: no column {', '.join(missing)}; a manifest needs {','.join(_REQUIRED)}, "
            f"this one has {', '.join(columns) or 'none'}"
        )
    rows.fieldnames = columns
    samples: list[Sample] = []
    left_out: list[LeftOut] = []
    for row in rows:
        fields = {name: (row.get(name) or "").strip() for name in columns}
        image = path.parent / fields["path"]
        kind = _KINDS.get(fields["kind"].lower())
        if not fields["writer"] or not fields["path"]:
            left_out.append(LeftOut(image, "a row without a path or a writer"))
        elif kind is None:
            reason = f"kind is neither genuine nor forgery: {fields['kind']!r}"
            left_out.append(LeftOut(image, reason))
        elif not image.is_file():
            left_out.append(LeftOut(image, "no such file"))
        else:
            samples.append(_sample(image, kind, fields))
    return samples, left_out


def _sample(image: Path, kind: Kind, fields: dict[str, str]) -> Sample:
    number = fields.get("number", "")
    sheet = fields.get("sheet", "")
    name = fields.get("name", "") if sheet else ""
    return Sample(
        image,
        fields["writer"],
        kind,
        number=int(number) if number.isdecimal() else 0,
        group=fields.get("group", ""),
        id=fields["path"],
        hand=fields.get("hand", "") or sheet,
        text=fields.get("text", "") or name,
        script=fields.get("script", ""),
        split=fields.get("split", ""),
    )


LAYOUT = FileLayout("csv", __doc__, (".csv", ".tsv"), read)
