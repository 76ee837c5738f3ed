"""The image that a reference was enrolled from: an index keeps none, only where it lay."""

from __future__ import annotations

import os

from sigsearch.documents.addresses import Address
from sigsearch.documents.intake import signature_to_enrol
from sigsearch.errors import ImageError
from sigsearch.imaging import Signature
from sigsearch.names import as_path


def original(source: str, content_hash: str) -> Signature | None:
    """The signature in the file `source`, a path with or without `#page=N`; None when it is gone or
    no longer the same."""
    for path in dict.fromkeys((source, as_path(source))):
        try:
            # Only files: reading standard input or a pipe, which it may have come from, would block
            is_file = os.path.isfile(Address.of(path).source)
            signature = signature_to_enrol(path) if is_file else None
        except (ImageError, OSError, ValueError):
            continue
        if signature is not None and signature.content_hash == content_hash:
            return signature
    return None
