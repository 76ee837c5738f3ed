"""Items to rows: read, encoded, packed as an index keeps them. What every process runs."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sigsearch.bulk.items import Item
from sigsearch.bulk.places import is_url, read_url
from sigsearch.documents.addresses import Address
from sigsearch.documents.intake import signature_to_enrol, signatures_in
from sigsearch.encoder import Encoder
from sigsearch.engine.template import pack_template
from sigsearch.errors import ImageError
from sigsearch.imaging import Signature
from sigsearch.imaging.sources import is_data_url
from sigsearch.names import as_text

Row = dict[str, Any]


def rows_of(items: Sequence[Item], encoder: str) -> list[Row]:
    """The rows of all items, in their order: one for each whose writer is known, as `index build`
    reads it; of others one for each signature that is found. What cannot be read is a row with its
    error. `encoder`: its folder, empty for the one that ships."""
    model = _opened(encoder)
    return [row for item in items for row in _rows(item, model)]


def failed(item: Item, why: str, model: str) -> Row:
    """The row of what cannot be read."""
    return {
        "id": item.id, "writer": item.writer, "source": _source(item), "sha256": None,
        "page": None, "box": None, "vector": None, "tokens": None,
        "metadata": list(item.metadata), "warnings": [], "error": as_text(why), "encoder": model,
    }  # fmt: skip


@lru_cache(maxsize=1)
def _opened(folder: str) -> Encoder:
    return Encoder.load(folder or None, threads=1)


def _rows(item: Item, encoder: Encoder) -> list[Row]:
    try:
        if item.fault:
            raise ImageError(f"{item.id}: {item.fault}")
        found = [_enrolled(item)] if item.writer else _all_on(item)
    except ImageError as fault:
        return [failed(item, f"{fault.code}: {fault}", encoder.card.id)]
    except Exception as fault:  # one image must not cost all others
        why = f"internal: {item.id}: {type(fault).__name__}: {fault}"
        return [failed(item, why, encoder.card.id)]
    return [_row(item, signature, encoder) for signature in found]


def _enrolled(item: Item) -> Signature:
    """What `index build` would enrol."""
    return signature_to_enrol(*_held(item))


def _all_on(item: Item) -> list[Signature]:
    source, _ = _held(item)
    return signatures_in(source, item.id)


def _held(item: Item) -> tuple[Any, str | None]:
    """The image, and what it is called where it does not say so itself."""
    source = item.source
    if isinstance(source, bytes):
        return source, item.id
    if not isinstance(source, str):
        return source.source, as_text(source.path)
    if is_url(source):
        address = Address.of(source)
        data = read_url(os.fspath(address.source), source)
        return Address(data, address.page, address.box, address.signature), source
    return source, None


def _row(item: Item, signature: Signature, encoder: Encoder) -> Row:
    readings = encoder.embed([signature])
    known = "" if item.writer else signature.name.removeprefix(item.id)  # `#page=2&signature=1`
    return {
        "id": item.id + known,
        "writer": item.writer,
        "source": _source(item) + known,
        "sha256": signature.content_hash,
        "page": signature.page,
        "box": signature.region,
        "vector": readings.vectors[0],
        "tokens": pack_template(readings, 0, signature),
        "metadata": list(item.metadata),
        "warnings": list(signature.warnings),
        "error": None,
        "encoder": encoder.card.id,
    }


def _source(item: Item) -> str:
    """Where an evidence sheet finds it again."""
    source = item.source
    if isinstance(source, bytes) or not source:
        return item.id
    if not isinstance(source, str):
        return as_text(source.path)
    if is_url(source) or is_data_url(source):
        return source
    return as_text(os.path.abspath(source))
