"""What of a document is asked for: `statement.pdf#page=2`, `#page=2&box=900,2400,600,200`,
`#signature=2`."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace
from typing import Any

from sigsearch.errors import AddressUnclear
from sigsearch.imaging.sources import is_data_url

_PARTS = re.compile(r"((?:[#&](?:page|box|signature)=[\d,]{1,40})+)$")
_LIKE_PARTS = re.compile(r"((?:[#&](?:page|box|signature)=[^#&]*)+)$")
_BOX = re.compile(r"(\d{1,6}),(\d{1,6}),(\d{1,6}),(\d{1,6})")
_NUMBER = re.compile(r"\d{1,9}")
_COUNTED = "pages and signatures are counted from 1"
_BOX_IS = "a box is x,y,width,height in whole pixels, such as #box=900,2400,600,200"


@dataclass(frozen=True, slots=True)
class Address:
    """source: the document itself; page, signature: from 1; box: (x, y, width, height) in pixels of
    the page as `find` shows it."""

    source: Any
    page: int | None = None
    box: tuple[int, int, int, int] | None = None
    signature: int | None = None

    @classmethod
    def of(cls, source: Any) -> Address:
        """A path may end in what is asked for, unless a file is called that; an address is one."""
        if isinstance(source, cls):
            return source
        text = _path_in(source)
        found = _PARTS.search(text)
        if found is not None and not _is_there(text):
            return _parsed(text[: found.start()], found[1]) or cls(source)
        return cls(source)

    @property
    def chosen(self) -> bool:
        """Whether one signature is asked for, of however many."""
        return self.box is not None or self.signature is not None

    def asking(self, signature: int | None) -> Address:
        """The same, for one of the signatures where that is given. Raises AddressUnclear where the
        path asks for another."""
        if signature is not None and self.signature not in (None, signature):
            raise AddressUnclear(
                f"{self._called}: asks for signature {self.signature} and for {signature}; give one"
            )
        return self if signature is None else replace(self, signature=signature)

    def refuse_unclear(self, name: str | None = None) -> None:
        """Raise AddressUnclear for what no document can have, and for what contradicts itself."""
        path, end = self._misspelt()
        why = _misspelling(end) or _fault(self.page, self.box, self.signature)
        if why:
            raise AddressUnclear(f"{name or path or self._called}: {why}")

    def _misspelt(self) -> tuple[str, str]:
        """The two parts of a path that names no file, but would without its end."""
        text = _path_in(self.source)
        end = _LIKE_PARTS.search(text)
        if end is None or _is_there(text) or not _is_there(text[: end.start()]):
            return "", ""
        return text[: end.start()], end[1]

    @property
    def _called(self) -> str:
        return _path_in(self.source) or "the document"

    @property
    def fragment(self) -> str:
        """Without the source: `#page=2&signature=1`."""
        return fragment(self.page, self.box, self.signature)


def fragment(
    page: int | None = None,
    box: tuple[int, int, int, int] | None = None,
    signature: int | None = None,
) -> str:
    """The end of an address."""
    parts = [f"page={page}"] if page else []
    parts += [f"box={','.join(map(str, box))}"] if box else []
    parts += [f"signature={signature}"] if signature else []
    return "#" + "&".join(parts) if parts else ""


def _parsed(path: str, text: str) -> Address | None:
    """None where a part is not what it should be: then there is no such file."""
    if _misspelling(text):
        return None
    found: dict[str, Any] = {}
    for word, value in _pairs(text):
        box = _BOX.fullmatch(value)
        found[word] = tuple(map(int, box.groups())) if box else int(value)
    return Address(path, **found)


def _pairs(text: str) -> list[tuple[str, str]]:
    split = (part.partition("=") for part in re.split("[#&]", text)[1:])
    return [(word, value) for word, _, value in split]


def _misspelling(text: str) -> str:
    """What is wrong with the parts of an end; "" where each can be read."""
    pairs = _pairs(text)
    for word, value in pairs:
        if word == "box" and not _BOX.fullmatch(value):
            return f"box={value}: {_BOX_IS}"
        if word != "box" and not (_NUMBER.fullmatch(value) and int(value)):
            return f"{word}={value}: {_COUNTED}"
        if [one for one, _ in pairs].count(word) > 1:
            return f"asks for {word} more than once; give one"
    return ""


def _fault(page: int | None, box: tuple[int, int, int, int] | None, signature: int | None) -> str:
    """What is wrong with values that can be read each for itself."""
    for word, value in (("page", page), ("signature", signature)):
        if value is not None and value < 1:
            return f"{word}={value}: {_COUNTED}"
    if box is not None and min(box[2:]) < 1:
        return f"box={','.join(map(str, box))}: a box needs a width and a height; {_BOX_IS}"
    if box is not None and signature is not None:
        return "asks for a box and for a signature by its number; give one of them"
    return ""


def _path_in(source: Any) -> str:
    """ "" for what is no path."""
    text = os.fsdecode(source) if isinstance(source, (str, os.PathLike)) else ""
    return "" if text == "-" or is_data_url(text) else text


def _is_there(text: str) -> bool:
    try:
        return os.path.lexists(text)
    except ValueError:  # a NUL in the path
        return False
