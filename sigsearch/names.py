"""Names as text in one form, whichever system they were typed or copied on."""

from __future__ import annotations

import os
import re
import unicodedata

_ESCAPED = re.compile(rb"\\x([89a-f][0-9a-f])")  # what is no UTF-8 is no ASCII either


def one_form(name: str) -> str:
    """A name in Unicode's form NFC: "é" is one character, never "e" and an accent."""
    return unicodedata.normalize("NFC", as_text(name))


def as_text(name: str | os.PathLike[str]) -> str:
    """The name of a file or folder as valid Unicode; bytes that are not UTF-8 become `\\xfc`."""
    given = os.fspath(name)
    try:
        return given.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    except UnicodeEncodeError:  # half of a character, which stands for no byte
        return given.encode("utf-8", "backslashreplace").decode("utf-8")


def as_path(text: str) -> str:
    """The path that `as_text` was made from, where its bytes were not UTF-8."""
    given = text.encode("utf-8", "surrogateescape")
    return os.fsdecode(_ESCAPED.sub(lambda found: bytes([int(found[1], 16)]), given))


def told_apart(name: str) -> str:
    """A name with what is not ASCII spelt out, for names that look the same."""
    return as_text(name).encode("ascii", "backslashreplace").decode("ascii")


def natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """A sort key that puts 'user10' after 'user9'."""
    return tuple(
        (0, int(part), "") if part.isdecimal() else (1, 0, part)
        for part in re.split(r"(\d+)", text)
        if part
    )
