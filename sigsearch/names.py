"""Names as text in one form, whichever system they were typed or copied on."""

from __future__ import annotations

import os
import unicodedata


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
    parts = text.encode("utf-8", "surrogateescape").split(b"\\x")
    whole = parts[0]
    for part in parts[1:]:
        try:
            whole += bytes.fromhex(part[:2].decode("ascii")) + part[2:]
        except ValueError:
            whole += b"\\x" + part
    return os.fsdecode(whole)


def told_apart(name: str) -> str:
    """A name with what is not ASCII spelt out, for names that look the same."""
    return as_text(name).encode("ascii", "backslashreplace").decode("ascii")
