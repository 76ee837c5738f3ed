"""A CSV manifest: columns `path,writer`, and if wanted `kind,split,group,script,number,hand,text`.

Paths are taken from the manifest's own folder, and may end in `#page=N`; `kind` is `genuine` (which
it is without the column) or `forgery`. With `sheet` and `name` instead of `hand` and `text` the
hand is a sheet of names by one person. Every other column is kept as metadata.
"""

from __future__ import annotations

from pathlib import Path

from sigsearch.datasets.csv_rows import Fields, Find, find_image, rows
from sigsearch.datasets.layouts.shape import FileLayout
from sigsearch.datasets.samples import Kind, LeftOut, Sample
from sigsearch.names import one_form

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


def read(path: Path, find: Find = find_image) -> tuple[list[Sample], list[LeftOut]]:
    samples: list[Sample] = []
    left_out: list[LeftOut] = []
    for line, fields, fault in rows(path, _REQUIRED, _KNOWN):
        image, wrong = find(path.parent, fields.get("path", ""))
        reason = fault or _wrong(fields) or wrong
        if reason:
            left_out.append(LeftOut(image, reason, line, failed=True))
        else:
            samples.append(_sample(image, fields, line))
    return samples, left_out


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
