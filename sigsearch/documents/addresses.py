"""What of a document is asked for: `statement.pdf#page=2`, `#page=2&box=900,2400,600,200`,
`#signature=2`."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace
from typing import Any

from sigsearch.imaging.sources import is_data_url

_PARTS = re.compile(r"((?:[#&](?:page|box|signature)=[\d,]{1,40})+)$")
_BOX = re.compile(r"(\d{1,6}),(\d{1,6}),(\d{1,6}),(\d{1,6})")
_NUMBER = re.compile(r"\d{1,9}")


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
        if isinstance(source, (str, os.PathLike)):
            text = os.fsdecode(source)
            found = None if text == "-" or is_data_url(text) else _PARTS.search(text)
            if found is not None and not os.path.lexists(text):
                return _parsed(text[: found.start()], found[1]) or cls(source)
        return cls(source)

    @property
    def chosen(self) -> bool:
        """Whether one signature is asked for, of however many."""
        return self.box is not None or self.signature is not None

    def asking(self, signature: int | None) -> Address:
        """The same, for one of the signatures where that is given."""
        return self if signature is None else replace(self, signature=signature)

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
    found: dict[str, Any] = {}
    for part in re.split("[#&]", text)[1:]:
        word, _, value = part.partition("=")
        box = _BOX.fullmatch(value)
        if word == "box" and box:
            found[word] = tuple(map(int, box.groups()))
        elif word != "box" and _NUMBER.fullmatch(value) and int(value) > 0:
            found[word] = int(value)
        else:
            return None
    return Address(path, **found)
