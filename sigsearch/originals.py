"""The image that a reference was enrolled from: an index keeps none, only where it lay."""

from __future__ import annotations

from pathlib import Path

from sigsearch.errors import ImageError
from sigsearch.imaging import Signature, read_signature


def original(source: str, content_hash: str) -> Signature | None:
    """The signature in the file `source`, or None when it is gone or no longer the same."""
    try:
        path = Path(source)
        signature = read_signature(path) if path.is_file() else None
    except (ImageError, OSError, ValueError):
        return None
    if signature is None or signature.content_hash != content_hash:
        return None
    return signature
