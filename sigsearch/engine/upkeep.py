"""A writer's references managed one by one: how a person names them."""

from __future__ import annotations

from collections.abc import Sequence

from sigsearch.errors import ReferenceUnknown
from sigsearch.index.records import Reference

_LEAST_DIGITS = 6


def find_reference(references: Sequence[Reference], named: str, writer: str) -> Reference:
    """The reference with this number in the list (from 1), this source, or a SHA-256 that begins
    so. Raises ReferenceUnknown for none or several."""
    if named.isdecimal() and len(named) < _LEAST_DIGITS:
        number = int(named)
        if not 1 <= number <= len(references):
            raise ReferenceUnknown(
                f"{writer!r} has {len(references)} references; there is no number {named}"
            )
        return references[number - 1]
    found = [one for one in references if one.source == named]
    if not found and len(named) >= _LEAST_DIGITS:
        found = [one for one in references if one.content_hash.startswith(named.lower())]
    if len(found) != 1:
        several = "several references" if found else "no reference"
        raise ReferenceUnknown(
            f"{writer!r} has {several} {named!r}; `sigsearch index references` lists them with "
            "their numbers"
        )
    return found[0]
