"""What is enrolled, and how a record lies in bytes (docs/storage.md has the tables).

Numbers are little-endian in values and big-endian in keys, so that keys sort as numbers.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from sigsearch.errors import ReferenceRefused

Vector = npt.NDArray[np.float32]

_STATE = struct.Struct("<QQ16sQQQQ")
_WRITER = struct.Struct("<II")
_REFERENCE = struct.Struct("<Q32s")
_CHANGE = struct.Struct("<16sQI")
_U64 = struct.Struct("<Q")
_KEY = struct.Struct(">Q")


@dataclass(frozen=True, slots=True)
class EncoderIdentity:
    """The encoder whose embeddings an index holds; no other may query it."""

    id: str
    preprocessing_version: int
    dimensions: int
    metric: str = "cosine"

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Reference:
    """An enrolled genuine specimen: its two readings and where it came from."""

    writer: str
    vector: Vector  # (d,) float32, unit length: the global reading
    local: bytes = b""  # tokens of the local reading; opaque here
    content_hash: str = ""  # hex sha256 of the image file
    source: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    enrolled_at: str = ""  # ISO 8601, UTC

    def to_dict(self) -> dict[str, Any]:
        """Everything but the templates (vector and tokens), fit for JSON."""
        return {
            "writer": self.writer,
            "content_hash": self.content_hash,
            "source": self.source,
            "metadata": dict(self.metadata),
            "warnings": list(self.warnings),
            "enrolled_at": self.enrolled_at,
        }


@dataclass(frozen=True, slots=True)
class Writer:
    """A person with references in the index."""

    name: str
    references: int

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class State:
    """The one record that every change rewrites; `token` names this very change."""

    transaction: int = 0  # LMDB's number of the commit that wrote this
    generation: int = 0
    token: bytes = bytes(16)
    next_reference: int = 1
    next_writer: int = 1
    references: int = 0
    writers: int = 0

    def pack(self) -> bytes:
        return _STATE.pack(
            self.transaction, self.generation, self.token, self.next_reference,
            self.next_writer, self.references, self.writers,
        )  # fmt: skip

    @classmethod
    def unpack(cls, data: bytes) -> State:
        return cls(*_STATE.unpack(data))


@dataclass(frozen=True, slots=True)
class Change:
    """What a generation did: references below `next_reference` exist, less `removed`."""

    token: bytes
    next_reference: int
    removed: tuple[int, ...] = ()

    def pack(self) -> bytes:
        ids = np.asarray(self.removed, dtype="<u8").tobytes()
        return _CHANGE.pack(self.token, self.next_reference, len(self.removed)) + ids

    @classmethod
    def unpack(cls, data: bytes) -> Change:
        token, next_reference, count = _CHANGE.unpack_from(data)
        removed = np.frombuffer(data, dtype="<u8", count=count, offset=_CHANGE.size)
        return cls(token, next_reference, tuple(removed.tolist()))


def number_key(number: int) -> bytes:
    return _KEY.pack(number)


def key_number(key: bytes) -> int:
    return int(_KEY.unpack_from(key)[0])


def pack_number(number: int) -> bytes:
    return _U64.pack(number)


def unpack_number(data: bytes) -> int:
    return int(_U64.unpack(data)[0])


def pack_writer(name: str, references: int) -> bytes:
    encoded = name.encode("utf-8")
    return _WRITER.pack(references, len(encoded)) + encoded


def unpack_writer(data: bytes) -> Writer:
    references, length = _WRITER.unpack_from(data)
    return Writer(data[_WRITER.size : _WRITER.size + length].decode("utf-8"), references)


def pack_vector(writer_id: int, vector: Vector) -> bytes:
    return _U64.pack(writer_id) + vector.astype("<f4", copy=False).tobytes()


def unpack_vector(data: bytes) -> tuple[int, Vector]:
    return unpack_number(data[:8]), np.frombuffer(data, dtype="<f4", offset=8).astype(np.float32)


def pack_reference(writer_id: int, reference: Reference) -> bytes:
    document = {
        "source": reference.source,
        "metadata": dict(reference.metadata),
        "warnings": list(reference.warnings),
        "enrolled_at": reference.enrolled_at,
    }
    header = _REFERENCE.pack(writer_id, bytes.fromhex(reference.content_hash))
    return header + json.dumps(document, ensure_ascii=False, sort_keys=True).encode("utf-8")


def unpack_reference(data: bytes) -> tuple[int, str, dict[str, Any]]:
    """Writer id, content hash (hex) and the document of a reference."""
    writer_id, content_hash = _REFERENCE.unpack_from(data)
    return writer_id, content_hash.hex(), json.loads(data[_REFERENCE.size :])


def check_reference(reference: Reference, dimensions: int) -> None:
    """Refuse what could not be stored or searched faithfully.

    Raises:
        ReferenceRefused: names the writer, what is wrong and what is expected.
    """
    who = f"a reference of writer {reference.writer!r}"
    check_writer_name(reference.writer)
    vector = np.asarray(reference.vector)
    if vector.shape != (dimensions,):
        raise ReferenceRefused(f"{who} has a vector of shape {vector.shape}, not ({dimensions},)")
    norm = float(np.linalg.norm(vector.astype(np.float64)))
    if not abs(norm - 1.0) < 1e-2:
        raise ReferenceRefused(f"{who} has a vector of length {norm:.4g}; unit length is expected")
    digits = reference.content_hash
    if len(digits) != 64 or digits.strip("0123456789abcdef"):
        raise ReferenceRefused(f"{who} has no content hash of 64 lower-case hex digits")


def check_writer_name(name: str) -> None:
    """Any Unicode text is a name, but not the empty one."""
    if not name:
        raise ReferenceRefused("a writer needs a name; the empty text is none")
    try:
        name.encode("utf-8")
    except UnicodeEncodeError as error:
        raise ReferenceRefused(f"the writer name {name!r} is not valid Unicode text") from error
