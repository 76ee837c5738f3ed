"""Words in names that say which kind of signature it is, and not whose."""

from __future__ import annotations

import re
from collections.abc import Collection

from sigsearch.datasets.samples import Kind

_AROUND = r"(?:full[ _-]?|o(?:ff|n)[ _-]?line[ _-])?({})(?:[ _-](?:signatures?|samples?|images?))?"
_SURE: dict[Kind, re.Pattern[str]] = {
    "genuine": re.compile(_AROUND.format("genuines?|originals?|authentic|references?"), re.I),
    "forgery": re.compile(
        _AROUND.format("forg|forged|forger(?:y|ies)|(?:un)?skilled|imitations?|imitated"), re.I
    ),
}
# These may be somebody's name as well.
_PAIRED: dict[Kind, re.Pattern[str]] = {
    "genuine": re.compile(_AROUND.format("real|org|gen|true"), re.I),
    "forgery": re.compile(_AROUND.format("fakes?|faked|forge|false"), re.I),
}
_FORGED_FOLDER = re.compile(r"(.+)[_-](?:forg|forged|forger(?:y|ies)|fakes?|faked)", re.I)
# At the start, or standing alone where no name would be.
_FORGED_FILE = re.compile(
    r"^(?:forge|forger|fakes?|faked)(?![^\W\d_])"
    r"|(?<![^\W\d_])(?:forg|forged|forgery|forgeries)(?![^\W\d_])",
    re.I,
)


def kind_of_folder(name: str, beside: Collection[str]) -> Kind | None:
    """The kind that a folder's name says, when it says nothing else. `beside` are the names of the
    folders of the same parent: `real` is a kind beside `fake`, and somebody's name beside `anna`.
    """
    if name.lower() in ("full_org", "full_gen"):
        return "genuine"
    for kind, words in _SURE.items():
        if words.fullmatch(name):
            return kind
    for kind, words in _PAIRED.items():
        if words.fullmatch(name) and any(_is_other(kind, other) for other in beside):
            return kind
    return None


def _is_other(kind: Kind, name: str) -> bool:
    other: Kind = "forgery" if kind == "genuine" else "genuine"
    return bool(_SURE[other].fullmatch(name) or _PAIRED[other].fullmatch(name))


def forged_of(name: str, beside: Collection[str]) -> str | None:
    """`anna` for the folder `anna_forg` beside a folder `anna`: it holds forgeries of her."""
    found = _FORGED_FOLDER.fullmatch(name)
    return found[1] if found and found[1] in beside else None


def is_forged_file(stem: str, writer: str) -> bool:
    """Whether a file is named as a forgery, and not after a writer who is called so."""
    found = _FORGED_FILE.search(stem)
    return found is not None and found[0].lower() not in writer.lower()
