"""What is enrolled, and what is refused."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, fields
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt

from sigsearch.arguments import is_unicode
from sigsearch.errors import ArgumentRefused, ReferenceRefused
from sigsearch.schema import Jsonable, plain

Vector = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class EncoderIdentity(Jsonable):
    """The encoder whose embeddings an index holds; no other may query it."""

    id: str
    preprocessing_version: int
    dimensions: int
    metric: str = "cosine"

    @property
    def facts(self) -> str:
        """All but the id, for people."""
        version = f"preprocessing {self.preprocessing_version}"
        return f"{version}, {self.dimensions} dimensions, {self.metric}"


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
        templates = ("vector", "local")
        kept = [f.name for f in fields(self) if f.name not in templates]
        return {name: plain(getattr(self, name)) for name in kept}


@dataclass(frozen=True, slots=True)
class Writer(Jsonable):
    """A person with references in the index."""

    name: str
    reference_count: int


def check_reference(reference: Reference, dimensions: int) -> None:
    """Refuse what could not be stored or searched faithfully.

    Raises:
        ReferenceRefused: names the writer, what is wrong and what is expected.
    """
    who = f"a reference of writer {reference.writer!r}"
    check_writer_name(reference.writer)
    _check_texts(who, reference)
    if not isinstance(reference.local, bytes):
        raise ReferenceRefused(f"{who} has tokens that are not bytes")
    try:
        vector = np.asarray(reference.vector).astype(np.float32, copy=False)
    except (TypeError, ValueError) as error:
        raise ReferenceRefused(f"{who} has a vector that is not an array of numbers") from error
    if vector.shape != (dimensions,):
        raise ReferenceRefused(f"{who} has a vector of shape {vector.shape}, not ({dimensions},)")
    wide = vector.astype(np.float64)
    norm = math.sqrt(float(np.dot(wide, wide)))
    if not abs(norm - 1.0) < 1e-2:
        raise ReferenceRefused(f"{who} has a vector of length {norm:.4g}; unit length is expected")
    digits = reference.content_hash
    if not isinstance(digits, str) or len(digits) != 64 or digits.strip("0123456789abcdef"):
        raise ReferenceRefused(f"{who} has no content hash of 64 lower-case hex digits")


def as_vectors(values: npt.ArrayLike, dimensions: int) -> npt.NDArray[np.float32]:
    """(n, dimensions) float32. Raises ArgumentRefused for what is no such array of numbers."""
    try:
        found: npt.NDArray[np.float32] = np.atleast_2d(np.asarray(values, np.float32))
    except (TypeError, ValueError) as error:
        raise ArgumentRefused(f"vectors are arrays of numbers ({error})") from error
    if found.ndim != 2 or found.shape[1] != dimensions:
        raise ArgumentRefused(f"vectors of shape (n, {dimensions}) are expected, not {found.shape}")
    if not np.isfinite(found).all():
        raise ArgumentRefused("a vector holds a value that is not finite")
    return found


def _check_texts(who: str, reference: Reference) -> None:
    """Raises ReferenceRefused where something that is kept as text is none."""
    if not isinstance(reference.metadata, Mapping):
        raise ReferenceRefused(f"{who} has metadata that is not a mapping of texts to texts")
    if not isinstance(reference.warnings, (tuple, list)):
        raise ReferenceRefused(f"{who} has warnings that are not a list of texts")
    kept = (reference.source, reference.enrolled_at, *reference.warnings)
    with suppress(TypeError, UnicodeEncodeError):
        "".join((*kept, *reference.metadata, *reference.metadata.values())).encode()
        return
    told: dict[str, Iterable[object]] = {
        "the metadata": chain.from_iterable(reference.metadata.items()),
        "the warnings": reference.warnings,
        "the source or the date": (reference.source, reference.enrolled_at),
    }
    for what, texts in told.items():
        for text in texts:
            if not is_unicode(text):
                raise ReferenceRefused(f"{who}: {text!r} in {what} is not Unicode text")


def check_writer_name(name: str) -> None:
    """Any Unicode text is a name, but not the empty one."""
    if not isinstance(name, str):
        raise ReferenceRefused(f"a writer's name is a text, not {name!r}")
    if not name:
        raise ReferenceRefused("a writer's name must not be empty")
    try:
        name.encode("utf-8")
    except UnicodeEncodeError as error:
        raise ReferenceRefused(f"the writer name {name!r} is not valid Unicode text") from error
