"""Questions as forms."""

from __future__ import annotations

import io
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import quote

from sigsearch.documents.addresses import Address
from sigsearch.engine.judge import Rates
from sigsearch.imaging.sources import (
    is_data_url,
    read_buffer,
    read_data_url,
    read_file,
    read_stream,
)

Form: TypeAlias = "list[tuple[str, Any]]"
"""Names and values; of a file its name and bytes."""


def place_of(writer: str) -> str:
    """The address of a writer."""
    return "/v1/writers/" + quote(writer, safe="").replace(".", "%2E")


def questioned(image: Any) -> Form:
    """An image, and where on it: a path may end in `#page=2&box=...`."""
    address = Address.of(image)
    asked = {"page": address.page, "signature": address.signature}
    form: Form = [(name, str(value)) for name, value in asked.items() if value]
    if address.box:
        form.append(("box", ",".join(map(str, address.box))))
    return [("image", file_of(address.source)), *form]


def search(k: int, fpir: float, candidates: int, where: Mapping[str, str] | None) -> Form:
    form: Form = [("k", str(k)), ("fpir", repr(fpir)), ("candidates", str(candidates))]
    return [*form, ("where", json.dumps(dict(where)))] if where else form


def stated(rates: Rates | None) -> Form:
    return [] if rates is None else [(name, str(one)) for name, one in asdict(rates).items()]


def file_of(image: Any) -> tuple[str, bytes]:
    """What an image is called, and its bytes. Raises ImageMissing and the like."""
    if is_data_url(image):
        return "data", read_data_url(image, "data URL")
    if isinstance(image, (str, os.PathLike)):
        place = Path(os.fsdecode(image))
        return place.name, read_file(place, str(place))
    if isinstance(image, (bytes, bytearray, memoryview)):
        return "image", read_buffer(image, "bytes")
    if hasattr(image, "read"):
        return "image", read_stream(image, "file")
    from PIL import Image

    picture, file = image if hasattr(image, "save") else Image.fromarray(image), io.BytesIO()
    picture.save(file, "PNG")
    return "image.png", file.getvalue()


def body_of(content: Form | dict[str, Any] | None) -> tuple[bytes | None, dict[str, str]]:
    if content is None:
        return None, {}
    if isinstance(content, dict):
        return json.dumps(content).encode(), {"Content-Type": "application/json"}
    edge = secrets.token_hex(16)
    parts: list[bytes] = []
    for name, value in content:
        head, data = f'form-data; name="{name}"', value
        if isinstance(value, tuple):
            label = value[0].encode("ascii", "replace").decode().replace('"', "'")
            head += f'; filename="{label}"\r\nContent-Type: application/octet-stream'
            data = value[1]
        data = data.encode() if isinstance(data, str) else data
        parts += [f"--{edge}\r\nContent-Disposition: {head}\r\n\r\n".encode(), data, b"\r\n"]
    whole = b"".join([*parts, f"--{edge}--\r\n".encode()])
    return whole, {"Content-Type": f"multipart/form-data; boundary={edge}"}
