"""How records lie in bytes (docs/storage.md has the tables).

Numbers are little-endian in values and big-endian in keys, so that keys sort as numbers.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any, NamedTuple, ParamSpec, TypeVar

import numpy as np
import numpy.typing as npt

from sigsearch.errors import IndexCorrupt
from sigsearch.index.records import EncoderIdentity, Reference, Vector, Writer

_JSON = json.JSONEncoder(ensure_ascii=False, sort_keys=True, check_circular=False)
_STATE = struct.Struct("<QQ16sQQQQ")
_LOG_END = struct.Struct("<Q32s")
_WRITER = struct.Struct("<II")
_REFERENCE = struct.Struct("<Q32s")
_CHANGE = struct.Struct("<16sQI")
_U64 = struct.Struct("<Q")
_KEY = struct.Struct(">Q")
_SENSELESS = (
    struct.error, ValueError, KeyError, TypeError, IndexError, OverflowError, AttributeError,
    RecursionError,
)  # fmt: skip
Given = ParamSpec("Given")
T = TypeVar("T")
NOTHING: Vector = np.zeros(0, np.float32)


def _understood(unpack: Callable[Given, T]) -> Callable[Given, T]:
    """What a record leads to that is whole by its checksum, but was never written, gets a name."""

    @wraps(unpack)
    def named(*args: Given.args, **kwargs: Given.kwargs) -> T:
        try:
            return unpack(*args, **kwargs)
        except _SENSELESS as fault:
            raise IndexCorrupt(
                f"a record cannot be understood ({type(fault).__name__}: {fault}); try `sigsearch "
                "index check`"
            ) from fault

    return named


class LogEnd(NamedTuple):
    """Where the decision log ends: how many entries it has, and what stands for the last one."""

    entries: int = 0
    mark: bytes = bytes(32)


@dataclass(frozen=True, slots=True)
class State:
    """The one record that every change rewrites; `token` names this very change."""

    transaction: int = 0  # LMDB's number of the commit that wrote this
    generation: int = 0
    token: bytes = bytes(16)
    next_reference: int = 1
    next_writer: int = 1
    reference_count: int = 0
    writer_count: int = 0
    log: LogEnd | None = None  # format 1 does not know

    def pack(self) -> bytes:
        counters = _STATE.pack(
            self.transaction, self.generation, self.token, self.next_reference,
            self.next_writer, self.reference_count, self.writer_count,
        )  # fmt: skip
        return counters + (_LOG_END.pack(*self.log) if self.log else b"")

    @classmethod
    @_understood
    def unpack(cls, data: bytes) -> State:
        if len(data) == _STATE.size:
            return cls(*_STATE.unpack(data))
        end = LogEnd._make(_LOG_END.unpack(data[_STATE.size :]))
        fields: tuple[Any, ...] = (*_STATE.unpack_from(data), end)
        return cls(*fields)


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
    @_understood
    def unpack(cls, data: bytes) -> Change:
        token, next_reference, count = _CHANGE.unpack_from(data)
        removed = np.frombuffer(data, dtype="<u8", count=count, offset=_CHANGE.size)
        return cls(token, next_reference, tuple(removed.tolist()))


@dataclass(frozen=True, slots=True)
class Rows:
    """Vectors of references: ids (n,), writer ids (n,), vectors (n, d) float32."""

    ids: npt.NDArray[np.int64]
    writers: npt.NDArray[np.int64]
    vectors: npt.NDArray[np.float32]


number_key = _KEY.pack
"""A number as a key."""


def key_number(key: bytes) -> int:
    return int.from_bytes(key[:8], "big")


def split_keys(numbers: npt.NDArray[np.int64]) -> list[bytes]:
    """`number_key` of many."""
    joined = numbers.astype(">i8").tobytes()
    return [joined[at : at + 8] for at in range(0, len(joined), 8)]


def pack_number(number: int) -> bytes:
    return _U64.pack(number)


@_understood
def unpack_number(data: bytes) -> int:
    found: int = _U64.unpack(data)[0]
    return found


def pack_writer(name: str, references: int) -> bytes:
    encoded = name.encode("utf-8")
    return _WRITER.pack(references, len(encoded)) + encoded


@_understood
def unpack_writer(data: bytes) -> Writer:
    references, length = _WRITER.unpack_from(data)
    return Writer(data[_WRITER.size : _WRITER.size + length].decode("utf-8"), references)


def pack_vector(writer_id: int, vector: Vector) -> bytes:
    return _U64.pack(writer_id) + vector.astype("<f4", copy=False).tobytes()


@_understood
def unpack_vector(data: bytes) -> tuple[int, Vector]:
    return int.from_bytes(data[:8], "little"), np.frombuffer(data, dtype="<f4", offset=8).astype(
        np.float32
    )


@_understood
def unpack_rows(ids: npt.NDArray[np.int64], joined: bytes) -> Rows:
    """Many vector records at once."""
    rows = _rows(joined, len(ids))
    return Rows(ids, rows["writer"].astype(np.int64), rows["vector"].astype(np.float32))


def _rows(joined: bytes, count: int) -> npt.NDArray[np.void]:
    dimensions = len(joined) // max(1, count) // 4 - 2
    return np.frombuffer(joined, [("writer", "<i8"), ("vector", "<f4", (dimensions,))])


def pack_reference(writer_id: int, reference: Reference) -> bytes:
    document = {
        "source": reference.source,
        "metadata": dict(reference.metadata),
        "warnings": list(reference.warnings),
        "enrolled_at": reference.enrolled_at,
    }
    header = _REFERENCE.pack(writer_id, bytes.fromhex(reference.content_hash))
    return header + _JSON.encode(document).encode("utf-8")


@_understood
def unpack_reference(
    writer: str, vector: Vector, local: bytes, data: bytes
) -> tuple[int, Reference]:
    """Writer id and reference, with the readings that lie in other tables."""
    document = json.loads(data[_REFERENCE.size :])
    writer_id, _ = _REFERENCE.unpack_from(data)
    return writer_id, _reference(writer, vector, local, data, document)


@_understood
def unpack_references(
    writer: str, vectors: Sequence[bytes], locals_: Sequence[bytes], data: Sequence[bytes]
) -> list[Reference]:
    """All references of one writer at once, by their records in the three tables."""
    rows = _rows(b"".join(vectors), len(vectors))["vector"].astype(np.float32)
    # Parsed as one array, they take a third of the time.
    documents = json.loads(b"[" + b",".join(one[_REFERENCE.size :] for one in data) + b"]")
    records = zip(rows, locals_, data, documents, strict=True)
    return [_reference(writer, *record) for record in records]


def _reference(
    writer: str, vector: Vector, local: bytes, data: bytes, document: dict[str, Any]
) -> Reference:
    _, content_hash = _REFERENCE.unpack_from(data)
    document["warnings"] = tuple(document["warnings"])
    return Reference(writer, vector, local, content_hash.hex(), **document)


@_understood
def unpack_json(data: bytes) -> dict[str, Any]:
    """A JSON object."""
    document = json.loads(data)
    if not isinstance(document, dict):
        raise ValueError("no JSON object")
    return document


@_understood
def unpack_identity(data: bytes) -> EncoderIdentity:
    return EncoderIdentity(**unpack_json(data))
